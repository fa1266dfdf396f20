"""Golden results for each rule of judgement: baseline, path, share of the path, breaks, status."""

from __future__ import annotations

import pytest

from ilo_iati.indicators.judging import Base, Value, baseline_of, judge, path_at, share_of_path
from ilo_iati.spec.indicator import Baseline, Break, Target

RULE = Baseline(2012, 2017, 4, "mean")
OK = Base(10.0, 6, "ok")


def value(year: int, number: float | None, above: float | None = None, below: float | None = None) -> Value:
    return Value("ceb", year, number, above, below, 1, 100.0, "CEB")


def target(number: float, year: int = 2022, path: str = "linear") -> Target:
    return Target(number, year, path, "a paper", "unverified")


def test_the_baseline_is_the_mean_of_at_least_four_of_six_years():
    four = [value(year, float(year - 2010)) for year in (2012, 2013, 2014, 2017)]
    assert baseline_of(RULE, [*four, value(2018, 99.0)]) == Base(4.0, 4, "ok")
    assert baseline_of(RULE, four[:3]) == Base(None, 3, "insufficient")
    assert baseline_of(RULE, [*four[:3], value(2016, None)]).status == "insufficient"


def test_a_share_has_the_ratio_of_the_sums_as_baseline():
    rule = Baseline(2012, 2013, 2, "ratio")
    # (1000 + 9000) / (100 + 300) is 25, while the mean of 10 and 30 per cent is 20.
    assert baseline_of(rule, [value(2012, 10.0, 1000.0, 100.0), value(2013, 30.0, 9000.0, 300.0)]).value == 25.0
    assert baseline_of(rule, [value(2012, 0.0, 0.0, 0.0), value(2013, 0.0, 0.0, 0.0)]).status == "insufficient"


@pytest.mark.parametrize(
    ("year", "path", "expected"),
    [
        (2017, "linear", 10.0),
        (2020, "linear", 16.0),
        (2022, "linear", 20.0),
        (2030, "linear", 20.0),
        (2021, "step", 10.0),
        (2022, "step", 20.0),
    ],
)
def test_the_path_is_a_line_from_the_last_baseline_year_or_a_step(year, path, expected):
    assert path_at(10.0, 2017, target(20.0, path=path), year) == pytest.approx(expected)


def test_without_a_baseline_there_is_a_path_only_from_the_target_year():
    assert path_at(None, 2017, target(20.0), 2021) is None
    assert path_at(None, 2017, target(20.0), 2022) == 20.0


@pytest.mark.parametrize(
    ("actual", "direction", "status"),
    [
        (19.0, "up", "on_track"), (18.99, "up", "at_risk"), (16.0, "up", "at_risk"), (15.99, "up", "off_track"),
        (25.0, "up", "on_track"), (-1.0, "up", "off_track"),
        (20.0, "down", "on_track"), (21.05, "down", "on_track"), (21.06, "down", "at_risk"), (25.0, "down", "at_risk"),
        (25.01, "down", "off_track"), (0.0, "down", "on_track"), (10.0, "down", "on_track"),
    ],
)  # fmt: skip
def test_status_by_share_of_the_path(actual, direction, status):
    assert judge(value(2023, actual), OK, RULE, target(20.0), direction, ()).status == status


def test_a_path_of_zero_is_met_or_not_without_a_share():
    assert share_of_path(5.0, 0.0, "up") == 1.0
    assert share_of_path(-5.0, 0.0, "up") is None
    assert share_of_path(5.0, 0.0, "down") == 0.0
    assert share_of_path(-3.0, -5.0, "down") is None


def test_no_value_no_target_and_no_baseline_are_said():
    assert judge(None, OK, RULE, target(20.0), "up", ()).status == "no_data"
    assert judge(value(2023, 5.0), OK, RULE, None, "up", ()).status == "monitored"
    short = judge(value(2020, 5.0), Base(None, 2, "insufficient"), RULE, target(20.0), "up", ())
    assert (short.status, short.reason) == ("no_data", "baseline insufficient: 2 of 4 years needed")


def test_a_break_between_baseline_and_year_bars_judgement():
    onwards = Break("ceb", 2019, 9999, False, "counted otherwise")
    verdict = judge(value(2023, 20.0), OK, RULE, target(20.0), "up", (onwards,))
    assert (verdict.status, verdict.reason) == ("not_comparable", "counted otherwise")
    passing = Break("ceb", 2019, 2020, False, "two odd years")
    assert judge(value(2023, 20.0), OK, RULE, target(20.0), "up", (passing,)).status == "on_track"
    noted = Break("ceb", 2019, 9999, True, "a note")
    elsewhere = Break("iati", 2019, 9999, False, "another series")
    assert judge(value(2023, 20.0), OK, RULE, target(20.0), "up", (noted, elsewhere)).status == "on_track"
