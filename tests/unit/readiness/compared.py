"""A warehouse and the published one it is compared with, of a few rows each."""

from __future__ import annotations

from tests.unit.readiness.made import REPORTER, empty_warehouse, fill


def transaction(activity_number, amount, donor="Donor A", kind="1", year=2026):
    return {
        "activity_key": f"made#{activity_number}",
        "dataset": "made",
        "transaction_number": 1,
        "transaction_type_code": kind,
        "transaction_date": f"{year}-05-01",
        "value_amount": amount,
        "value_currency_code": "USD",
        "provider_org_name": donor,
    }


def finding(rule, severity="error", identifier=f"{REPORTER}-A1", stage="validate", run="r1"):
    return {
        "run_id": run,
        "stage": stage,
        "rule_id": rule,
        "severity": severity,
        "identifier": identifier,
        "message": "m",
    }


def warehouse_with(tmp_path, name, activities, transactions=(), findings=()):
    path = tmp_path / f"{name}.duckdb"
    connection = empty_warehouse(str(path))
    fill(
        connection,
        {"core.iati_activity": activities, "core.iati_transaction": transactions, "audit.finding": findings},
    )
    return path, connection


def checks_of(answer):
    return {row["check_id"]: row for row in answer.tables["mart.readiness_check"].to_pylist()}


def published_with(tmp_path, **content):
    path, connection = warehouse_with(tmp_path, "published", **content)
    connection.close()
    return path
