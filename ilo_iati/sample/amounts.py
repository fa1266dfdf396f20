"""How much each donor gives in each year of the sample: a stated share of what UN CEB publishes.

For 2012-2024 the voluntary contributions of a year add to CONTRIBUTION_SHARE of CEB's R02 + R03, and each donor CEB
names has that same share of its own amount; what CEB leaves unnamed goes to made-up contributors
(`donors.REMAINDER`). 2012 has no donor lines, so it borrows the pattern of 2013. 2025 and 2026 have no CEB figures:
they follow 2024 at the levels of LATER_LEVELS, which are ours. All amounts are whole US dollars; `cents` are exact
integers.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from ilo_iati.sample import ceb
from ilo_iati.sample.donors import DONORS, REMAINDER, REMAINDER_BEFORE_2014
from ilo_iati.sample.draws import split

FIRST_YEAR, LAST_YEAR, LAST_CEB_YEAR = 2012, 2026, 2024
#: Voluntary contributions of the sample as a share of CEB's voluntary revenue, every year 2012-2024: clear of the 10 %
#: within which the reconciliation calls two clocks agreed, or rounding would decide.
CONTRIBUTION_SHARE = Decimal("0.92")
#: Spending of voluntary funds against CEB's voluntary revenue from 2020; up to 2019 spending equals contributions.
SPENDING_SHARE = Decimal("0.81")
#: Levels of the years CEB has not published, against 2024; 2026 ends in June.
LATER_LEVELS = {2025: Decimal("0.85"), 2026: Decimal("0.35")}
#: RBSA in US dollars where CEB gives neither R02A nor R03B: 36 million for 2012-13 is the ILO's figure, the rest ours.
RBSA_ASSUMED = {
    2012: 18_000_000,
    2013: 18_000_000,
    2014: 15_000_000,
    2015: 15_000_000,
    2016: 15_000_000,
    2017: 15_000_000,
}


def level(year: int) -> tuple[int, Decimal]:
    """The CEB year a sample year is modelled on, and the factor to its amounts."""
    if year in LATER_LEVELS:
        return LAST_CEB_YEAR, CONTRIBUTION_SHARE * LATER_LEVELS[year]
    return year, CONTRIBUTION_SHARE


def voluntary_usd(year: int) -> int:
    """All voluntary contributions of a sample year, whole US dollars."""
    modelled, factor = level(year)
    return round(ceb.voluntary(modelled) * factor)


def rbsa_usd(year: int) -> int:
    """Core voluntary funds (RBSA) of a sample year, whole US dollars."""
    modelled, factor = level(year)
    revenue = ceb.by_type()
    published = revenue.get((modelled, "R02A")) or revenue.get((modelled, "R03B"))
    return round((published or Decimal(RBSA_ASSUMED[modelled])) * factor)


@cache
def donor_usd(year: int) -> dict[str, int]:
    """Earmarked contributions of a year by donor suffix, whole US dollars; with RBSA they add to `voluntary_usd`."""
    modelled, factor = level(year)
    if modelled == FIRST_YEAR:
        modelled, factor = 2013, factor * ceb.voluntary(2012) / ceb.voluntary(2013)
    lines = ceb.by_donor()
    given = {d.suffix: round(lines.get((modelled, d.ceb, "E"), Decimal(0)) * factor) for d in DONORS if d.is_named}
    rest = voluntary_usd(year) - rbsa_usd(year) - sum(given.values())
    weights = REMAINDER if year > 2013 else REMAINDER_BEFORE_2014
    for suffix, usd in zip(weights, split(rest, list(weights.values())), strict=True):
        given[suffix] = given.get(suffix, 0) + usd
    return {suffix: usd for suffix, usd in given.items() if usd > 0}
