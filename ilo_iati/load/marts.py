"""warehouse/marts/*.sql to mart tables: each one SELECT, cast to the types of its spec, in the order SQL demands."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.errors import SpecError
from ilo_iati.load.connecting import open_for_writing
from ilo_iati.load.ddl import casts, comment
from ilo_iati.load.staging import row_counts
from ilo_iati.paths import MARTS
from ilo_iati.spec.table import Table, load_tables


def build_marts(
    target: duckdb.DuckDBPyConnection | Path,
    only: Collection[str] | None = None,
    tables: Mapping[str, Table] | None = None,
    folder: Path = MARTS,
) -> dict[str, int]:
    """Creates the marts (`only` these, else all declared) in `target`, a connection or a staging file; rows by mart.

    Raises SpecError, naming the mart, when its SQL is missing, does not bind or lacks a declared column.
    """
    if isinstance(target, Path):
        with open_for_writing(target) as connection:
            return build_marts(connection, only, tables, folder)
    tables = tables or load_tables()
    queries = mart_queries(tables, folder)
    target.execute("CREATE SCHEMA IF NOT EXISTS mart")
    wanted = list(queries) if only is None else [name for name in queries if name in only]
    # Reading the order off the SQL costs more than most marts; one alone needs none.
    built = wanted if len(wanted) == 1 else [name for name in mart_order(target, queries) if name in wanted]
    for name in built:
        _build(target, tables[name], queries[name])
    return row_counts(target, built)


def mart_queries(tables: Mapping[str, Table], folder: Path = MARTS) -> dict[str, str]:
    """The SELECT of every declared mart. Raises SpecError for a spec without SQL and for SQL without a spec."""
    declared = {name for name, table in tables.items() if table.rows_from == "sql"}
    found = {path.stem: path for path in sorted(folder.glob("*.sql"))}
    found = {stem if "." in stem else f"mart.{stem}": path for stem, path in found.items()}
    if declared - set(found):
        raise SpecError(f"{folder} holds no SQL for {', '.join(sorted(declared - set(found)))}; add it.")
    if set(found) - declared:
        stray = sorted(set(found) - declared)
        raise SpecError(f"{found[stray[0]]} has no schemas/tables/{stray[0]}.yml; declare the mart.")
    return {name: found[name].read_text(encoding="utf-8").strip().rstrip(";") for name in sorted(declared)}


def dependencies(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """The tables (`schema.table`) a SELECT reads, from its syntax tree: nothing need exist yet. Raises SpecError."""
    tree = json.loads(connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()[0][0])
    if tree.get("error"):
        raise SpecError(f"{tree.get('error_message')}; a mart is one SELECT.")
    return {name for node in _nodes(tree) if (name := _table_name(node))}


def mart_dependencies(marts: Mapping[str, Table], folder: Path = MARTS) -> dict[str, set[str]]:
    """The tables each of these marts reads, marts and others alike. Raises SpecError."""
    queries = mart_queries(marts, folder)
    with duckdb.connect() as connection:
        return {name: dependencies(connection, query) for name, query in queries.items()}


def mart_order(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> list[str]:
    """The marts, each after those it reads. Raises SpecError for SQL that does not parse and for a circle."""
    graph: dict[str, set[str]] = {}
    for name, query in queries.items():
        try:
            graph[name] = dependencies(connection, query) & set(queries)
        except SpecError as error:
            raise SpecError(f"{name}: {error}") from error
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise SpecError(f"Marts read each other in a circle: {' > '.join(error.args[1])}; break it.") from error


def _build(connection: duckdb.DuckDBPyConnection, table: Table, query: str) -> None:
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {table.name} AS SELECT {casts(table)} FROM (\n{query}\n) AS mart")
    except duckdb.Error as error:
        raise SpecError(f"{table.name}: {error}") from error
    comment(connection, [table])


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _table_name(node: Mapping[str, Any]) -> str | None:
    """A table with a schema; one without is a name defined by WITH."""
    if node.get("type") != "BASE_TABLE" or not node.get("schema_name"):
        return None
    return f"{node['schema_name']}.{node['table_name']}"
