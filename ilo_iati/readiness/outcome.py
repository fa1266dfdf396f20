"""All frameworks scored over one warehouse: facts made once, tests run, totals kept for what-if questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.readiness.facts import FACTS, make_facts
from ilo_iati.readiness.fixes import Scenario, Total
from ilo_iati.readiness.forward import ForwardYear, forward_years
from ilo_iati.readiness.frameworks import FRAMEWORKS, PUBLISHING, STANDARDS, TRANSPARENCY, Framework, load_framework
from ilo_iati.readiness.history import LATEST, observations
from ilo_iati.readiness.reading import scalar
from ilo_iati.readiness.scoring import (
    Score,
    frequency_factor,
    publishing_scores,
    standards_scores,
    transparency_scores,
)
from ilo_iati.readiness.testing import RESULTS, Tallies, empty_results, run_tests
from ilo_iati.readiness.timeliness import FREQUENCIES, LAGS, Month, Timeliness, assess
from ilo_iati.spec.table import load_tables

Scorer = Callable[[Tallies], list[Score]]
"""A framework's lines from its tallies, the total first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Scores and tallies by framework code; empty, and without timeliness, where no activity tables stand."""

    frameworks: tuple[Framework, ...] = ()
    scores: Mapping[str, list[Score]] = field(default_factory=dict)
    tallies: Mapping[str, Tallies] = field(default_factory=dict)
    totals: Mapping[str, Total] = field(default_factory=dict)
    timeliness: Timeliness | None = None
    scenarios: Sequence[Scenario] = ()


def score_all(
    connection: duckdb.DuckDBPyConnection, as_of: date, present: set[str], kept: Sequence[Mapping[str, Any]] = ()
) -> Outcome:
    """Scores of every framework for `as_of`. `present` are the relations in reach; `kept` the history rows so far."""
    empty_results(connection)
    if not {"core.iati_activity", "core.iati_transaction"} <= present:
        return Outcome()
    make_facts(connection)
    frameworks = tuple(load_framework(code) for code in FRAMEWORKS)
    tallies = {framework.code: run_tests(connection, framework) for framework in frameworks}
    publishing, transparency, standards = frameworks
    timeliness = _timeliness(connection, publishing, as_of, kept)
    forward = forward_years(connection, as_of, has_usd="mart.transaction" in present)
    factor = frequency_factor(transparency, timeliness)
    scorers: dict[str, Scorer] = {
        PUBLISHING: lambda found: publishing_scores(publishing, found, timeliness, forward),
        TRANSPARENCY: lambda found: transparency_scores(transparency, found, factor),
        STANDARDS: lambda found: standards_scores(standards, found),
    }
    scores = {code: scorer(tallies[code]) for code, scorer in scorers.items()}
    totals = {code: _total_of(scorer) for code, scorer in scorers.items()}
    scenarios = _scenarios(frameworks, tallies, timeliness, forward)
    return Outcome(frameworks, scores, tallies, totals, timeliness, scenarios)


def _scenarios(
    frameworks: Sequence[Framework],
    tallies: Mapping[str, Tallies],
    timeliness: Timeliness,
    forward: Sequence[ForwardYear],
) -> tuple[Scenario, ...]:
    """What the totals would be if new transactions came every month, and if every activity showed its budgets."""
    publishing, transparency, _ = frameworks
    monthly = replace(timeliness, frequency=FREQUENCIES[0], time_lag=LAGS[0])
    budgeted = [replace(year, budgeted=year.current, pct=100 if year.current else None) for year in forward]
    found, index = tallies[publishing.code], tallies[transparency.code]
    rhythm = ("publish_monthly", "Publish new transactions every month")
    budgets = ("forward_budgets", "Publish a budget for each year an activity still runs")
    missing = max((year.current - year.budgeted for year in forward), default=0)
    slow = "Seven months of twelve with an update, and transactions in two of the last three full months."
    yearly = "A budget of a year at most for this year and the two after it."
    return (
        Scenario(*rhythm, publishing, _first(publishing_scores(publishing, found, monthly, forward)), 0, slow),
        Scenario(*rhythm, transparency, _first(transparency_scores(transparency, index, 1.0)), 0, slow),
        Scenario(
            *budgets, publishing, _first(publishing_scores(publishing, found, timeliness, budgeted)), missing, yearly
        ),
    )


def _first(scores: Sequence[Score]) -> float:
    return float(scores[0].score or 0)


def _total_of(scorer: Scorer) -> Total:
    return lambda found: _first(scorer(found))


def _timeliness(
    connection: duckdb.DuckDBPyConnection, framework: Framework, as_of: date, kept: Sequence[Mapping[str, Any]]
) -> Timeliness:
    months: set[Month] = {
        (year, month - 1)
        for year, month in connection.execute(
            "SELECT DISTINCT year(day), month(day) FROM (SELECT coalesce(transaction_date, value_date) AS day "
            "FROM core.iati_transaction) WHERE day IS NOT NULL"
        ).fetchall()
    }
    seen = [item for item in observations(kept) if item[0] < as_of]
    latest = scalar(connection, LATEST)
    if latest:
        seen.append((as_of, latest))
    return assess(seen, months, framework.body["first_published"], as_of)


def failing_activities(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """mart.readiness_score_activity: each activity and test it does not pass in full, from the last `score_all`.

    Without the tests that one activity passes for all (not every activity has to be humanitarian).
    """
    declared = [(code, test) for code in FRAMEWORKS for test in load_framework(code).tests if test.scope != "any"]
    tests = [(code, test.id, test.name, test.fix) for code, test in declared]
    names = ("framework_code", "test_code", "test_name", "fix")
    table = pa.table({name: [test[place] for test in tests] for place, name in enumerate(names)})
    columns = load_tables()["mart.readiness_score_activity"].columns
    has_facts = scalar(connection, f"SELECT count(*) FROM {RESULTS}")
    if not has_facts:
        return pa.table({column.name: pa.array([], pa.string()) for column in columns})
    connection.register("readiness_test", table)
    listed = ", ".join(f"{column.name}::{column.type} AS {column.name}" for column in columns)
    try:
        return connection.sql(
            f"SELECT {listed} FROM (SELECT r.framework_code, r.test_id AS test_code, r.share, f.*, t.test_name, t.fix "
            f"FROM {RESULTS} AS r JOIN {FACTS} AS f USING (activity_key) "
            "JOIN readiness_test AS t ON t.framework_code = r.framework_code AND t.test_code = r.test_id "
            "WHERE share < 1) "
            "ORDER BY framework_code, test_code, dataset, source_line"
        ).to_arrow_table()
    finally:
        connection.unregister("readiness_test")
