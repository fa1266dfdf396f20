"""What there is to correct: each activity with the tests it fails, and each finding in the activities' files.

Either says to which correction it belongs and to which country office or department it falls.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ilo_iati.readiness.facts import FACTS
from ilo_iati.readiness.fixes import RULE, Fix, rule_name
from ilo_iati.readiness.forward import BUDGETED, LACKING
from ilo_iati.readiness.frameworks import PUBLISHING
from ilo_iati.readiness.outcome import BUDGETS_AHEAD, Outcome
from ilo_iati.readiness.reading import relations, scalar
from ilo_iati.readiness.scoring import forward_check
from ilo_iati.readiness.testing import RESULTS
from ilo_iati.spec.table import load_tables

ACTIVITIES = "mart.readiness_score_activity"
FINDINGS = "mart.readiness_finding_activity"


def failing_activities(connection: duckdb.DuckDBPyConnection, fixes: Sequence[Fix], outcome: Outcome) -> pa.Table:
    """mart.readiness_score_activity: each activity and test it does not pass in full, from the last `score_all`.

    Without the tests that one activity passes for all (not every activity has to be humanitarian); with the years for
    which an activity shows no budget.
    """
    if not scalar(connection, f"SELECT count(*) FROM {RESULTS}"):
        return _nothing(connection, ACTIVITIES)
    columns = ("framework_code", "test_code", "test_name", "fix", "fix_code", "fix_name")
    tests = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in _tests(fixes, outcome)])
    first = outcome.forward[0].year
    return _asked(
        connection,
        ACTIVITIES,
        tests,
        f"WITH lacking AS (SELECT framework_code, test_id AS test_code, activity_key, share FROM {RESULTS} "
        f"WHERE share < 1 UNION ALL SELECT '{PUBLISHING}', 'forward_looking.' || (year - {first}), activity_key, 0 "
        f"FROM {BUDGETED} WHERE {LACKING}) "
        f"SELECT l.*, f.* EXCLUDE (activity_key), t.* EXCLUDE (framework_code, test_code) FROM lacking AS l "
        f"JOIN {FACTS} AS f USING (activity_key) JOIN readiness_given AS t USING (framework_code, test_code) "
        "ORDER BY framework_code, test_code, dataset, source_line",
    )


def _tests(fixes: Sequence[Fix], outcome: Outcome) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [
        (fix.framework.code, test.id, test.name, test.fix, fix.code, fix.name)
        for fix in fixes
        for test in fix.framework.tests
        if test.id in fix.tests and test.scope != "any"
    ]
    ahead = next(scenario for scenario in outcome.scenarios if scenario.code == BUDGETS_AHEAD)
    found += [
        (PUBLISHING, forward_check(offset), f"Budget for {year.year}", ahead.fix, ahead.code, ahead.name)
        for offset, year in enumerate(outcome.forward)
    ]
    return found


def activity_findings(connection: duckdb.DuckDBPyConnection, fixes: Sequence[Fix]) -> pa.Table:
    """mart.readiness_finding_activity: findings of validation and extraction in the files the activities come from."""
    if "readiness_finding" not in relations(connection) or not scalar(connection, f"SELECT count(*) FROM {RESULTS}"):
        return _nothing(connection, FINDINGS)
    rules = {rule: (fix.code, fix.name) for fix in fixes for rule in fix.rules}
    known = [{"rule_id": rule, "fix_code": code, "fix_name": name} for rule, (code, name) in rules.items()]
    return _asked(
        connection,
        FINDINGS,
        pa.Table.from_pylist(known, pa.schema([(name, pa.string()) for name in ("rule_id", "fix_code", "fix_name")])),
        "SELECT n.rule_id, severity, message, value, xpath, n.fix, f.activity_key, n.dataset, "
        "coalesce(f.iati_identifier, n.identifier) AS iati_identifier, n.line AS source_line, f.office_code, "
        f"coalesce(r.fix_code, '{RULE}' || n.rule_id) AS fix_code, "
        f"coalesce(r.fix_name, '{rule_name('')}' || n.rule_id) AS fix_name "
        f"FROM readiness_finding AS n LEFT JOIN {FACTS} AS f ON f.activity_key = n.dataset || '#' || n.activity_index "
        "LEFT JOIN readiness_given AS r ON r.rule_id = n.rule_id "
        f"WHERE stage IN ('validation', 'extraction') AND n.dataset IN (SELECT dataset FROM {FACTS}) "
        "ORDER BY n.dataset, n.line, n.rule_id, xpath",
    )


def _asked(connection: duckdb.DuckDBPyConnection, name: str, given: pa.Table, sql: str) -> pa.Table:
    """The answer to `sql` in the declared columns of `name`; `given` is in reach as readiness_given."""
    listed = ", ".join(f"{column.name}::{column.type} AS {column.name}" for column in load_tables()[name].columns)
    connection.register("readiness_given", given)
    try:
        return connection.sql(f"SELECT {listed} FROM ({sql})").to_arrow_table()
    finally:
        connection.unregister("readiness_given")


def _nothing(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    empty = ", ".join(f"NULL::{column.type} AS {column.name}" for column in load_tables()[name].columns)
    return connection.sql(f"SELECT {empty} WHERE false").to_arrow_table()
