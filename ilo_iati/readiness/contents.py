"""What every activity and organisation says, element by element, in two warehouses: the ground for telling changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

_PLACE = {"dataset", "snapshot_sha256", "activity_key", "organisation_key", "source_line", "activity_number",
          "organisation_number", "narrative_number"}  # fmt: skip
_STAMP = {"iati_version", "generated_datetime", "last_updated_datetime", "is_illustrative"}
_UNCOUNTED = _PLACE | _STAMP
"""Where a thing stands in its file, and what every export writes anew: no change of what is said."""

_NARRATIVE = "iati_narrative"
_NARRATIVE_OF = (
    "CASE WHEN table_name IN ('core.iati_activity', 'core.iati_organisation') THEN replace(element, '-', ' ') "
    "ELSE replace(regexp_replace(table_name, '^core\\.iati_(organisation_)?', ''), '_', ' ') END"
)

Tables = Mapping[str, list[str]]
"""By table of the core layer the columns that both warehouses have and that count."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Activities or organisations: the table of their own, the key that joins their parts, and what names them."""

    name: str
    key: str
    identifier: str

    @property
    def table(self) -> str:
        return f"iati_{self.name}"


ACTIVITY = Kind("activity", "activity_key", "iati_identifier")
ORGANISATION = Kind("organisation", "organisation_key", "organisation_identifier")


def compare_contents(connection: duckdb.DuckDBPyConnection, kind: Kind, table: str) -> None:
    """Makes the temporary `table`: item (identifier), change_type (`<kind>_added`, `_removed`, `_changed` or
    `unchanged`) and detail, the elements that differ.

    Compared are the datasets of readiness_scope in `published` with those of readiness_review. An identifier that
    stands several times is one item with the content of all.
    """
    shared = _shared(connection)
    before = _contents(kind, shared, "published.", "readiness_scope")
    now = _contents(kind, shared, "", "readiness_review")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT item,
            CASE WHEN NOT bool_or(b.content IS NOT NULL) THEN '{kind.name}_added'
                 WHEN NOT bool_or(n.content IS NOT NULL) THEN '{kind.name}_removed'
                 WHEN bool_or(b.content IS DISTINCT FROM n.content) THEN '{kind.name}_changed'
                 ELSE 'unchanged' END AS change_type,
            CASE WHEN change_type = '{kind.name}_changed' THEN string_agg(element, ', ' ORDER BY element)
                 FILTER (b.content IS DISTINCT FROM n.content) END AS detail
        FROM ({before}) AS b FULL JOIN ({now}) AS n USING (item, element) GROUP BY item
        """
    )


def _shared(connection: duckdb.DuckDBPyConnection) -> Tables:
    answer = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'core' "
        "AND table_name LIKE 'iati\\_%' ESCAPE '\\' AND table_catalog IN (current_database(), 'published') "
        "GROUP BY ALL HAVING count(DISTINCT table_catalog) = 2 ORDER BY ALL"
    ).fetchall()
    return {table: [column for name, column in answer if name == table] for table, _ in answer}


def _contents(kind: Kind, shared: Tables, where: str, scope: str) -> str:
    parts = " UNION ALL ".join(_parts(kind, shared, where))
    return (
        f"SELECT owner.{kind.identifier} AS item, element, sum(hash) AS content FROM ({parts}) AS part "
        f"JOIN {where}core.{kind.table} AS owner ON part.key = owner.{kind.key} "
        f"WHERE owner.{kind.identifier} IS NOT NULL AND owner.dataset IN (SELECT dataset FROM {scope}) GROUP BY ALL"
    )


def _parts(kind: Kind, shared: Tables, where: str) -> Iterable[str]:
    """Every row of every table as its owner's key, the element it is, and a hash of what it says."""
    own = [column for column in shared[kind.table] if column not in _UNCOUNTED]
    for column in own:
        yield (
            f"SELECT {kind.key} AS key, '{column.replace('_', ' ')}' AS element, hash({column}) AS hash "
            f"FROM {where}core.{kind.table}"
        )
    for table, columns in shared.items():
        counted = [column for column in columns if column not in _UNCOUNTED]
        if table == _NARRATIVE:
            # Its key names organisations as well as activities.
            yield (f"SELECT activity_key, {_NARRATIVE_OF}, hash({', '.join(counted)}) FROM {where}core.{table}")
        elif table != kind.table and kind.key in columns and counted:
            name = table.removeprefix("iati_").removeprefix("organisation_").replace("_", " ")
            yield f"SELECT {kind.key}, '{name}', hash({', '.join(counted)}) FROM {where}core.{table}"
