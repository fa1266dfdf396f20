"""Indicators on UN CEB's real figures against values worked out by hand from the published files (USD, two ways).

The expected figures below were computed outside this project's code: spreadsheet sums over UN CEB's revenue of the ILO
by instrument (revenue by sub-agency) and by contributor, then typed in here.
"""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.indicators import compute
from ilo_iati.spec.indicator import load_register
from tests.unit.indicators.ceb import warehouse_with_ceb
from tests.unit.marts.warehouse import build

AS_OF = date(2026, 11, 23)

VOLUNTARY = {
    2012: 271.3, 2013: 281.2, 2014: 277.7, 2015: 225.0, 2016: 252.4, 2017: 293.0, 2018: 255.9, 2019: 294.2,
    2020: 299.3, 2021: 366.1, 2022: 399.1, 2023: 410.4, 2024: 452.4,
}  # fmt: skip
SHARE = {
    2012: 37.6, 2013: 38.7, 2014: 39.7, 2015: 35.2, 2016: 37.7, 2017: 42.9, 2018: 37.0, 2019: 40.5,
    2020: 40.1, 2021: 42.5, 2022: 47.0, 2023: 44.6, 2024: 43.1,
}  # fmt: skip
LIGHT = {2018: 7.6, 2019: 8.1, 2020: 10.2, 2021: 12.2, 2022: 15.6, 2023: 18.2, 2024: 10.6}
# 12726186.70 / 255921726.43; nothing under R02 in 2019-20; 15999918 / 366130170; ... ; 16432268 / 452440092.
UNEARMARKED = {2018: 4.97, 2019: 0.0, 2020: 0.0, 2021: 4.37, 2022: 4.14, 2023: 4.12, 2024: 3.63}
RBSA = {2018: 12.726, 2019: 14.520, 2020: 18.452, 2021: 16.000, 2022: 16.537, 2023: 16.906, 2024: 16.432}
POOLED = {2018: 6.720, 2019: 9.347, 2020: 12.172, 2021: 28.825, 2022: 45.921, 2023: 57.835, 2024: 31.328}
POOLED_PCT = {2018: 2.63, 2019: 3.18, 2020: 4.07, 2021: 7.87, 2022: 11.51, 2023: 14.09, 2024: 6.92}
CONTRIBUTORS = {
    2013: 37, 2014: 44, 2015: 44, 2016: 44, 2017: 50, 2018: 63, 2019: 55, 2020: 53, 2021: 56, 2022: 54, 2023: 53,
    2024: 55,
}  # fmt: skip
TOP_FIVE = {
    2013: 58.7, 2014: 49.7, 2015: 49.2, 2016: 57.4, 2017: 54.1, 2018: 50.6, 2019: 57.0, 2020: 61.6, 2021: 64.7,
    2022: 58.7, 2023: 54.5, 2024: 61.3,
}  # fmt: skip
HHI = {
    2013: 0.0975, 2014: 0.0765, 2015: 0.0768, 2016: 0.0868, 2017: 0.0819, 2018: 0.0755, 2019: 0.0850, 2020: 0.0909,
    2021: 0.1007, 2022: 0.0876, 2023: 0.0786, 2024: 0.0905,
}  # fmt: skip
LOCAL = {2018: 8.14, 2019: 6.07, 2020: 4.82, 2021: 5.11, 2022: 4.98, 2023: 6.25, 2024: 7.06}


@pytest.fixture(scope="module")
def tables():
    db = warehouse_with_ceb()
    build(db)
    return compute(db, load_register(), AS_OF)


def series(tables, indicator: str, name: str) -> dict[int, float]:
    return {
        row["year"]: row["value"]
        for row in tables["mart.indicator_value"].to_pylist()
        if row["indicator_id"] == indicator and row["series"] == name
    }


@pytest.mark.parametrize(
    ("indicator", "name", "expected", "tolerance"),
    [
        ("F01", "ceb", VOLUNTARY, 0.051),
        ("F03", "ceb", SHARE, 0.051),
        ("F04", "ceb", UNEARMARKED, 0.0051),
        ("F05", "ceb", LIGHT, 0.051),
        ("F06", "ceb", RBSA, 0.00051),
        ("F07", "ceb", POOLED, 0.00051),
        ("F07", "ceb_pct", POOLED_PCT, 0.0051),
        ("F08", "ceb", LOCAL, 0.0051),
        ("D01", "ceb", CONTRIBUTORS, 0),
        ("D02", "ceb", TOP_FIVE, 0.051),
        ("D02", "ceb_hhi", HHI, 0.000051),
    ],
)
def test_every_year_is_as_computed_by_hand(tables, indicator, name, expected, tolerance):
    found = {year: value for year, value in series(tables, indicator, name).items() if year >= 2012}
    assert found.keys() == expected.keys()
    for year, value in expected.items():
        assert found[year] == pytest.approx(value, abs=tolerance), year


def test_baselines_2012_17(tables):
    rows = {row["indicator_id"]: row for row in tables["mart.indicator_baseline"].to_pylist()}
    assert round(rows["F01"]["baseline_value"], 1) == 266.8
    assert round(rows["F03"]["baseline_value"], 1) == 38.7
    assert rows["F03"]["years_found"] == 6
    assert rows["F05"]["baseline_value"] == pytest.approx(7.6, abs=0.05)
    # Five years of six have contributors (2013-17): the mean of 37, 44, 44, 44 and 50.
    assert rows["D01"]["baseline_value"] == pytest.approx(43.8)
    assert rows["D02"]["baseline_value"] == pytest.approx((58.7 + 49.7 + 49.2 + 57.4 + 54.1) / 5, abs=0.05)
    assert {rows[one]["baseline_status"] for one in ("F04", "F06", "F07", "F08")} == {"insufficient"}


def test_status_of_the_two_recalled_targets(tables):
    rows = {row["indicator_id"]: row for row in tables["mart.indicator_status"].to_pylist()}
    # 43.1 of 45 per cent is 95.7 per cent of the path; 10.6 of 15 is 70.6.
    assert (rows["F03"]["status"], rows["F03"]["target_status"]) == ("on_track", "unverified")
    assert rows["F05"]["status"] == "off_track"
    assert rows["F05"]["path_ratio"] == pytest.approx(10.6 / 15, abs=0.005)
    assert rows["F01"]["status"] == "monitored"


def test_the_year_in_progress_is_shown_but_not_judged(tables):
    db = warehouse_with_ceb()
    build(db)
    rows = compute(db, load_register(), date(2024, 6, 30))
    status = {row["indicator_id"]: row for row in rows["mart.indicator_status"].to_pylist()}
    assert status["F05"]["actual_year"] == 2023
    values = [r for r in rows["mart.indicator_value"].to_pylist() if (r["indicator_id"], r["year"]) == ("F05", 2024)]
    assert [row["is_complete"] for row in values] == [False]


def test_the_same_inputs_give_the_same_tables(tables):
    db = warehouse_with_ceb()
    build(db)
    again = compute(db, load_register(), AS_OF)
    assert {name: table.to_pylist() for name, table in again.items()} == {
        name: table.to_pylist() for name, table in tables.items()
    }


def test_evidence_names_the_snapshot(tables):
    status = {row["indicator_id"]: row for row in tables["mart.indicator_status"].to_pylist()}
    found = {row["snapshot_set"]: row for row in tables["mart.indicator_evidence"].to_pylist()}
    assert found[status["F03"]["snapshot_set"]]["sha256"] == "c" * 64
