"""Running a framework's tests over the facts: which activities each looks at, and how each of them fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from ilo_iati.readiness.facts import FACTS
from ilo_iati.readiness.frameworks import Framework, Test
from ilo_iati.readiness.reading import relations, scalar

RESULTS = "readiness_result"


@dataclass(frozen=True, slots=True)
class Tally:
    """How a test came out: `applicable` activities looked at, `passed` the sum of their shares, `pct` 0 to 100.

    `pct` is None where nothing was there to look at.
    """

    applicable: int
    passed: float
    pct: float | None


Tallies = Mapping[str, Tally]
"""By test id."""

_LEVEL = {
    "all": "true",
    "lowest": f"hierarchy = (SELECT max(hierarchy) FROM {FACTS})",
    "first_with_commitments": (
        f"hierarchy = coalesce((SELECT min(hierarchy) FROM {FACTS} WHERE commitments > 0 AND is_current), "
        f"(SELECT max(hierarchy) FROM {FACTS}))"
    ),
    "most_budgets": (
        f"hierarchy = (SELECT hierarchy FROM {FACTS} WHERE is_current GROUP BY hierarchy "
        "ORDER BY sum((budgets > 0)::INTEGER + is_budget_declined::INTEGER) DESC, hierarchy LIMIT 1)"
    ),
}


def empty_results(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the temporary table readiness_result: framework_code, test_id, activity_key, share (0 to 1)."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {RESULTS} "
        "(framework_code VARCHAR, test_id VARCHAR, activity_key VARCHAR, share DOUBLE)"
    )


def run_tests(connection: duckdb.DuckDBPyConnection, framework: Framework) -> dict[str, Tally]:
    """Fills readiness_result with the framework's activity tests and returns the tally of every test."""
    for test in framework.tests:
        if not test.sql:
            connection.execute(_insert(framework, test))
    counted = connection.execute(
        f"SELECT test_id, count(*), sum(share) FROM {RESULTS} WHERE framework_code = ? GROUP BY test_id",
        [framework.code],
    ).fetchall()
    counts = {name: (int(n), float(passed)) for name, n, passed in counted}
    present = relations(connection)
    return {
        test.id: _organisation_tally(connection, test, present)
        if test.sql
        else _tally(test, *counts.get(test.id, (0, 0)))
        for test in framework.tests
    }


def _insert(framework: Framework, test: Test) -> str:
    given = [f"({test.given})", f"({_LEVEL[test.level]})"]
    if test.scope == "current":
        given.append(f"({framework.given})")
    return (
        f"INSERT INTO {RESULTS} SELECT '{framework.code}', '{test.id}', activity_key, "
        f"coalesce(({test.then})::DOUBLE, 0) FROM {FACTS} WHERE {' AND '.join(given)}"
    )


def _tally(test: Test, applicable: int, passed: float) -> Tally:
    if test.scope == "any":
        return Tally(applicable, passed, 100.0 if passed > 0 else 0.0)
    return Tally(applicable, passed, 100.0 * passed / applicable if applicable else None)


def _organisation_tally(connection: duckdb.DuckDBPyConnection, test: Test, present: set[str]) -> Tally:
    share = scalar(connection, test.sql) if test.needs in present else None
    return Tally(0, 0.0, None if share is None else 100.0 * float(share))
