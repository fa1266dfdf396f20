"""Which projects exist, when, where and with how much money: the plan that every writer and the DAC rows follow.

A donor runs `slots` projects side by side. In each slot one project follows another; most follow-ups keep the place
and the theme, so the outcome code (place, then 9 and the theme's number) comes back year after year and across
biennia: the lineage of the work can be followed by it, as in the ILO's own records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ilo_iati.sample.amounts import donor_usd, rbsa_usd
from ilo_iati.sample.donors import DONORS, RBSA, Donor
from ilo_iati.sample.draws import between, draw, pick, split
from ilo_iati.sample.places import PLACES, THEMES, Place, Theme

MARK = "SAMPLE"


@dataclass(frozen=True, slots=True)
class Project:
    """One project of one donor; `number` and `symbol` are of the sample's own range (9xxxxx, /9x/)."""

    number: int
    donor: Donor
    place: Place
    theme: Theme
    first_year: int
    last_year: int

    @property
    def outcome(self) -> str:
        """The code that comes back over the years, e.g. `KEN901`; RBSA has a range of its own, `KEN801`."""
        series = 8 if self.donor.suffix == RBSA.suffix else 9
        return f"{self.place.prefix}{series}{THEMES.index(self.theme) + 1:02d}"

    @property
    def symbol(self) -> str:
        """The project symbol, whose last part names the donor, e.g. `KEN/11/91/FRG`."""
        return f"{self.place.prefix}/{self.first_year % 100:02d}/{90 + self.number % 10}/{self.donor.suffix}"

    @property
    def donor_activity(self) -> str:
        """The donor's own activity identifier; '' where the donor has none. DAC rows carry it as project number."""
        return f"{self.donor.ref}-{MARK}-{self.number}" if self.donor.ref and self.donor.dac else ""

    @property
    def title(self) -> str:
        return self.theme.title(self.place)


@dataclass(frozen=True, slots=True)
class Share:
    """What one project receives in one year, in whole US dollars."""

    project: Project
    year: int
    usd: int


@cache
def slot_projects(donor: Donor, index: int, slot: int) -> tuple[Project, ...]:
    """The projects of one slot one after another, 2009 to 2027 at least."""
    key = (donor.suffix, slot)
    places = [place for place in PLACES if place.is_country or donor.suffix != "LOC"]
    place, theme = places[(index * 7 + slot * 11) % len(places)], THEMES[(index * 5 + slot * 3) % len(THEMES)]
    projects: list[Project] = []
    start = 2009 + between(0, 2, "start", *key)
    while start <= 2026:
        end = start + between(2, 4, "length", *key, start)
        number = 910_000 + index * 1000 + slot * 100 + len(projects)
        projects.append(Project(number, donor, place, theme, start, end))
        if draw("moves", *key, end) < 0.25:
            place, theme = pick(places, "place", *key, end), pick(THEMES, "theme", *key, end)
        start = end + 1
    return tuple(projects)


def running(donor: Donor, index: int, slot: int, year: int) -> Project:
    """The project of a slot in a year (the first one where the year is earlier)."""
    projects = slot_projects(donor, index, slot)
    return next((project for project in projects if project.last_year >= year), projects[-1])


@cache
def shares(year: int) -> tuple[Share, ...]:
    """Every donor's money of a year by project, RBSA left out; adds to CEB's figures as `amounts` says."""
    found: list[Share] = []
    given = donor_usd(year)
    for index, donor in enumerate(DONORS):
        if donor.suffix in given:
            weights = [0.5 + draw("weight", donor.suffix, slot, year) for slot in range(donor.slots)]
            parts = split(given[donor.suffix], weights)
            found += [Share(running(donor, index, slot, year), year, usd) for slot, usd in enumerate(parts)]
    return tuple(found)


@cache
def rbsa_shares(year: int) -> tuple[Share, ...]:
    """RBSA of a year by project."""
    weights = [0.5 + draw("weight", "RBS", slot, year) for slot in range(RBSA.slots)]
    parts = split(rbsa_usd(year), weights)
    return tuple(Share(running(RBSA, 80, slot, year), year, usd) for slot, usd in enumerate(parts))


def regular_budget_projects(biennium: int) -> tuple[Project, ...]:
    """Work the regular budget pays for (RBTC) in a biennium: no donor, ten outcomes of which most come back."""
    ilo = Donor("RBTC", "", "International Labour Organization", "", "XM-DAC-41302", "40", 1)
    countries = [place for place in PLACES if place.is_country]
    chosen = [countries[(n * 3 + (biennium // 4) * (n % 3)) % len(countries)] for n in range(10)]
    return tuple(
        Project(
            990_000 + biennium % 100 * 100 + n, ilo, place, THEMES[(n * 5 + 2) % len(THEMES)], biennium, biennium + 1
        )
        for n, place in enumerate(chosen)
    )
