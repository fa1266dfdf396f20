"""All frameworks scored over one warehouse: facts made once, tests run, totals kept for what-if questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb

from ilo_iati.readiness.facts import make_facts
from ilo_iati.readiness.fixes import Scenario, Total
from ilo_iati.readiness.forward import BUDGETED, LACKING, ForwardYear, forward_years
from ilo_iati.readiness.frameworks import FRAMEWORKS, PUBLISHING, STANDARDS, TRANSPARENCY, Framework, load_framework
from ilo_iati.readiness.history import LATEST, observations
from ilo_iati.readiness.reading import scalar
from ilo_iati.readiness.scoring import (
    Score,
    exact_total,
    frequency_factor,
    publishing_scores,
    standards_scores,
    transparency_scores,
)
from ilo_iati.readiness.testing import Tallies, empty_results, run_tests
from ilo_iati.readiness.timeliness import FREQUENCIES, LAGS, Month, Timeliness, assess

BUDGETS_AHEAD = "forward_budgets"
BUDGETS_AHEAD_FIX = "A budget of a year at most for this year and the two after it."
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
    forward: Sequence[ForwardYear] = ()
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
    lacking = scalar(connection, f"SELECT count(DISTINCT activity_key) FROM {BUDGETED} WHERE {LACKING}")
    scenarios = _scenarios(frameworks, tallies, timeliness, forward, int(lacking))
    return Outcome(frameworks, scores, tallies, totals, timeliness, forward, scenarios)


def _scenarios(
    frameworks: Sequence[Framework],
    tallies: Mapping[str, Tallies],
    timeliness: Timeliness,
    forward: Sequence[ForwardYear],
    lacking: int,
) -> tuple[Scenario, ...]:
    """What the totals would be if new transactions came every month, and if every activity showed its budgets."""
    publishing, transparency, _ = frameworks
    monthly = replace(timeliness, frequency=FREQUENCIES[0], time_lag=LAGS[0])
    budgeted = [replace(year, budgeted=year.current, pct=100 if year.current else None) for year in forward]
    found, index = tallies[publishing.code], tallies[transparency.code]
    rhythm = ("publish_monthly", "Publish new transactions every month")
    slow = "Seven months of twelve with an update, and transactions in two of the last three full months."
    quickly = exact_total(publishing_scores(publishing, found, monthly, forward))
    ahead = exact_total(publishing_scores(publishing, found, timeliness, budgeted))
    return (
        Scenario(*rhythm, publishing, quickly, 0, slow),
        Scenario(*rhythm, transparency, exact_total(transparency_scores(transparency, index, 1.0)), 0, slow),
        Scenario(BUDGETS_AHEAD, "Publish a budget for each year an activity still runs", publishing, ahead, lacking,
                 BUDGETS_AHEAD_FIX),
    )  # fmt: skip


def _total_of(scorer: Scorer) -> Total:
    return lambda found: exact_total(scorer(found))


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
