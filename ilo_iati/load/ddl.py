"""Table specs to DDL: tables with their types, the guarantees we make ourselves, and a comment on everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from ilo_iati.spec.table import SCHEMA_NAMES, Table

GUARANTEED = ("iati-activity", "iati-organisation")
"""Tables whose required columns our own walker fills; elsewhere a missing value is the publisher's and a finding."""


def create_tables(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> None:
    """Creates every declared table that does not stand yet, empty, with types and comments."""
    connection.execute("BEGIN")  # one commit for some thousand statements, not one each
    for schema in SCHEMA_NAMES:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for table in tables.values():
        columns = ", ".join(_column(table, name, kind) for name, kind in _types(table))
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table.name} ({columns})")
    comment(connection, tables.values())
    connection.execute("COMMIT")


def comment(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Puts grain and about of the specs into the database."""
    for table in tables:
        connection.execute(f"COMMENT ON TABLE {table.name} IS {literal(table.grain)}")
        for column in table.columns:
            connection.execute(f'COMMENT ON COLUMN {table.name}."{column.name}" IS {literal(column.about)}')


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def casts(table: Table) -> str:
    """The declared columns, in order and cast to their types, for a SELECT."""
    return ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in _types(table))


def _types(table: Table) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in table.columns]


def _column(table: Table, name: str, kind: str) -> str:
    column = table.column(name)
    # Free text is most of the file and DuckDB stores it uncompressed on its own account.
    free_text = any(path.rsplit("/", 1)[-1] == "narrative" for path in (*column.paths, name))
    compression = " USING COMPRESSION zstd" if kind == "VARCHAR" and free_text else ""
    guaranteed = table.rows_from in GUARANTEED and column.required
    return f'"{name}" {kind}{compression}{" NOT NULL" if guaranteed else ""}'
