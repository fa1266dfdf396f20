"""Indicators on UN CEB's real figures against what tests/golden/indicators/ceb_by_hand.yml works out in full sight."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ilo_iati.indicators import compute
from ilo_iati.spec.indicator import load_register
from tests.conftest import shared_dir
from tests.unit.indicators.by_hand import amounts, stated, worked_out
from tests.unit.indicators.conftest import AS_OF

GOLDEN = Path(__file__).parents[2] / "golden" / "indicators" / "ceb_by_hand.yml"
BY_HAND = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
SERIES = [name for name in BY_HAND if "/" in name]
LINES = [(part, key, line) for part, lines in BY_HAND.items() for key, line in lines.items()]
# Real figures that are worked out with fewer digits, in USD million or per cent.
VOLUNTARY = {
    2012: 271.3, 2013: 281.2, 2014: 277.7, 2015: 225.0, 2016: 252.4, 2017: 293.0, 2018: 255.9, 2019: 294.2,
    2020: 299.3, 2021: 366.1, 2022: 399.1, 2023: 410.4, 2024: 452.4,
}  # fmt: skip
LOCAL = {2018: 8.14, 2019: 6.07, 2020: 4.82, 2021: 5.11, 2022: 4.98, 2023: 6.25, 2024: 7.06}


def series(tables, indicator: str, name: str) -> dict[int, float]:
    return {
        row["year"]: row["value"]
        for row in tables["mart.indicator_value"].to_pylist()
        if row["indicator_id"] == indicator and row["series"] == name
    }


@pytest.mark.parametrize(("part", "key", "line"), LINES, ids=lambda value: str(value)[:12])
def test_the_arithmetic_by_hand_is_right(part, key, line):
    assert abs(worked_out(line) - stated(line)) <= Decimal("0.000001"), f"{part} {key}"


def test_the_seven_indicators_asked_for_are_there():
    assert {name.split("/")[0] for name in SERIES} == {"F03", "F04", "F05", "F06", "F07", "D01", "D02"}


@pytest.mark.parametrize("name", SERIES)
def test_every_year_is_as_worked_out_by_hand(tables, name):
    found = {year: value for year, value in series(tables, *name.split("/")).items() if year >= 2012}
    expected = {year: float(stated(line)) for year, line in BY_HAND[name].items()}
    assert found == pytest.approx(expected, abs=1.1e-6)


@pytest.mark.parametrize(("name", "expected", "tolerance"), [("F01/ceb", VOLUNTARY, 0.051), ("F08/ceb", LOCAL, 0.0051)])
def test_voluntary_and_local_money_are_as_published(tables, name, expected, tolerance):
    found = {year: value for year, value in series(tables, *name.split("/")).items() if year >= 2012}
    assert found == pytest.approx(expected, abs=tolerance)


def test_baselines_2012_17(tables):
    rows = {row["indicator_id"]: row for row in tables["mart.indicator_baseline"].to_pylist()}
    for name, line in BY_HAND["baselines"].items():
        assert rows[name]["baseline_value"] == pytest.approx(float(stated(line)), abs=1.1e-6), name
    assert {name: rows[name]["years_found"] for name in ("F03", "D01", "F05", "F06")} == {
        "F03": 6, "D01": 5, "F05": 1, "F06": 0,
    }  # fmt: skip
    assert {rows[one]["baseline_status"] for one in ("F04", "F06", "F07", "F08")} == {"insufficient"}
    assert {rows[one]["baseline_value"] for one in ("F04", "F06", "F07", "F08")} == {None}


def test_status_of_the_two_recalled_targets(tables):
    rows = {row["indicator_id"]: row for row in tables["mart.indicator_status"].to_pylist()}
    for name, line in BY_HAND["shares_of_path"].items():
        assert rows[name]["path_ratio"] == pytest.approx(float(stated(line)), abs=1.1e-6)
    # 95.7 per cent of the path, and 70.4.
    assert (rows["F03"]["status"], rows["F03"]["target_status"]) == ("on_track", "unverified")
    assert rows["F05"]["status"] == "off_track"
    assert rows["F01"]["status"] == "monitored"


def test_the_year_in_progress_is_shown_but_not_judged(ceb):
    rows = compute(ceb, [one for one in load_register() if one.id == "F05"], date(2024, 6, 30))
    assert rows["mart.indicator_status"].to_pylist()[0]["actual_year"] == 2023
    values = [row for row in rows["mart.indicator_value"].to_pylist() if row["year"] == 2024]
    assert [row["is_complete"] for row in values] == [False]


def test_an_earlier_date_sees_no_later_year(ceb):
    rows = compute(ceb, [one for one in load_register() if one.id in ("F03", "D01")], date(2020, 3, 1))
    assert max(row["year"] for row in rows["mart.indicator_value"].to_pylist()) == 2020
    assert {row["actual_year"] for row in rows["mart.indicator_status"].to_pylist()} == {2019}


def test_the_same_inputs_give_the_same_tables(ceb, tables):
    ceb.execute("SET threads = 1")
    again = compute(ceb, load_register(), AS_OF)
    ceb.execute("RESET threads")
    assert {name: table.equals(tables[name]) for name, table in again.items()} == dict.fromkeys(tables, True)


def test_evidence_names_the_snapshot(tables):
    status = {row["indicator_id"]: row for row in tables["mart.indicator_status"].to_pylist()}
    found = {row["snapshot_set"]: row for row in tables["mart.indicator_evidence"].to_pylist()}
    assert found[status["F03"]["snapshot_set"]]["sha256"] == "c" * 64


@pytest.mark.shared
def test_the_amounts_by_hand_are_the_published_ones():
    by_type, by_name = _published(shared_dir("data", "ceb"))
    for name in ("F03/ceb", "F04/ceb", "F05/ceb", "F06/ceb", "F07/ceb", "F07/ceb_pct"):
        for year, line in BY_HAND[name].items():
            assert set(amounts(line)) <= set(by_type[year].values()) | {Decimal(0), Decimal(100), Decimal(1000000)}
    for year, line in BY_HAND["D01/ceb"].items():
        given = by_name[year].values()
        assert amounts(line) == [len(given), sum(1 for one in given if one <= 0)]
    for year, line in BY_HAND["D02/ceb"].items():
        given = sorted(by_name[year].values(), reverse=True)
        assert sorted(amounts(line)) == sorted([Decimal(100), *given[:5], sum(given)])
        squares = sum(one * one for one in given) / sum(given) ** 2
        assert abs(squares - stated(BY_HAND["D02/ceb_hhi"][year])) < Decimal("0.000001")


def _published(folder: Path) -> tuple[dict[int, dict[str, Decimal]], dict[int, dict[str, Decimal]]]:
    """Amounts by year and instrument; voluntary amounts by year and contributor."""
    by_type: dict[int, dict[str, Decimal]] = defaultdict(dict)
    by_name: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with (folder / "ilo_ceb_revenue_by_type_2011_2024.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            by_type[int(row["year"])][row["sub_type"]] = Decimal(row["amount_usd"])
    with (folder / "ilo_ceb_revenue_by_donor_2013_2024.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["type"] != "Assessed":
                by_name[int(row["year"])][row["contributor"]] += round(Decimal(row["amount_usd"]), 2)
    return by_type, by_name
