"""The biennial files from 2020-21: one activity an outcome, receipts as type 1, spending by month, qualitative results.

Identifiers are IP20, IP22, IP24 or PMR26 and the outcome. A receipt whose provider is the ILO is regular-budget
technical cooperation (RBTC), not voluntary. RBSA stands in activities of its own, with XM-DAC-41144 as
funding organisation and provider.
"""

from __future__ import annotations

from dataclasses import dataclass

from ilo_iati.sample.donors import ILO_REF
from ilo_iati.sample.draws import draw
from ilo_iati.sample.flows_2020 import transactions
from ilo_iati.sample.parts import ILO_NAME, SITE, activities, activity, budget, contact, head, link, party, region
from ilo_iati.sample.places import TARGET_WORDS, Place, Theme
from ilo_iati.sample.plan import MARK, Project, Share, rbsa_shares, regular_budget_projects, shares
from ilo_iati.sample.xml import Element, cents, code, said

PREFIXES = {2020: "IP20", 2022: "IP22", 2024: "IP24", 2026: "PMR26"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One activity: an outcome of a biennium with everything that pays for it."""

    biennium: int
    code: str
    place: Place
    theme: Theme
    shares: tuple[Share, ...]
    regular_budget: Project | None

    @property
    def identifier(self) -> str:
        return f"{ILO_REF}-{MARK}-{PREFIXES[self.biennium]}-{self.code}"

    @property
    def language(self) -> str:
        return self.place.language if draw("language", self.identifier) < 0.7 else "EN"

    @property
    def projects(self) -> list[Project]:
        return list(dict.fromkeys(share.project for share in self.shares))


def outcomes(biennium: int) -> list[Outcome]:
    """Every outcome of a biennium in the order of its code; 2026-27 has only its first half year."""
    years = [year for year in (biennium, biennium + 1) if year <= 2026]
    grouped: dict[str, list[Share]] = {}
    for share in (share for year in years for share in (*shares(year), *rbsa_shares(year))):
        grouped.setdefault(share.project.outcome, []).append(share)
    own = {project.outcome: project for project in regular_budget_projects(biennium)}
    found = []
    for key in sorted({*grouped, *own}):
        project = grouped[key][0].project if key in grouped else own[key]
        parts = tuple(grouped.get(key, []))
        found.append(Outcome(biennium, key, project.place, project.theme, parts, own.get(key)))
    return found


def write(biennium: int, generated: str, part: int = 0) -> Element:
    """The file of a biennium; `part` 1 or 2 halves 2020-21 unevenly, as the ILO did, 0 is the whole."""
    found = outcomes(biennium)
    if part:
        found = [item for number, item in enumerate(found) if (number % 12 == 11) == (part == 2)]
    return activities("2.03", generated, [_activity(item) for item in found])


def _activity(item: Outcome) -> Element:
    language, title = item.language, item.theme.title(item.place)
    closed = item.biennium < 2026
    empty = draw("no description", item.identifier) < 0.04
    children = [
        *head(item.identifier, title, "" if empty else _description(item), language),
        *_parties(item),
        code("activity-status", "4" if closed else "2"),
        said("activity-date", "Sample start", language, {"iso-date": f"{item.biennium}-01-01", "type": "2"}),
        Element("activity-date", {"iso-date": f"{item.biennium + 1}-12-31", "type": "4" if closed else "3"}),
        contact("", language),
        code("activity-scope", "4" if item.place.is_country else "2" if "REGIONAL" in item.place.code else "1"),
        _place(item.place, language),
        *_sectors(item),
        _tag(item),
        code("policy-marker", "1", vocabulary="1", significance=item.theme.gender),
        code("collaboration-type", "4"),
        *_budgets(item),
        *transactions(item.identifier, item.shares, item.regular_budget, item.biennium),
        *[link(project.symbol, title, f"{item.biennium + 1}-12-31") for project in item.projects[:1]],
        Element("conditions", {"attached": "0"}),
        _result(item) if _has_result(item) else None,
    ]
    return activity(language, f"{SITE}/outcomes/{item.code}", children)


def _description(item: Outcome) -> str:
    return (
        f"Illustrative outcome on {item.theme.en} in {item.place.name}.\n"
        f"The sample's projects in this outcome: {len(item.projects)}; the workers' & employers' sides are made up."
    )


def _parties(item: Outcome) -> list[Element | None]:
    """Partners, the ILO in its roles, and each funder with the identifier of its own activity where it has one."""
    own = {"ref": ILO_REF, "kind": "40", "activity_id": item.identifier}
    found: list[Element | None] = []
    if draw("partner", item.identifier) < 0.15:
        found.append(party("4", "**********", "", "22"))
    if draw("unregistered", item.identifier) < 0.15:
        found.append(party("4", "Sample labour institute", "Not registered in IATI", "10"))
    if item.regular_budget is not None and not item.shares:
        found.append(party("1", ILO_NAME, **own))
    found += [
        party(role, ILO_NAME, **own) for role in ("2", "3", "4") if role != "3" or draw(role, item.identifier) < 0.4
    ]
    for project in item.projects:
        donor = project.donor
        ref = donor.ref if donor.suffix != "SCO" else "Not registered in IATI"
        found.append(party("1", donor.name, ref, donor.kind, project.donor_activity))
    return found


def _place(place: Place, language: str) -> Element:
    if place.is_country:
        return said("recipient-country", place.name, language, {"code": place.code, "percentage": "100"})
    if place.dac == 998:
        return said("recipient-region", place.name, language, {"code": "998", "vocabulary": "1", "percentage": "100"})
    return region(place)


def output_code(biennium: int, output: str) -> str:
    """The ILO's six-figure code of an output, e.g. `590082` for 8.2 in 2020-23, `600053` for 5.3 from 2024."""
    chapter, number = output.split(".")
    if chapter == "A":
        return f"{'71027' if biennium < 2024 else '70001'}{number}"
    return f"{'5900' if biennium < 2024 else '6000'}{chapter}{number}"


def _sectors(item: Outcome) -> list[Element | None]:
    theme, language = item.theme, item.language
    found: list[Element | None] = []
    for target in theme.targets:
        words = {"code": target, "vocabulary": "8", "percentage": str(100 // len(theme.targets))}
        found.append(said("sector", f"{target} {TARGET_WORDS[target]}", language, words))
    own = {"code": output_code(item.biennium, theme.output), "vocabulary": "99", "percentage": "100"}
    found.append(said("sector", f"Output {theme.output}. Sample wording: {theme.en}", language, own))
    two = draw("two purposes", item.identifier) < 0.2 and theme.purpose != "16020"
    first = {"code": theme.purpose, "vocabulary": "1", "percentage": "80" if two else "100"}
    name = "Labour Rights" if theme.purpose == "15180" else theme.purpose_name
    found.append(said("sector", name, language, first))
    if two:
        second = {"code": "16020", "vocabulary": "1", "percentage": "20"}
        found.append(said("sector", "Employment creation", language, second))
    return found


def _tag(item: Outcome) -> Element | None:
    """The ILO's own mark of work on the pandemic, with its relative vocabulary address."""
    if item.biennium > 2022 or draw("pandemic", item.identifier) > 0.2:
        return None
    attributes = {"code": "99", "vocabulary": "99", "vocabulary-uri": "/legacy/english/sample/iati-data/"}
    return said("tag", "Sample mark: part of the answer to COVID-19", item.language, attributes)


def _budgets(item: Outcome) -> list[Element | None]:
    """A revised budget a calendar year; some outcomes also keep the original; a few are zero or below."""
    found: list[Element | None] = []
    for year in (item.biennium, item.biennium + 1):
        usd = sum(share.usd for share in item.shares if share.year == year) * 100 or 12_345_67
        chance = draw("budget", item.identifier, year)
        amount = 0 if chance < 0.02 else -usd // 50 if chance < 0.03 else usd
        start, end = f"{year}-01-01", f"{year}-12-31"
        if chance > 0.7:
            found.append(budget(start, end, cents(usd * 9 // 10), "1"))
        found.append(budget(start, end, cents(amount), "2"))
    return found


def _has_result(item: Outcome) -> bool:
    """Results follow in the first quarter after the biennium; 2024-25 is not complete."""
    return item.biennium < 2024 or (item.biennium == 2024 and draw("reported", item.identifier) < 0.6)


def _result(item: Outcome) -> Element:
    """A qualitative result: measure 5 and a period without baseline, target or actual, as the ILO publishes."""
    language, end = item.language, f"{item.biennium + 1}-12-31"
    period = [
        Element("period-start", {"iso-date": f"{item.biennium}-01-01"}),
        Element("period-end", {"iso-date": end}),
    ]
    page = [
        said("title", "Sample results page", language),
        said("description", "Where results of the sample would be shown", language),
        code("category", "A08"),
        Element("document-date", {"iso-date": end}),
    ]
    indicator = [
        said("title", f"{item.theme.output}.1. Sample wording: countries that moved on {item.theme.en}", language),
        Element("period", children=period),
    ]
    children = [
        said("title", f"Output {item.theme.output}. Sample wording: {item.theme.en}", language),
        said("description", f"Illustrative result: progress on {item.theme.en} in {item.place.name}.", language),
        Element("document-link", {"format": "TEXT/HTML", "url": f"{SITE}/results"}, page),
        Element("indicator", {"measure": "5", "aggregation-status": "0"}, indicator),
    ]
    return Element("result", {"type": "2", "aggregation-status": "0"}, children)
