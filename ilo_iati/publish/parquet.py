"""The published tables as Parquet: one folder a table, swapped in whole, for readers without DuckDB."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb


def export_parquet(database: Path, folder: Path) -> dict[str, int]:
    """Writes every table of `database` to `<folder>/<schema.table>/0.parquet` (zstd); returns bytes by table.

    The folder is built aside and takes the place of the former one at the end.
    """
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    sizes = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        listed = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        for schema, table in listed:
            path = building / f"{schema}.{table}" / "0.parquet"
            path.parent.mkdir(parents=True)
            target = str(path).replace("'", "''")
            connection.execute(f"COPY {schema}.{table} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
            sizes[f"{schema}.{table}"] = path.stat().st_size
    _swap(building, folder)
    return sizes


def _swap(building: Path, folder: Path) -> None:
    """A folder cannot be replaced in one step; the former one is out of the way only for a moment."""
    former = folder.with_name(f".{folder.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    building.rename(folder)
    shutil.rmtree(former, ignore_errors=True)
