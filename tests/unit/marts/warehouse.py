"""A small warehouse for the tests of marts: tables from the specs, reviewed mappings from their CSV, rows by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.paths import MARTS, SCHEMAS
from ilo_iati.spec.table import load_tables

# Stand-ins with the agreed names, used only as long as the owning stage has not declared its table.
AGREED = {
    "core.exchange_rate": "currency_code VARCHAR, rate_date DATE, units_per_usd DOUBLE, frequency VARCHAR,"
    " source VARCHAR, snapshot_sha256 VARCHAR, dataset VARCHAR",
    "core.ceb_revenue": "year INTEGER, revenue_type_code VARCHAR, revenue_type_name VARCHAR, contributor_name VARCHAR,"
    " contributor_iso3 VARCHAR, amount_usd DECIMAL(24,4), granularity VARCHAR, source_line INTEGER,"
    " snapshot_sha256 VARCHAR, dataset VARCHAR",
    "core.dac_flow": "dataset VARCHAR, snapshot_sha256 VARCHAR, source_line INTEGER, release VARCHAR, source VARCHAR,"
    " year INTEGER, donor_code VARCHAR, donor_name VARCHAR, donor_iso3 VARCHAR, agency_code VARCHAR,"
    " agency_name VARCHAR, crs_id VARCHAR, project_number VARCHAR, recipient_code VARCHAR, recipient_name VARCHAR,"
    " channel_code VARCHAR, channel_reported_name VARCHAR, parent_channel_code VARCHAR, bi_multi_code VARCHAR,"
    " aid_type_code VARCHAR, flow_code VARCHAR, finance_type_code VARCHAR, purpose_code VARCHAR,"
    " flow_type_code VARCHAR, price_base_code VARCHAR, base_year INTEGER, is_core BOOLEAN,"
    " amount_usd DECIMAL(24,6), project_title VARCHAR, is_illustrative BOOLEAN",
}


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    """Every declared core, audit and ref table, empty but for the reviewed mappings; no marts yet."""
    db = duckdb.connect()
    for schema in ("ref", "core", "mart", "audit"):
        db.execute(f"CREATE SCHEMA {schema}")
    for name, table in load_tables().items():
        if table.schema != "mart" or table.rows_from == "program":
            columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            db.execute(f"CREATE TABLE {name} ({columns})")
            _fill_reference(db, name)
    for name, columns in AGREED.items():
        db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
    return db


def _fill_reference(db: duckdb.DuckDBPyConnection, name: str) -> None:
    path = SCHEMAS / "reference" / f"{name.removeprefix('ref.')}.csv"
    if name.startswith("ref.") and path.exists():
        db.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_csv('{path}', all_varchar=true, header=true)")


def insert(db: duckdb.DuckDBPyConnection, table: str, *rows: Mapping[str, Any]) -> None:
    """Rows by column name; what a row does not name is NULL."""
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def mart_order(folder: Path = MARTS) -> list[str]:
    """Names of all marts, each after those it reads."""
    reads = {
        path.stem: set(re.findall(r"\bmart\.\w+", re.sub(r"--.*", "", path.read_text()))) - {path.stem}
        for path in folder.glob("mart.*.sql")
    }
    ordered: list[str] = []
    while reads:
        ready = sorted(name for name, needs in reads.items() if not needs & set(reads))
        assert ready, f"marts read each other in a circle: {sorted(reads)}"
        ordered += ready
        reads = {name: needs for name, needs in reads.items() if name not in ready}
    return ordered


def build(db: duckdb.DuckDBPyConnection, *wanted: str) -> None:
    """The marts `wanted` (all when none is named) with what they read, cast to their declared types."""
    specs = load_tables()
    for name in _with_needs(wanted) if wanted else mart_order():
        select = (MARTS / f"{name}.sql").read_text()
        if name in specs:
            casts = ", ".join(
                f'CAST("{column.name}" AS {column.type}) AS "{column.name}"' for column in specs[name].columns
            )
            select = f"SELECT {casts} FROM ({select})"
        db.execute(f"CREATE OR REPLACE TABLE {name} AS {select}")


def _with_needs(wanted: tuple[str, ...]) -> list[str]:
    order, needed = mart_order(), set(wanted)
    for name in reversed(order):
        if name in needed:
            needed |= set(re.findall(r"\bmart\.\w+", re.sub(r"--.*", "", (MARTS / f"{name}.sql").read_text())))
    return [name for name in order if name in needed]


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The answer to `sql` as one dict a row."""
    cursor = db.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
