"""The money of the sample: fitted to UN CEB as stated, counted in the XML itself."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache

import pytest
from lxml import etree

from ilo_iati.sample import DATASETS, ceb, dataset_bytes
from ilo_iati.sample.amounts import CONTRIBUTION_SHARE, SPENDING_SHARE, donor_usd, rbsa_usd, voluntary_usd
from ilo_iati.sample.donors import DONORS, RBSA_REF

YEARS = range(2012, 2025)
Totals = dict[int, Decimal]


@cache
def counted() -> tuple[Totals, Totals]:
    """Contributions and voluntary spending by year, by the rule of each era, from the XML."""
    given: Totals = defaultdict(Decimal)
    spent: Totals = defaultdict(Decimal)
    for name in DATASETS:
        for activity in etree.fromstring(dataset_bytes(name)).findall("iati-activity"):
            funded_by_rbsa = is_rbsa(activity)
            for row in activity.findall("transaction"):
                kind = row.find("transaction-type").get("code")
                year = int(row.find("transaction-date").get("iso-date")[:4])
                usd = Decimal(row.findtext("value"))
                if is_regular_budget(row):
                    continue
                if kind in ("1", "2") or (funded_by_rbsa and year < 2019):
                    given[year] += usd
                if kind in ("3", "4"):
                    spent[year] += usd
    return given, spent


def is_rbsa(activity: etree._Element) -> bool:
    funders = activity.findall("participating-org[@role='1']")
    return any(RBSA_REF in (funder.get("ref"), funder.findtext("narrative")) for funder in funders)


def is_regular_budget(row: etree._Element) -> bool:
    """RBTC: the reference begins with a number, not with a place."""
    return row.get("ref", "")[:1].isdigit()


@pytest.mark.parametrize("year", YEARS)
def test_contributions_are_the_stated_share_of_ceb(year: int) -> None:
    assert counted()[0][year] == voluntary_usd(year) == round(ceb.voluntary(year) * CONTRIBUTION_SHARE)


@pytest.mark.parametrize("year", YEARS)
def test_spending_is_the_stated_share_of_ceb(year: int) -> None:
    share = counted()[1][year] / ceb.voluntary(year)
    assert float(share) == pytest.approx(float(CONTRIBUTION_SHARE if year < 2020 else SPENDING_SHARE), abs=1e-6)


@pytest.mark.parametrize("year", range(2013, 2025))
def test_each_named_donor_has_the_same_share_of_its_own_line(year: int) -> None:
    for donor in DONORS:
        line = ceb.by_donor().get((year, donor.ceb, "E"), Decimal(0))
        if donor.is_named and line > 0:
            assert donor_usd(year)[donor.suffix] == round(line * CONTRIBUTION_SHARE)


def test_the_parts_of_a_year_add_up() -> None:
    for year in range(2012, 2027):
        assert sum(donor_usd(year).values()) + rbsa_usd(year) == voluntary_usd(year)


def test_ceb_figures_of_the_baseline() -> None:
    baseline = range(2012, 2018)
    voluntary = sum(ceb.voluntary(year) for year in baseline)
    assert round(voluntary / 6 / 1_000_000, 1) == Decimal("266.8")
    assert round(100 * voluntary / sum(ceb.total(year) for year in baseline), 1) == Decimal("38.7")


def test_ceb_is_complete() -> None:
    assert {year for year, _ in ceb.by_type()} == set(range(2011, 2025))
    assert len(ceb.revenue_by_type_csv().splitlines()) == 75
    both = [ceb.revenue_by_donor_csv(part).splitlines()[1:] for part in (True, False)]
    assert sum(map(len, both)) == 2887
    assert b"2023,European Union,Voluntary earmarked" in b"\n".join(both[1])
