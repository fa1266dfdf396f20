"""Parquet parts and Arrow tables into one staging database file, and that file into the place of the published one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from ilo_iati.errors import WarehouseError
from ilo_iati.load.connecting import STAGING_MEMORY, create_database, open_for_writing
from ilo_iati.load.ddl import casts, create_tables
from ilo_iati.spec.table import Table


class PartLike(Protocol):
    """What staging needs of an extraction's outcome (see ilo_iati.extract.Part)."""

    @property
    def datasets(self) -> tuple[str, ...]: ...
    @property
    def element_counts(self) -> tuple[Any, ...]: ...
    @property
    def unclaimed(self) -> tuple[Any, ...]: ...
    def files(self, table: str) -> list[Path]:
        """Parquet files of the table, none where it has no rows."""
        ...


def stage(
    database: Path,
    parts: Sequence[PartLike],
    tables: Mapping[str, Table],
    extra: Mapping[str, pa.Table] | None = None,
    base: Path | None = None,
) -> dict[str, int]:
    """Builds the staging file `database` from `parts` and `extra` (Arrow tables by name); returns rows by table.

    Every declared table exists afterwards, empty where nothing was given. With `base`, the tables of that database are
    taken over first, without the datasets that `parts` bring anew. audit.element_count and audit.unclaimed are
    filled from the parts. Raises WarehouseError for a table or column that no spec declares.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    if base is not None and base.exists():
        shutil.copyfile(base, database)
    else:
        create_database(database)
    extra = {**_audit(parts), **(extra or {})}
    unknown = sorted(set(extra) - set(tables))
    if unknown:
        raise WarehouseError(f"No spec declares {', '.join(unknown)}; add schemas/tables/{unknown[0]}.yml.")
    with open_for_writing(database, STAGING_MEMORY) as connection:
        create_tables(connection, tables)
        connection.execute("BEGIN")
        if base is not None:
            _forget(connection, tables, [name for part in parts for name in part.datasets])
        for table in tables.values():
            _insert_files(connection, table, [file for part in parts for file in part.files(table.name)])
            if table.name in extra:
                _insert_arrow(connection, table, extra[table.name])
        connection.execute("COMMIT")
        counts = row_counts(connection, tables)
        connection.execute("CHECKPOINT")
    return counts


def row_counts(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, int]:
    """Rows of each of the tables."""
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in tables}


def publish(staging: Path, database: Path) -> None:
    """Puts the staging file in the place of `database` in one step; who has the old one open keeps it undisturbed."""
    write_ahead = staging.with_name(staging.name + ".wal")
    if write_ahead.exists():
        raise WarehouseError(f"{staging} was not closed cleanly ({write_ahead.name} is left); build it again.")
    with staging.open("rb+") as stream:
        os.fsync(stream.fileno())
    database.parent.mkdir(parents=True, exist_ok=True)
    os.replace(staging, database)
    shutil.rmtree(staging.with_name(staging.name + ".tmp"), ignore_errors=True)
    folder = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _forget(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table], datasets: Sequence[str]) -> None:
    """Removes what the database holds of these datasets."""
    names = ", ".join("?" for _ in datasets)
    for table in tables.values():
        if datasets and table.has("dataset") and table.schema in ("core", "audit"):
            connection.execute(f"DELETE FROM {table.name} WHERE dataset IN ({names})", list(datasets))


def _insert_files(connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path]) -> None:
    if files:
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        connection.execute(f"INSERT INTO {table.name} SELECT {casts(table)} FROM read_parquet([{listed}])")


def _insert_arrow(connection: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table) -> None:
    strange = sorted(set(rows.column_names) - {column.name for column in table.columns})
    if strange:
        raise WarehouseError(f"{table.name} has no column {', '.join(strange)}; add it to {table.file}.")
    for column in table.columns:
        if column.name not in rows.column_names:
            rows = rows.append_column(column.name, pa.nulls(len(rows)))
    connection.register("arriving", rows)
    connection.execute(f"INSERT INTO {table.name} SELECT {casts(table)} FROM arriving")
    connection.unregister("arriving")


def _audit(parts: Sequence[PartLike]) -> dict[str, pa.Table]:
    """audit.element_count and audit.unclaimed of the parts."""
    counts = [count for part in parts for count in part.element_counts]
    paths = [path for part in parts for path in part.unclaimed]
    return {
        "audit.element_count": _table(counts, ("dataset", "table_name", "elements", "row_count")),
        "audit.unclaimed": _table(paths, ("dataset", "path", "occurrences", "first_line", "sample", "extensions")),
    }


def _table(items: Sequence[Any], names: Sequence[str]) -> pa.Table:
    return pa.table({name: [getattr(item, name) for item in items] for name in names})
