"""Gates and scores turned into the tables mart.readiness_*, in the columns their specs declare."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.findings import Finding
from ilo_iati.readiness.compare import changes, published_points, score_changes
from ilo_iati.readiness.fixes import load_fixes, rank
from ilo_iati.readiness.gates import Check, Decision, GateSet, check_gates, decide, load_gates
from ilo_iati.readiness.grades import alarms, grade_rows
from ilo_iati.readiness.history import read_history, with_today
from ilo_iati.readiness.offices import office_rows
from ilo_iati.readiness.outcome import Outcome, score_all
from ilo_iati.readiness.reading import attached, prepare, rows
from ilo_iati.readiness.scoring import Score
from ilo_iati.readiness.work import ACTIVITIES, FINDINGS, activity_findings, failing_activities
from ilo_iati.spec.table import load_tables

PREFIX = "mart.readiness_"


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer: the advice, the tables by name, and the alarms about grades that are about to fall."""

    decision: Decision
    tables: dict[str, pa.Table]
    alarms: list[Finding] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """True when at least one gate failed and nobody has waived it."""
        return "fail" in self.tables[f"{PREFIX}check"].column("verdict").to_pylist()


def assess(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    gates: GateSet | None = None,
    *,
    published: Path | None = None,
    candidate: Collection[str] = (),
    history: Path | None = None,
) -> Readiness:
    """Gates, scores, changes and corrections for the data `connection` holds (tables core.*, audit.*; marts if there).

    `published`: the warehouse now public, to compare with. `candidate`: the datasets under review, standing among
    those that stay published; none means all. Scores are those of the publication with the candidate in it.
    `history`: folder of earlier scores (see history.append_history), to which the days that `published` carries are
    added; nothing is written there.
    Without `published` the comparison that the warehouse's own refresh made on that day stands.
    Only temporary tables are made, so a read-only connection will do. Raises WarehouseError, SnapshotError.
    """
    kept = read_history(history)
    with attached(connection, published):
        in_reach = prepare(connection, as_of, candidate=candidate)
        kept = _with_published(connection, in_reach, kept)
        values, changed = ({}, []) if candidate else _answered(connection, in_reach, as_of)
        checks = check_gates(connection, gates or load_gates(), in_reach, as_of, values)
        changed += changes(connection, in_reach)
        before = published_points(connection, in_reach)
    outcome = score_all(connection, as_of, in_reach, kept)
    grades = grade_rows(outcome.timeliness, as_of)
    lines = [(framework, score) for framework, scores in outcome.scores.items() for score in scores]
    scored = [_score_row(number, *line, as_of) for number, line in enumerate(lines, 1)]
    changed += score_changes(before, scored)
    made = {
        "check": [_check_row(number, check, as_of) for number, check in enumerate(checks, 1)],
        "score": scored,
        "change": [{**row, "sort_order": number} for number, row in enumerate(changed, 1)],
        "timeliness": grades,
        "history": with_today(connection, kept, lines, as_of),
    }
    tables = {PREFIX + name: to_arrow(name, rows) for name, rows in made.items()} | _work(connection, outcome)
    return Readiness(decide(checks), tables, alarms(grades))


def evaluate(
    connection: duckdb.DuckDBPyConnection, as_of: date, gates: GateSet | None = None, **options: Any
) -> dict[str, pa.Table]:
    """The tables of `assess` by name, for callers who store them; the same arguments."""
    return assess(connection, as_of, gates, **options).tables


def _answered(
    connection: duckdb.DuckDBPyConnection, in_reach: set[str], as_of: date
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """What the refresh that made this warehouse found on that day against the version before: gates' values, changes.

    Nothing where a version to compare with is in reach. The one before has been replaced since; without this the page
    of a refresh and a later look would disagree.
    """
    check, change = f"{PREFIX}check", f"{PREFIX}change"
    if not {check, change} <= in_reach or "published.core.iati_activity" in in_reach:
        return {}, []
    found = rows(connection, f"SELECT * FROM {check} WHERE as_of_date = DATE '{as_of.isoformat()}'")
    values = {row["check_id"]: row["value"] for row in found if row["value"] is not None}
    return values, rows(connection, f"SELECT * FROM {change} ORDER BY sort_order") if found else []


def _with_published(
    connection: duckdb.DuckDBPyConnection, in_reach: set[str], kept: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """History of the folder, and what the published warehouse carries of days the folder does not know."""
    table = f"published.{PREFIX}history"
    known = {row["as_of_date"] for row in kept}
    carried = rows(connection, f"SELECT * FROM {table} ORDER BY ALL") if table in in_reach else []
    fresh = [row for row in carried if row["as_of_date"] not in known]
    return sorted([*kept, *fresh], key=lambda row: (row["as_of_date"], row["framework_code"], row["check_code"]))


def _work(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> dict[str, pa.Table]:
    """What there is to correct, what each correction gains, and what each office's part of it gains."""
    fixes = load_fixes(outcome.frameworks)
    ranked = rank(connection, fixes, outcome.tallies, outcome.totals, outcome.scenarios) if outcome.scores else []
    activities, findings = failing_activities(connection, fixes, outcome), activity_findings(connection, fixes)
    by_fix, in_all = office_rows(connection, activities, findings, ranked, outcome)
    return {
        f"{PREFIX}fix": to_arrow("fix", [row for row in ranked if row["gain_points"] > 0]),
        ACTIVITIES: activities,
        FINDINGS: findings,
        f"{PREFIX}fix_office": to_arrow("fix_office", by_fix),
        f"{PREFIX}office": to_arrow("office", in_all),
    }


def _check_row(order: int, check: Check, as_of: date) -> dict[str, Any]:
    gate = check.gate
    return {
        "check_id": gate.id,
        "sort_order": order,
        "check_name": gate.name,
        "verdict": check.verdict.value,
        "is_blocking": gate.holds,
        "value": check.value,
        "threshold": gate.at_most,
        "unit": gate.unit,
        "detail": check.detail or None,
        "why": gate.why,
        "fix": gate.fix,
        "as_of_date": as_of,
    }


def _score_row(order: int, framework: str, score: Score, as_of: date) -> dict[str, Any]:
    return {
        "framework_code": framework,
        "check_code": score.check,
        "sort_order": order,
        "parent_code": score.parent or None,
        "check_name": score.name,
        "status": score.status,
        "score": score.score,
        "weight_points": score.weight,
        "points": score.points,
        "lost_points": score.lost,
        "applicable_count": score.applicable,
        "passed_count": score.passed,
        "explanation": score.explanation or None,
        "note": score.note or None,
        "inputs": json.dumps(score.inputs) if score.inputs else None,
        "as_of_date": as_of,
    }


_ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
}


def to_arrow(name: str, records: Sequence[Mapping[str, Any]]) -> pa.Table:
    """`records` in the declared columns of mart.readiness_<name>; a stray key raises KeyError."""
    declared = load_tables()[PREFIX + name].columns
    stray = {key for row in records for key in row} - {column.name for column in declared}
    if stray:
        raise KeyError(f"{PREFIX}{name} declares no column {', '.join(sorted(stray))}")
    schema = pa.schema([(column.name, _ARROW[column.type]) for column in declared])
    return pa.Table.from_pylist([dict(row) for row in records], schema)
