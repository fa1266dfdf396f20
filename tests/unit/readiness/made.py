"""Warehouses made by hand for the readiness tests: empty tables from the specs, filled with a few rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb

from ilo_iati.readiness.facts import make_facts
from ilo_iati.readiness.reading import prepare
from ilo_iati.spec.table import load_tables

REPORTER = "XM-DAC-41302"


def empty_warehouse(target: str = ":memory:", layers: Iterable[str] = ("core", "audit")) -> duckdb.DuckDBPyConnection:
    """A database with every declared table of `layers` and no row."""
    connection = duckdb.connect(target)
    for schema in ("core", "mart", "audit"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for table in load_tables().values():
        if table.schema in layers:
            body = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({body})")
    return connection


def fill(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Inserts rows given as mappings; columns left out stay NULL."""
    for name, rows in tables.items():
        for row in rows:
            names = ", ".join(f'"{key}"' for key in row)
            marks = ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO {name} ({names}) VALUES ({marks})", list(row.values()))


def activity(number: int, **columns: Any) -> dict[str, Any]:
    """A row of core.iati_activity with what every activity has; `columns` override."""
    return {
        "dataset": "made",
        "activity_key": f"made#{number}",
        "source_line": number * 10,
        "activity_number": number,
        "iati_version": "2.03",
        "iati_identifier": f"{REPORTER}-A{number}",
        "reporting_org_ref": REPORTER,
        "reporting_org_name": "Office",
        "is_illustrative": True,
        **columns,
    }


def demo() -> duckdb.DuckDBPyConnection:
    """A warehouse with something in every section of the page."""
    connection = empty_warehouse()
    fill(
        connection,
        {
            "core.iati_activity": [activity(number) for number in range(1, 4)],
            "audit.run": [
                {
                    "run_id": "r1",
                    "started_at": "2026-11-20 06:00:00",
                    "finished_at": "2026-11-20 06:04:00",
                    "as_of": date(2026, 11, 20),
                    "mode": "sample",
                    "status": "done",
                    "git_or_package_version": "0.1.0",
                }
            ],
            "audit.finding": [_finding(n) for n in range(12)],
            "audit.snapshot": [_snapshot("iati_ilo", f"made-{n}", n) for n in range(3)]
            + [_snapshot("ceb_revenue", "ceb", 9, illustrative=False)],
        },
    )
    connection.execute(
        "CREATE OR REPLACE TABLE core.ceb_revenue AS SELECT * FROM (VALUES "
        + ", ".join(f"({year}, 'R03', 'type', {amount}e6, 'ceb')" for year, amount in _CEB)
        + ") AS t(year, revenue_type_code, granularity, amount_usd, dataset)"
    )
    return connection


_CEB = (
    (2011, 270.6), (2012, 271.3), (2013, 281.2), (2014, 277.7), (2015, 225.0), (2016, 252.4), (2017, 293.0),
    (2018, 255.9), (2019, 294.2), (2020, 299.3), (2021, 366.1), (2022, 399.1), (2023, 410.4), (2024, 452.4),
)  # fmt: skip


def _finding(number: int) -> dict[str, Any]:
    severity = ("error", "warning", "advisory")[number % 3]
    return {
        "run_id": "r1",
        "stage": "validate",
        "dataset": f"made-{number % 2}",
        "rule_id": f"6.{number % 4}.1",
        "severity": severity,
        "identifier": f"{REPORTER}-A{number}",
        "line": 100 + number,
        "message": "The activity states neither a planned nor an actual start.",
        "fix": "Add the start date.",
    }


def _snapshot(source: str, dataset: str, number: int, *, illustrative: bool = True) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "source": source,
        "url": f"https://example.org/{dataset}.xml",
        "http_status": 200,
        "sha256": f"{number:064x}",
        "bytes": 12345 * (number + 1),
        "fetched_at": f"2026-11-{10 + number} 05:00:00",
        "is_last_good": True,
        "is_current": True,
        "is_illustrative": illustrative,
        "licence": "cc-by",
    }


def store(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Any]) -> None:
    """Puts Arrow tables into the warehouse under their names, as a refresh does."""
    for name, table in tables.items():
        connection.register("arriving", table)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM arriving")
        connection.unregister("arriving")


def warehouse_of(activities: Iterable[Mapping[str, Any]], as_of: date, **tables: Any) -> duckdb.DuckDBPyConnection:
    """A warehouse of these activities, with the rows of each table given beside the number of theirs; facts made."""
    connection = empty_warehouse()
    rows = {
        f"core.iati_{name}": [{"activity_key": f"made#{key}", **row} for key, row in own]
        for name, own in tables.items()
    }
    fill(connection, {"core.iati_activity": activities, **rows})
    prepare(connection, as_of)
    make_facts(connection)
    return connection


def end(day: str) -> dict[str, Any]:
    """A planned end."""
    return {"activity_date_number": 1, "type_code": "3", "iso_date": day}


def budget(start: str, end: str) -> dict[str, Any]:
    return {"budget_number": 1, "period_start": start, "period_end": end}


def money(number: int, kind: str, day: str | None, amount: float) -> dict[str, Any]:
    return {
        "transaction_number": number,
        "transaction_type_code": kind,
        "transaction_date": day,
        "value_amount": amount,
    }
