"""One row of facts an activity, from schemas/readiness/facts.yml: all that the frameworks' tests may look at."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from ilo_iati.paths import SCHEMAS
from ilo_iati.readiness.frameworks import TRANSPARENCY, load_framework
from ilo_iati.readiness.gates import READINESS
from ilo_iati.spec.reading import read_yaml, require

FACTS = "readiness_fact"
CODELISTS = (
    "Version",
    "ActivityStatus",
    "Sector",
    "DocumentCategory",
    "AidType",
    "BudgetNotProvided",
    "FlowType",
    "FinanceType",
    "TiedStatus",
    "GeographicVocabulary",
    "OrganisationRegistrationAgency",
)
_EMPTY = {"BOOLEAN": "false", "BIGINT": "0", "VARCHAR[]": "[]::VARCHAR[]"}

_MACROS = (
    "filled(text) AS coalesce(trim(text), '') <> ''",
    "as_of() AS getvariable('as_of')",
    "on_list(list_name, code) AS coalesce((list_name || ' ' || code) IN (SELECT entry FROM readiness_code), false)",
    "valid_org_ref(ref) AS coalesce(regexp_matches(ref, getvariable('readiness_agencies')) "
    "AND NOT list_contains(getvariable('readiness_generic'), ref), false)",
    # The frameworks split at single spaces and want exactly two numbers.
    "valid_point(text) AS coalesce(len(string_split(text, ' ')) = 2 "
    "AND try_cast(split_part(text, ' ', 1) AS DOUBLE) BETWEEN -90 AND 90 "
    "AND try_cast(split_part(text, ' ', 2) AS DOUBLE) BETWEEN -180 AND 180 "
    "AND NOT (try_cast(split_part(text, ' ', 1) AS DOUBLE) = 0 AND try_cast(split_part(text, ' ', 2) AS DOUBLE) = 0), "
    "false)",
    "has_aid(codes, given) AS list_has_any(codes, given)",
)


@cache
def official_codes(schemas: Path = SCHEMAS) -> Mapping[str, frozenset[str]]:
    """Codes of each list the facts use, from schemas/codelists; `SectorCategory` are the categories of Sector."""
    found = {name: _codes(schemas, name, "code") for name in CODELISTS}
    return {**found, "SectorCategory": _codes(schemas, "Sector", "category")}


def _codes(schemas: Path, name: str, column: str) -> frozenset[str]:
    with (schemas / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return frozenset(row[column] for row in csv.DictReader(stream) if row[column])


def make_facts(connection: duckdb.DuckDBPyConnection, codes: Mapping[str, Iterable[str]] | None = None) -> None:
    """Creates the temporary table readiness_fact: one row an activity of core.iati_activity, the columns of facts.yml.

    Needs the variable `as_of` (see reading.prepare). `codes` are official codes by list, default schemas/codelists.
    """
    _tools(connection, codes or official_codes())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {FACTS} AS {facts_sql()}")


def _tools(connection: duckdb.DuckDBPyConnection, codes: Mapping[str, Iterable[str]]) -> None:
    entries = [f"{name} {code}" for name, members in codes.items() for code in members]
    _temp_table(connection, "readiness_code", {"entry": entries})
    with (READINESS / "country_language.csv").open(encoding="utf-8", newline="") as stream:
        pairs = list(csv.DictReader(stream))
    names = ("country_code", "language_code")
    _temp_table(connection, "readiness_country_language", {name: [pair[name] for pair in pairs] for name in names})
    agencies = "|".join(sorted(codes.get("OrganisationRegistrationAgency", ()))) or "(?!)"
    connection.execute("SET VARIABLE readiness_agencies = ?", [f"^({agencies})-."])
    generic = [f"XM-DAC-{code}" for code in load_framework(TRANSPARENCY).body["generic_channels"]]
    connection.execute("SET VARIABLE readiness_generic = ?", [generic])
    for macro in _MACROS:
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")


def _temp_table(connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, list[str]]) -> None:
    table = pa.table({key: pa.array(column, pa.string()) for key, column in values.items()})
    connection.register("readiness_input", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM readiness_input")
    connection.unregister("readiness_input")


@cache
def facts_sql(path: Path = READINESS / "facts.yml") -> str:
    """The SELECT behind readiness_fact. Raises SpecError for a malformed file."""
    document = read_yaml(path)
    require(path, document, ("groups", "derived"), ())
    joins, selected = [], []
    for number, group in enumerate(document["groups"]):
        require(path, group, ("from", "facts"), ())
        parts = []
        for name, fact in group["facts"].items():
            require(path, fact, ("type", "sql", "about"), ())
            parts.append(f"{fact['sql']} AS {name}")
            empty = _EMPTY.get(fact["type"])
            selected.append(f"coalesce(g{number}.{name}, {empty}) AS {name}" if empty else f"g{number}.{name}")
        body = f"SELECT activity_key, {', '.join(parts)} FROM {group['from']} GROUP BY activity_key"
        joins.append(f"LEFT JOIN ({body}) AS g{number} ON g{number}.activity_key = activity.activity_key")
    derived = ", ".join(f"coalesce({fact['sql']}, false) AS {name}" for name, fact in document["derived"].items())
    place = "activity.activity_key, activity.dataset, activity.iati_identifier, activity.source_line"
    inner = f"SELECT {place}, {', '.join(selected)} FROM core.iati_activity AS activity {' '.join(joins)}"
    return f"SELECT *, {derived} FROM ({inner})"
