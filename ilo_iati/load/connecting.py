"""Opening warehouse files: for building, in a format older readers know; for reading, so that nothing can change."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ilo_iati.errors import WarehouseError

STORAGE_VERSION = "v1.4.0"
"""Read by DuckDB 1.4 and later. Must be set when the file is made; DuckDB 2 would write a format only it reads."""
BLOCK_SIZE = 65536
"""Bytes; the default of 256 KB leaves a third of the file empty, as most tables are small."""
MEMORY_LIMIT = "512MB"
"""DuckDB spills to disk above it; marts join and sort."""
STAGING_MEMORY = "128MB"
"""The same for copying parts, which needs little: with the extraction before it the process stays under 500 MB."""


def create_database(path: Path) -> None:
    """Makes an empty database file at `path`, in place of any that stands there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for stale in (path, path.with_name(path.name + ".wal")):
        stale.unlink(missing_ok=True)
    options = f"STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {BLOCK_SIZE}"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{_quoted(path)}' AS made ({options})")
        connection.execute("DETACH made")


def open_for_writing(path: Path, memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """A connection to the staging file at `path`, with bounded memory. Raises WarehouseError when it is in use."""
    try:
        connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        raise WarehouseError(f"{path} cannot be written ({_first_line(error)}); close the program using it.") from error
    connection.execute(f"SET memory_limit = '{memory_limit}'")
    connection.execute(f"SET temp_directory = '{_quoted(path.with_name(path.name + '.tmp'))}'")
    connection.execute("SET threads = 2")
    return connection


def open_for_reading(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published warehouse. Raises WarehouseError when there is none or it is damaged."""
    if not path.exists():
        raise WarehouseError(f"{path} does not exist; run `ilo-iati refresh` or `ilo-iati load` first.")
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be read ({_first_line(error)}); run `ilo-iati refresh`.") from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
