"""Suites from specs, run by real Great Expectations on real DuckDB tables."""

import duckdb
import pytest

from ilo_iati import expect
from ilo_iati.findings import Severity
from ilo_iati.spec.table import Column, Expectation, Table


@pytest.fixture(scope="module")
def results():
    table = Table(
        "core.thing",
        "One row per thing.",
        "sql",
        (),
        (
            Column("key", "INTEGER", "the key", required=True),
            Column("flow_code", "VARCHAR", "coded", codelist="FlowType"),
            Column("pct", "DOUBLE", "share"),
        ),
        ("key",),
        (
            Expectation("column_values_to_be_between", {"column": "pct", "min_value": 0, "max_value": 100}, "a share"),
            Expectation(
                "column_values_to_be_between", {"column": "gone", "min_value": 0}, "no such column", "critical"
            ),
            Expectation("table_row_count_to_be_between", {"min_value": 10}, "a collapse shows here", "critical"),
        ),
    )
    connection = duckdb.connect()
    connection.execute("create schema core")
    connection.execute(
        "create table core.thing as select * from "
        "(values (1, '10', 50.0), (1, 'XX', 120.0), (3, null, null)) t(key, flow_code, pct)"
    )
    suite = expect.table_suite(table, {"FlowType": ["10", "20"]})
    assert suite is not None
    return {(r.expectation.name, str(r.expectation.arguments.get("column"))): r for r in _run(connection, suite)}


def _run(connection, suite):
    # `gone` does not exist: the query names existing columns only, the check alone must say it could not run.
    return expect.run(connection, [suite])


def test_required_column_without_nulls_passes(results):
    assert results["column_values_to_not_be_null", "key"].outcome == "passed"


def test_repeated_key_fails_with_its_count(results):
    result = results["column_values_to_be_unique", "key"]
    assert (result.outcome, result.unexpected) == ("failed", 2)


def test_code_outside_its_list_is_named(results):
    result = results["column_values_to_be_in_set", "flow_code"]
    assert (result.outcome, result.unexpected, result.sample) == ("failed", 1, ('"XX"',))


def test_declared_range(results):
    assert results["column_values_to_be_between", "pct"].unexpected == 1


def test_a_check_that_cannot_run_is_not_a_failure_and_not_a_pass(results):
    assert results["column_values_to_be_between", "gone"].outcome == "not_evaluated"


def test_row_count_floor_catches_a_collapse(results):
    assert results["table_row_count_to_be_between", "None"].outcome == "failed"


def test_findings_say_where_and_why(results):
    found = {f.rule_id: f for f in expect.findings(results.values())}
    assert "core.thing.pct" in found["expect.column_values_to_be_between"].message
    assert "a share" in found["expect.column_values_to_be_between"].message
    assert found["expect.table_row_count_to_be_between"].severity is Severity.ERROR
    assert "expect.not_evaluated" in found


def test_check_names_suit_dagster(results):
    assert all(r.name.replace("_", "").isalnum() for r in results.values())


def test_a_query_that_fails_leaves_its_checks_unevaluated():
    suite = expect.Suite(
        "joined", "select * from nowhere", (Expectation("table_row_count_to_equal", {"value": 0}, "w"),)
    )
    assert [r.outcome for r in expect.run(duckdb.connect(), [suite])] == ["not_evaluated"]


@pytest.mark.parametrize(
    ("rows", "outcome", "rules"), [("", "passed", []), ("where false", "no_rows", ["expect.nothing_to_judge"])]
)
def test_a_comparison_of_nothing_is_told_and_holds(rows, outcome, rules):
    check = Expectation("column_values_to_be_between", {"column": "share", "max_value": 1}, "a share")
    suite = expect.Suite("shares", f"select 0.5 as share {rows}", (check, check))
    results = expect.run(duckdb.connect(), [suite])
    assert [(result.outcome, result.holds) for result in results] == [(outcome, True)] * 2
    assert [finding.rule_id for finding in expect.findings(results)] == rules


def test_an_empty_table_is_sound():
    check = Expectation("column_values_to_be_between", {"column": "share", "max_value": 1}, "a share")
    suite = expect.Suite("core.share", "select 0.5 as share where false", (check,))
    assert [result.outcome for result in expect.run(duckdb.connect(), [suite])] == ["passed"]
