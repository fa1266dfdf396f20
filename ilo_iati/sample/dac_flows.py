"""What DAC members would report of their money to the ILO: illustrative flows fitted to UN CEB's contributor lines.

No real donor rows could be had, so these are made: core flows on channel 41302 are 60 % of CEB's assessed line (the
share the DAC counts), RBSA on 41144 follows CEB's un-earmarked lines of 2018 and 2021-24, earmarked flows follow
CEB's earmarked lines project by project with a timing factor of 0.93 to 1.05 of our own. The ILO's rows as donor 940
add to the published yearly disbursements of 2015-19. Millions of US dollars; constant prices by an index of our own
with base 2023.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from ilo_iati.sample import ceb
from ilo_iati.sample.amounts import CONTRIBUTION_SHARE, LAST_CEB_YEAR
from ilo_iati.sample.donors import DONORS, OTHER_MEMBERS
from ilo_iati.sample.draws import draw, pick, split
from ilo_iati.sample.places import PLACES, THEMES
from ilo_iati.sample.plan import Project, shares

YEARS = range(2012, LAST_CEB_YEAR + 1)
BASE_YEAR = 2023
#: Share of the assessed contribution that counts as development aid, DAC channel coefficient of 41302 since 2009.
ASSESSED_COEFFICIENT = Decimal("0.60")
CHANNELS = {
    "41302": "International Labour Organisation - Assessed Contributions",
    "41144": "International Labour Organisation - Regular Budget Supplementary Account",
    "41701": "International Labour Organisation - non-core",
}
#: The ILO's disbursements as CRS donor 940, millions of US dollars, as published for 2015-19.
OUTFLOWS = {2015: "285.735", 2016: "239.634", 2017: "269.636", 2018: "226.513", 2019: "280.723"}


@dataclass(frozen=True, slots=True)
class Flow:
    """One activity in one year. `committed` and `disbursed` in millions of US dollars, current prices."""

    year: int
    donor: int
    donor_name: str
    agency: str
    crs_id: str
    project_number: str
    recipient: int
    recipient_name: str
    region: int
    channel: str
    channel_reported: str
    bi_multi: int
    aid_type: str
    purpose: str
    purpose_name: str
    title: str
    committed: Decimal
    disbursed: Decimal

    @property
    def is_core(self) -> bool:
        return self.bi_multi == 2

    def constant(self, amount: Decimal) -> Decimal:
        """`amount` in prices of BASE_YEAR, two per cent a year: an index made up for the sample."""
        return _six(amount * Decimal("1.02") ** (BASE_YEAR - self.year))


def _six(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.000001"))


def _members() -> list[tuple[str, str, int]]:
    """DAC reporters as (CEB's name, DAC's name, DAC code)."""
    return [(donor.ceb, donor.dac_name, donor.dac) for donor in DONORS if donor.dac] + list(OTHER_MEMBERS)


@cache
def contributions(year: int) -> tuple[Flow, ...]:
    """Every flow of DAC members to and through the ILO in a year."""
    return (*_core(year), *_earmarked(year))


def _core(year: int) -> Iterator[Flow]:
    """Dues and RBSA, unallocated by country. CEB's lines begin in 2013; 2012 takes those of 2013."""
    lines = ceb.by_donor()
    modality = "B021" if year >= 2021 else "B02"
    for ceb_name, name, code in _members():
        due = lines.get((max(year, 2013), ceb_name, "A"), Decimal(0)) * ASSESSED_COEFFICIENT
        gift = lines.get((year, ceb_name, "U"), Decimal(0)) if year >= 2018 else Decimal(0)
        for channel, usd in (("41302", due), ("41144", gift)):
            if usd > 0:
                amount = _six(usd / 1_000_000)
                yield Flow(
                    year, code, name, "Sample agency", f"S{year}{code:03d}{channel}", f"SAMPLE-{channel}-{year}", 998,
                    "Developing countries, unspecified", 998, channel, "ILO (sample)", 2, modality, "99810",
                    "Sectors not specified", f"Sample: core contribution, {CHANNELS[channel]}", amount, amount,
                )  # fmt: skip


def _earmarked(year: int) -> Iterator[Flow]:
    """One flow a project whose donor reports to the DAC; the donor's project number links it to the IATI rows."""
    for share in shares(year):
        project = share.project
        if project.donor.dac:
            paid = Decimal(share.usd) / CONTRIBUTION_SHARE / 1_000_000
            disbursed = _six(paid * Decimal(str(round(0.93 + 0.12 * draw("timing", project.number, year), 4))))
            committed = _six(disbursed * Decimal(str(round(draw("committed", project.number, year) * 2, 4))))
            yield _project_flow(project, year, committed, disbursed)


def _project_flow(project: Project, year: int, committed: Decimal, disbursed: Decimal) -> Flow:
    donor, place, theme = project.donor, project.place, project.theme
    chance = draw("channel", project.number, year)
    channel = "41144" if chance < 0.03 else "41701" if year >= 2021 and chance < 0.5 else "41302"
    pooled = draw("modality", project.number) < 0.2
    aid_type = ("B033" if year >= 2021 else "B03") if pooled else "C01"
    number = project.donor_activity or f"{donor.suffix}-SAMPLE-{project.number}"
    return Flow(
        year, donor.dac, donor.dac_name, donor.name, f"S{project.number}{project.first_year}", number, place.dac,
        place.dac_name, place.dac_region, channel, "ILO (sample)", 1, aid_type, theme.purpose, theme.purpose_name,
        project.title, committed, disbursed,
    )  # fmt: skip


@cache
def outflows(year: int) -> tuple[Flow, ...]:
    """The ILO's own spending as CRS donor 940, agencies 1 to 3, by country; nothing before 2015."""
    if year < 2015:
        return ()
    total = Decimal(OUTFLOWS.get(year, "250"))
    countries = [place for place in PLACES if place.is_country]
    weights = [0.2 + draw("outflow", place.code, year) for place in countries]
    millionths = split(int(total * 1_000_000), weights)
    agencies = ("Regular budget", "Regular budget technical cooperation", "Regular Budget Supplementary Account")
    return tuple(
        Flow(
            year, 940, "International Labour Organisation", pick(agencies, "agency", place.code, year),
            f"S940{year}{place.dac:03d}", f"SAMPLE-{place.prefix}", place.dac, place.dac_name, place.dac_region,
            "41302", "ILO (sample)", 4, "C01", theme.purpose, theme.purpose_name, theme.title(place), amount, amount,
        )
        for place, theme, amount in (
            (place, THEMES[n % len(THEMES)], Decimal(part) / 1_000_000)
            for n, (place, part) in enumerate(zip(countries, millionths, strict=True))
        )
    )  # fmt: skip
