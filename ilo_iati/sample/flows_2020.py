"""The transactions of one activity from 2020 on: receipts (1), transfers to partners (3), spending by month (4)."""

from __future__ import annotations

from ilo_iati.sample.donors import ILO_REF, Donor
from ilo_iati.sample.draws import between, draw
from ilo_iati.sample.parts import ILO_NAME, Money, transaction
from ilo_iati.sample.plan import Project, Share
from ilo_iati.sample.spending import Entry, by_label, month_label, monthly, receipts, spent_per_dollar
from ilo_iati.sample.xml import Element, cents, code, said

#: Earmarking category (aid-type vocabulary 2) of contributors that earmark less than a project.
SOFT = {"MUL": "2", "UND": "3", "RBS": "1"}


def transactions(
    identifier: str, shares: tuple[Share, ...], regular_budget: Project | None, biennium: int
) -> list[Element]:
    """All transactions of an activity, project by project."""
    found: list[Element] = []
    for project in dict.fromkeys(share.project for share in shares):
        own = [share for share in shares if share.project == project]
        found += [_receipt(identifier, share, entry) for share in own for entry in receipts(share)]
        found += _spending(identifier, project, own)
    if regular_budget is not None:
        found += _regular_budget(identifier, regular_budget, biennium)
    return found


def flow(donor: Donor) -> str:
    """Development grants are flow 10, core funds 35, other official and private money 50."""
    return "35" if donor.code == "0" else "10" if donor.dac or donor.kind == "40" else "50"


def earmarking(project: Project) -> str:
    """The earmarking category of a receipt: mostly 4, tightly earmarked."""
    if project.donor.suffix in SOFT:
        return SOFT[project.donor.suffix]
    chance = draw("earmarking", project.number)
    return "2" if chance < 0.05 else "3" if chance < 0.18 else "4"


def humanitarian(project: Project) -> str:
    """`1` for paid works, the sample's only humanitarian theme, else `0`."""
    return "1" if project.theme.purpose == "43030" else "0"


def _receipt(identifier: str, share: Share, entry: Entry) -> Element:
    project, donor = share.project, share.project.donor
    forward = entry.cents == 5
    words = "Sample: brought forward" if forward else project.title
    opening = Money(project.symbol, "1", entry.date, cents(entry.cents), humanitarian(project))
    return transaction(opening, [
        said("description", words),
        said("provider-org", donor.name, attributes=_provider(project)),
        _ilo_receiver(identifier),
        code("disbursement-channel", "2"),
        code("flow-type", flow(donor)),
        code("finance-type", "110"),
        code("aid-type", earmarking(project), vocabulary="2"),
        code("tied-status", "5"),
    ])  # fmt: skip


def _provider(project: Project) -> dict[str, str]:
    """Reference and type of the donor; `00000` where there is none; the donor's activity where it is known."""
    donor = project.donor
    ref = "XI-IATI-EC_INTPA" if donor.suffix == "EEC" else donor.ref
    if donor.suffix in ("LOC", "SCO"):
        ref = "00000"
    traced = draw("traced", project.number) < 0.6
    return {"ref": ref, "type": donor.kind, "provider-activity-id": project.donor_activity if traced else ""}


def _spending(identifier: str, project: Project, own: list[Share]) -> list[Element]:
    """A project's spending in the biennium; some of it goes to a partner (type 3), the rest month by month."""
    entries: list[Entry] = []
    partner: list[Element] = []
    for share in own:
        rate = 1.0 if project.donor.code == "0" else spent_per_dollar(share.year)
        total = round(share.usd * 100 * rate)
        if draw("partner", project.number, share.year) < 0.15:
            part = total // 10
            total -= part
            partner.append(_transfer(identifier, project, share.year, part))
        entries += monthly(total, share.year, project.number)
    return partner + [_month(identifier, project, entry) for entry in by_label(entries)]


def _transfer(identifier: str, project: Project, year: int, amount: int) -> Element:
    """Money handed to a partner whose name the ILO keeps to itself."""
    day = f"{year}-{between(1, 6, 'transfer', project.number, year):02d}-15"
    hidden = draw("hidden", project.number) < 0.5
    opening = Money(project.symbol, "3", day, cents(amount), humanitarian(project))
    return transaction(opening, [
        said("description", project.title),
        _ilo_provider(identifier),
        said("receiver-org", "**********" if hidden else "Sample partner", attributes={"type": "22"}),
        code("disbursement-channel", "2"),
        code("flow-type", flow(project.donor)),
        code("finance-type", "110"),
        code("aid-type", "4", vocabulary="2"),
        code("tied-status", "5"),
    ])  # fmt: skip


def _month(identifier: str, project: Project, entry: Entry) -> Element:
    opening = Money(project.symbol, "4", entry.date, cents(entry.cents), humanitarian(project))
    kind = "1" if project.donor.code == "0" else "4"
    return transaction(opening, _spent(identifier, entry, flow(project.donor), kind))


def _spent(identifier: str, entry: Entry, flow_type: str, earmarked: str) -> list[Element | None]:
    return [
        said("description", f"Sample spending of {month_label(entry.date)}"),
        _ilo_provider(identifier),
        said("receiver-org", ""),
        code("disbursement-channel", "2"),
        code("flow-type", flow_type),
        code("aid-type", earmarked, vocabulary="2"),
    ]


def _ilo_provider(identifier: str) -> Element:
    return said("provider-org", ILO_NAME, attributes={"ref": ILO_REF, "type": "40", "provider-activity-id": identifier})


def _ilo_receiver(identifier: str) -> Element:
    return said("receiver-org", ILO_NAME, attributes={"ref": ILO_REF, "type": "40", "receiver-activity-id": identifier})


def _regular_budget(identifier: str, project: Project, biennium: int) -> list[Element]:
    """RBTC: the ILO pays itself from the regular budget, then spends by month; none of it is voluntary."""
    ref, found, entries = f"{99_000 + project.number % 1000}-{project.outcome}", [], []
    for year in (year for year in (biennium, biennium + 1) if year <= 2026):
        amount = between(150_000, 4_000_000, "regular budget", project.number, year)
        opening = Money(ref, "1", f"{year}-{between(1, 6, 'rbtc', project.number, year):02d}-10", cents(amount))
        found.append(transaction(opening, [
            said("description", "RBTC: technical cooperation from the regular budget (sample)"),
            _ilo_provider(identifier),
            _ilo_receiver(identifier),
            code("disbursement-channel", "2"),
            code("flow-type", "50"),
            code("finance-type", "110"),
            code("aid-type", "1", vocabulary="2"),
            code("tied-status", "5"),
        ]))  # fmt: skip
        entries += monthly(amount * 9 // 10, year, "rbtc", project.number)
    rows = [
        transaction(Money(ref, "4", e.date, cents(e.cents)), _spent(identifier, e, "50", "4"))
        for e in by_label(entries)
    ]
    return found + rows
