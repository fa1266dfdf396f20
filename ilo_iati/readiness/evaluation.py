"""Gates and scores turned into the rows of mart.readiness_*, in the columns their specs declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.readiness.gates import Check, GateSet, check_gates, load_gates
from ilo_iati.readiness.reading import attached, prepare
from ilo_iati.spec.table import Table, load_tables

CHECKS = "mart.readiness_check"


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    gates: GateSet | None = None,
    *,
    published: Path | None = None,
    whole: bool = True,
) -> dict[str, pa.Table]:
    """Every mart.readiness_* table for the data `connection` holds, by table name, in the declared columns and types.

    `published` is the warehouse now public, to compare with; `whole` is false when only some files are candidates.
    Reads only: the caller stores the tables. Raises WarehouseError when `published` cannot be opened.
    """
    with attached(connection, published):
        relations = prepare(connection, as_of, whole=whole)
        checks = check_gates(connection, gates or load_gates(), relations, as_of)
    return {CHECKS: to_arrow(CHECKS, [_check_row(n, check, as_of) for n, check in enumerate(checks, 1)])}


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


_ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
}


def to_arrow(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """`rows` in the declared columns of table `name`; a key that is no column is a mistake of ours (KeyError)."""
    table: Table = load_tables()[name]
    stray = {key for row in rows for key in row} - {column.name for column in table.columns}
    if stray:
        raise KeyError(f"{name} declares no column {', '.join(sorted(stray))}")
    schema = pa.schema([(column.name, _ARROW[column.type]) for column in table.columns])
    return pa.Table.from_pylist([dict(row) for row in rows], schema)
