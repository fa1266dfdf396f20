"""Every ref.* table that comes from a CSV file of schemas/, as typed Arrow tables; nothing here is fetched."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ilo_iati.errors import SpecError
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.codelist import CodeRow, list_pins, read_rows
from ilo_iati.spec.reading import read_yaml
from ilo_iati.spec.table import Column, Table, load_tables

_ARROW = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
}


def reference_tables(schemas: Path = SCHEMAS) -> dict[str, pa.Table]:
    """Each declared ref.* table and core.control_total from its CSV: columns in declared order and type, empty as NULL.

    Raises SpecError when a CSV is missing, has other columns than declared, or a value its type cannot hold.
    """
    declared = load_tables(schemas).values()
    return {table.name: _read(table, schemas) for table in declared if _is_ours(table)}


def _is_ours(table: Table) -> bool:
    """Whether its rows stand in a CSV of the repository: all of ref, and figures others published."""
    return table.rows_from == "file" and (table.schema == "ref" or table.name == "core.control_total")


def _read(table: Table, schemas: Path) -> pa.Table:
    assert table.file is not None  # every declared table comes from a file
    source = schemas.parent / str(read_yaml(table.file)["rows"].get("source", ""))
    header, rows = _codelist_rows(schemas) if source.is_dir() else _csv_rows(source)
    names = [column.name for column in table.columns]
    if list(header) != names:
        raise SpecError(f"{source}: columns {', '.join(header)}; {table.file.name} declares {', '.join(names)}.")
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    arrays = [_cast(source, column, values) for column, values in zip(table.columns, columns, strict=True)]
    return pa.table(arrays, names=names)


def _csv_rows(source: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with source.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
    except (FileNotFoundError, IsADirectoryError, ValueError):
        raise SpecError(f"{source}: not there or empty; restore it from the repository.") from None
    uneven = [number for number, row in enumerate(rows, 2) if len(row) != len(header)]
    if uneven:
        raise SpecError(f"{source}, row {uneven[0]}: {len(header)} values are expected.")
    return header, rows


def _codelist_rows(schemas: Path) -> tuple[list[str], list[list[str]]]:
    """All official lists as the rows of ref.codelist."""
    header = ["codelist", *CodeRow.__slots__, "is_complete"]
    return header, [list(row) for row in _flat_codelists(schemas)]


def _flat_codelists(schemas: Path) -> Iterator[tuple[str, ...]]:
    for name, pin in sorted(list_pins(schemas).items()):
        for row in read_rows(schemas / "codelists" / f"{name}.csv"):
            values = (getattr(row, field) for field in CodeRow.__slots__)
            yield (name, *values, "true" if pin.complete else "false")


def _cast(source: Path, column: Column, values: tuple[str, ...]) -> pa.Array:
    """Texts to the declared type; '' is NULL. Raises SpecError naming the column."""
    texts = pa.array([value or None for value in values], pa.string())
    if column.required and texts.null_count:
        raise SpecError(f"{source}: {column.name} is required but empty in {texts.null_count} rows.")
    try:
        return pc.cast(texts, _arrow_type(column.type))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SpecError(f"{source}: {column.name} is no {column.type} ({error}); correct the value.") from error


def _arrow_type(name: str) -> pa.DataType:
    if name.startswith("DECIMAL("):
        precision, scale = name[len("DECIMAL(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    if name not in _ARROW:
        raise SpecError(
            f"{name} is no type a reference table can have; use one of {', '.join(_ARROW)} or DECIMAL(p,s)."
        )
    return _ARROW[name]
