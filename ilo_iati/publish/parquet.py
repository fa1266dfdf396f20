"""The published tables as Parquet: one folder a table, swapped in whole, for readers without DuckDB."""

from __future__ import annotations

import ctypes
import os
import shutil
from pathlib import Path

import duckdb

_HERE = -100  # AT_FDCWD: paths as they stand
_EXCHANGE = 2  # RENAME_EXCHANGE


def export_parquet(database: Path, folder: Path) -> dict[str, int]:
    """Writes every table of `database` to `<folder>/<schema.table>/0.parquet` (zstd); returns bytes by table.

    `folder` is made anew; `swap_folder` puts it into the place of the published one.
    """
    shutil.rmtree(folder, ignore_errors=True)
    sizes = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        listed = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        for schema, table in listed:
            path = folder / f"{schema}.{table}" / "0.parquet"
            path.parent.mkdir(parents=True)
            target = str(path).replace("'", "''")
            connection.execute(f"COPY {schema}.{table} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
            sizes[f"{schema}.{table}"] = path.stat().st_size
    return sizes


def swap_folder(built: Path, folder: Path) -> None:
    """Puts the folder `built` into the place of `folder`, on the same file system, and removes the former one.

    In one step where the kernel can exchange two names (Linux); elsewhere the former is out of the way for a moment.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists() and _exchange(built, folder):
        shutil.rmtree(built, ignore_errors=True)
        return
    former = folder.with_name(f".{folder.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    built.rename(folder)
    shutil.rmtree(former, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two names in one step; False where the system has no such call (renameat2) or refuses it."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return int(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)) == 0
