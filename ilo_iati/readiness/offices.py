"""What a country office or department gains by correcting its own activities alone, by correction and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ilo_iati.readiness.fixes import DIGITS, gain_of
from ilo_iati.readiness.frameworks import PUBLISHING, load_framework
from ilo_iati.readiness.outcome import Outcome
from ilo_iati.readiness.reading import Row, rows
from ilo_iati.readiness.scoring import forward_check

NO_OFFICE = "none"
"""Stands for activities whose identifier names no office, and for findings about a file as a whole."""

Missing = Mapping[str, float]
"""By test what activities lack together: the sum of their shares below one."""


def office_rows(
    connection: duckdb.DuckDBPyConnection,
    activities: pa.Table,
    findings: pa.Table,
    ranked: Sequence[Row],
    outcome: Outcome,
) -> tuple[list[Row], list[Row]]:
    """Rows of mart.readiness_fix_office and mart.readiness_office; `ranked` as fixes.rank gives them."""
    connection.register("readiness_activities", activities)
    connection.register("readiness_findings", findings)
    try:
        by_fix = rows(connection, _counts("office_code, fix_code"))
        in_all = rows(connection, _counts("office_code"))
        lacking = rows(connection, _LACKING)
    finally:
        connection.unregister("readiness_activities")
        connection.unregister("readiness_findings")
    prices = _prices(outcome, ranked, lacking)
    missing = _missing(lacking)
    found = [_fix_row(row, prices, missing[_key(row)]) for row in by_fix]
    found.sort(key=lambda row: (row["office_code"], -row["gain_points"], row["fix_code"]))
    return found, [_office_row(row, prices, missing[_key(row)], found) for row in in_all]


_WORK = f"(SELECT * REPLACE (coalesce(office_code, '{NO_OFFICE}') AS office_code) FROM readiness_activities)"
_FOUND = f"(SELECT * REPLACE (coalesce(office_code, '{NO_OFFICE}') AS office_code) FROM readiness_findings)"
_LACKING = (
    f"SELECT office_code, fix_code, framework_code, test_code, sum(1 - share) AS missing FROM {_WORK} "
    "GROUP BY ALL ORDER BY ALL"
)


def _counts(keys: str) -> str:
    """Activities and findings by `keys` and framework; by office also its corrections."""
    corrections = "" if "fix_code" in keys else ", count(DISTINCT fix_code) AS correction_count"
    return (
        f"SELECT {keys}, framework_code, count(DISTINCT activity_key) AS activity_count, "
        f"coalesce(any_value(findings), 0) AS finding_count{corrections} FROM {_WORK} "
        f"LEFT JOIN (SELECT {keys}, count(*) AS findings FROM {_FOUND} GROUP BY ALL) USING ({keys}) "
        f"GROUP BY {keys}, framework_code ORDER BY ALL"
    )


@dataclass(frozen=True, slots=True)
class _Prices:
    """What corrections are worth. `group`: rows of fixes.rank by correction and framework. By framework and test:
    `points` gained if every activity passed it, `whole` what all activities lack together. `shared`: the sum of points
    over the tests of a correction in a framework. `now`: each framework's total."""

    outcome: Outcome
    now: Mapping[str, float]
    group: Mapping[tuple[str, str], Row]
    points: Mapping[tuple[str, str], float]
    whole: Mapping[tuple[str, str], float]
    shared: Mapping[tuple[str, str], float]

    def worth(self, framework: str, missing: Missing) -> float:
        """Points of the tests, each in proportion to how much of what all activities lack is `missing`."""
        return sum(self.points[framework, test] * more / self.whole[framework, test] for test, more in missing.items())

    def part(self, fix: str, framework: str, missing: Missing) -> float:
        """The part of the whole group's gain: parts add up, also where the group gains less than test by test."""
        shared = self.shared[fix, framework]
        whole = self.group[fix, framework]["gain_points"]
        return round(whole * self.worth(framework, missing) / shared, DIGITS) if shared else 0.0

    def alone(self, framework: str, missing: Missing) -> float:
        """The gain by the framework's own arithmetic if nobody else did anything.

        Of budgets ahead the part: their percentages are cut to whole numbers, and alone hardly an office would gain.
        """
        tests = {test: more for test, more in missing.items() if test in self.outcome.tallies[framework]}
        ahead = {test: more for test, more in missing.items() if test not in tests}
        tallies, total = self.outcome.tallies[framework], self.outcome.totals[framework]
        gain = gain_of(tallies, total, tests, self.now[framework])
        return round(gain + self.worth(framework, ahead), DIGITS)


def _prices(outcome: Outcome, ranked: Sequence[Row], lacking: Sequence[Row]) -> _Prices:
    whole: dict[tuple[str, str], float] = defaultdict(float)
    fixes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in lacking:
        whole[row["framework_code"], row["test_code"]] += row["missing"]
        fixes[row["fix_code"], row["framework_code"]].add(row["test_code"])
    points = _points_ahead(outcome)
    for (framework, test), more in whole.items():
        if test in outcome.tallies[framework]:
            points[framework, test] = gain_of(outcome.tallies[framework], outcome.totals[framework], {test: more})
    shared = {key: sum(points[key[1], test] for test in tests) for key, tests in fixes.items()}
    group = {(row["fix_code"], row["framework_code"]): row for row in ranked}
    now = {code: total(outcome.tallies[code]) for code, total in outcome.totals.items()}
    return _Prices(outcome, now, group, points, whole, shared)


def _points_ahead(outcome: Outcome) -> dict[tuple[str, str], float]:
    """Points that each year of forward-looking would gain if all its activities were budgeted."""
    if not outcome.forward:
        return {}
    weight = load_framework(PUBLISHING).section("forward_looking").weight / len(outcome.forward)
    return {
        (PUBLISHING, forward_check(offset)): weight * (100 - (year.pct or 0)) / 100
        for offset, year in enumerate(outcome.forward)
    }


def _missing(lacking: Sequence[Row]) -> Mapping[tuple[str, ...], Missing]:
    """What is lacking by office, framework and correction, and by office and framework in all."""
    found: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for row in lacking:
        for key in (_key(row), _key(row)[:2]):
            found[key][row["test_code"]] = row["missing"]
    return found


def _key(row: Row) -> tuple[str, ...]:
    names = ("office_code", "framework_code", "fix_code")
    return tuple(row[name] for name in names if name in row)


def _fix_row(row: Row, prices: _Prices, missing: Missing) -> Row:
    group = prices.group[row["fix_code"], row["framework_code"]]
    return {
        **row,
        "fix_name": group["fix_name"],
        "framework_name": group["framework_name"],
        "gain_points": prices.part(row["fix_code"], row["framework_code"], missing),
        "alone_points": prices.alone(row["framework_code"], missing),
        "group_gain_points": group["gain_points"],
        "fix": group["fix"],
    }


def _office_row(row: Row, prices: _Prices, missing: Missing, by_fix: Sequence[Row]) -> Row:
    keys = ("office_code", "framework_code")
    own = [one for one in by_fix if all(one[key] == row[key] for key in keys)]
    return {
        **row,
        "framework_name": own[0]["framework_name"],
        "gain_points": round(sum(one["gain_points"] for one in own), DIGITS),
        "alone_points": prices.alone(row["framework_code"], missing),
    }
