"""What the warehouse under review holds, read as plain rows; and the views that gates and scores share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.errors import WarehouseError

Row = dict[str, Any]

RECONCILED_YEARS = 3
"""Newest years with both figures that the reconciliation gate looks at; older ones are closed and explained once."""


def relations(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of the tables and views in reach: `schema.table`, `published.schema.table`, and temporary ones bare."""
    rows = connection.execute(
        "SELECT table_catalog, table_schema, table_name, current_database() FROM information_schema.tables"
    ).fetchall()
    names = set()
    for catalog, schema, table, current in rows:
        plain = f"{schema}.{table}"
        names.add(table if catalog == "temp" else plain if catalog == current else f"{catalog}.{plain}")
    return names


def columns(connection: duckdb.DuckDBPyConnection, relation: str) -> set[str]:
    """Column names of `relation` (`schema.table`)."""
    return {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> list[Row]:
    """The answer to `sql`, one mapping a row."""
    answer = connection.execute(sql, parameters or [])
    names = [item[0] for item in answer.description or []]
    return [dict(zip(names, values, strict=True)) for values in answer.fetchall()]


def scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """First column of the first row of `sql`; None where there is no row."""
    found = connection.execute(sql).fetchall()
    return found[0][0] if found else None


@contextmanager
def opened(source: duckdb.DuckDBPyConnection | Path | str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection itself, or a read-only one to the database file, closed afterwards. Raises WarehouseError."""
    if isinstance(source, duckdb.DuckDBPyConnection):
        yield source
        return
    if not Path(source).exists():
        raise WarehouseError(f"{source}: no such database; run `ilo-iati refresh` first.")
    try:
        connection = duckdb.connect(str(source), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"{source}: cannot be opened ({error}); run `ilo-iati refresh` again.") from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, published: Path | None) -> Iterator[None]:
    """While it lasts, the published warehouse is in reach as `published` (read-only); without a path, nothing."""
    if published is None or not published.exists():
        yield
        return
    try:
        connection.execute(f"ATTACH '{str(published).replace(chr(39), chr(39) * 2)}' AS published (READ_ONLY)")
    except duckdb.Error as error:
        raise WarehouseError(f"{published}: cannot be opened to compare with ({error}); name another file.") from error
    try:
        yield
    finally:
        _drop_views_on_published(connection)
        connection.execute("DETACH published")


def _drop_views_on_published(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DROP VIEW IF EXISTS temp.readiness_published_finding")
    connection.execute("DROP VIEW IF EXISTS temp.readiness_scope")


def prepare(connection: duckdb.DuckDBPyConnection, as_of: date, *, candidate: Collection[str] = ()) -> set[str]:
    """Makes the temporary views gates and scores read, and returns every relation then in reach.

    `candidate`: the datasets under review, standing among those that stay published; none means all. A published
    dataset is compared with them when it does not stay: the whole publication, or what the candidate replaces.
    """
    connection.execute(f"SET VARIABLE as_of = DATE '{as_of.isoformat()}'")
    found = relations(connection)
    _finding_view(connection, found, "", "readiness_finding")
    if "core.iati_activity" in found:
        _review_view(connection, found, candidate)
    if {"published.core.iati_activity", "core.iati_activity"} <= found:
        connection.execute(_SCOPE.format(published=_datasets(found, "published."), now=_datasets(found, "")))
    if {"published.audit.finding", "core.iati_activity"} <= found:
        _finding_view(connection, found, "published.", "readiness_published_finding", replaced_only=bool(candidate))
    _money_views(connection, found)
    return relations(connection)


_STAGE = "CASE stage WHEN 'validate' THEN 'validation' WHEN 'extract' THEN 'extraction' ELSE stage END"
"""One name a stage: the graph and the command line have not always used the same."""


def _finding_view(
    connection: duckdb.DuckDBPyConnection, found: set[str], where: str, name: str, *, replaced_only: bool = False
) -> None:
    if f"{where}audit.finding" not in found:
        return
    # The audit tables may keep earlier runs; only what the newest run noticed describes the data now.
    newest = f"(SELECT arg_max(run_id, started_at) FROM {where}audit.run)" if f"{where}audit.run" in found else "NULL"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * REPLACE ({_STAGE} AS stage) FROM {where}audit.finding "
        f"WHERE ({newest} IS NULL OR run_id = {newest})"
        + (" AND dataset IN (FROM readiness_scope UNION FROM readiness_review)" if replaced_only else "")
    )


def _datasets(found: set[str], where: str) -> str:
    """The datasets of activities and, where the table is there, of organisations."""
    tables = [f"{where}core.iati_activity", f"{where}core.iati_organisation"]
    return " UNION ".join(f"SELECT dataset FROM {table}" for table in tables if table in found)


def _review_view(connection: duckdb.DuckDBPyConnection, found: set[str], candidate: Collection[str]) -> None:
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in candidate)
    chosen = f"SELECT unnest([{names}]) AS dataset" if names else _datasets(found, "")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW readiness_review AS {chosen}")


_SCOPE = """
CREATE OR REPLACE TEMP VIEW readiness_scope AS
SELECT dataset FROM ({published}) WHERE dataset NOT IN
    (SELECT dataset FROM ({now}) WHERE dataset NOT IN (FROM readiness_review))
"""


def replaced_datasets(connection: duckdb.DuckDBPyConnection, candidate: Collection[str]) -> list[str]:
    """Datasets beside the candidate's own that it replaces: half of their activities or more stand in it as well.

    Fewer shared identifiers are no replacement but duplicates, which the gate of that name reports.
    """
    answer = connection.execute(
        "SELECT dataset FROM core.iati_activity WHERE dataset NOT IN (SELECT unnest($1)) GROUP BY dataset "
        "HAVING avg((iati_identifier IN (SELECT iati_identifier FROM core.iati_activity "
        "WHERE dataset IN (SELECT unnest($1))))::INTEGER) >= 0.5 ORDER BY 1",
        [list(candidate)],
    ).fetchall()
    return [row[0] for row in answer]


def _money_views(connection: duckdb.DuckDBPyConnection, found: set[str]) -> None:
    if {"mart.transaction", "mart.transaction_split"} <= found:
        connection.execute(_SPLIT_DIFFERENCE)
    if "mart.reconciliation_year" in found:
        connection.execute(_RECONCILIATION)


_SPLIT_DIFFERENCE = """
CREATE OR REPLACE TEMP VIEW readiness_split_difference AS
SELECT activity_key, transaction_number, dimension, dimension_view, share.amount - value_amount AS difference
FROM mart.transaction
JOIN (SELECT activity_key, transaction_number, dimension, dimension_view, sum(split_value_amount) AS amount
      FROM mart.transaction_split GROUP BY ALL) AS share USING (activity_key, transaction_number)
"""


_RECONCILIATION = f"""
CREATE OR REPLACE TEMP VIEW readiness_reconciliation AS
SELECT year, 100.0 * difference_usd / right_usd AS difference_pct
FROM mart.reconciliation_year
WHERE comparison = 'iati_ceb' AND left_usd <> 0 AND right_usd <> 0 AND year < year(getvariable('as_of'))
ORDER BY year DESC LIMIT {RECONCILED_YEARS}
"""
