"""Every published check figure comes out of the warehouse within its stated tolerance, or it is said why none can."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ilo_iati.expect import spanning_suites
from ilo_iati.spec.reading import read_yaml
from tests.conftest import shared_dir

FIGURES: dict[str, Any] = read_yaml(Path(__file__).parents[1] / "golden" / "check_figures.yml")
GROUPS = {group["name"]: group for group in FIGURES["groups"]}
TOTALS = FIGURES["control_totals"]


@pytest.mark.parametrize("name", GROUPS)
def test_figures_of_a_group(warehouse, name):
    group = GROUPS[name]
    assert group["why"]
    for figure, expected in group["figures"].items():
        ((found,),) = warehouse.execute(group["query"].format(*str(figure).split())).fetchall()
        assert found is not None, figure
        assert float(found) == pytest.approx(expected, abs=group["tolerance"]), figure


@pytest.mark.parametrize("name", [name for name, total in TOTALS.items() if "query" in total])
def test_control_total(warehouse, name):
    total = TOTALS[name]
    ((amount, is_mean),) = warehouse.execute(
        "select amount_usd, is_mean from core.control_total where control_total_id = ?", [name]
    ).fetchall()
    ((found,),) = warehouse.execute(total["query"]).fetchall()
    assert total["why"]
    assert float(found) == pytest.approx(float(amount), rel=total["within_pct"] / 100), is_mean


def test_every_control_total_is_listed(warehouse):
    listed = warehouse.execute("select control_total_id from core.control_total").fetchall()
    assert {name for (name,) in listed} == set(TOTALS)
    assert all(total.get("with_nothing") or total["query"] for total in TOTALS.values())


def amounts(warehouse, *names) -> list[Decimal]:
    found = dict(warehouse.execute("select control_total_id, amount_usd from core.control_total").fetchall())
    return [found[name] for name in names]


def test_parts_and_bounds_among_the_published_figures(warehouse):
    whole, *parts = amounts(warehouse, "xbtc_2012_2013", "xbtc_2012_2013_governments", "xbtc_2012_2013_others")
    assert whole == sum(parts)
    by_april, biennium = amounts(warehouse, "rbsa_2018_2019_by_april", "rbsa_2018_2019")
    assert by_april < biennium


def test_the_largest_contributors_are_the_largest(warehouse):
    """The published list is not only right amount by amount: nobody larger was left out of it."""
    names = [str(figure).split() for figure in GROUPS["UN CEB, largest voluntary contributors"]["figures"]]
    for year in {one for one, _ in names}:
        rows = warehouse.execute(
            "select contributor_key from mart.ceb_contributor where year = ? order by voluntary_usd desc limit 6",
            [year],
        ).fetchall()
        assert {key for (key,) in rows} == {key for one, key in names if one == year}, year


def test_years_without_rbsa_have_none(warehouse):
    """'Voluntary un-earmarked' of 2015-17 is the old code for trust funds; 2019-20 have none."""
    rows = warehouse.execute(
        "select year, coalesce(unearmarked_usd, 0) from mart.ceb_year where year < 2018 or year in (2019, 2020)"
    ).fetchall()
    assert {amount for _, amount in rows} == {0}


def test_the_bundled_sample_meets_every_expectation_over_several_tables(warehouse):
    suites = {suite.subject for suite in spanning_suites()}
    assert {
        "dac_traps",
        "dac_assessed_against_ceb",
        "dac_outflow_against_aggregate",
        "reconciliation_adds_up",
    } <= suites
    said = warehouse.execute("select dataset, rule_id from audit.finding where stage = 'expectation'").fetchall()
    tables = {"core.dac_flow", "core.ceb_revenue", "core.control_total", "core.exchange_rate"}
    assert [row for row in said if row[0] in suites | tables] == []


@pytest.mark.shared
def test_every_published_figure_is_a_control_total(warehouse):
    """The list handed over with the data, row by row; the rank of a donor is no amount."""
    import csv

    known = {float(row[0]) for row in warehouse.execute("select amount_usd / 1e6 from core.control_total").fetchall()}
    with shared_dir("data", "published_figures.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["value"]]
    assert len(rows) == 24
    assert [row["measure"] for row in rows if float(row["value"]) not in known] == []
