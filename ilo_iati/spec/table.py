"""schemas/tables/*.yml and columns.yml into frozen Table objects: the only declaration of every table and mart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ilo_iati.errors import SpecError
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml, require

SCHEMA_NAMES = ("ref", "core", "mart", "audit")
ROW_SOURCES = ("iati-activity", "iati-organisation", "file", "sql", "program")
"""Where rows come from: an element of an IATI document, another source's file, a mart's SELECT, or the program."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `type` is DuckDB's name, `paths` lead from the row's element to the value, first non-empty wins."""

    name: str
    type: str
    about: str
    paths: tuple[str, ...] = ()
    codelist: str | None = None
    references: str | None = None
    unit: str | None = None
    required: bool = False
    lenient: bool = False
    """Any text is legitimate here: what is no value of `type` stays NULL without a finding."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One Great Expectations check: its type name without `expect_`, its arguments, and why the bound is there."""

    name: str
    arguments: Mapping[str, Any]
    why: str
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the warehouse. `elements` are slash paths below the record that each begin a row."""

    name: str
    grain: str
    rows_from: str
    elements: tuple[str, ...]
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    example: str | None = None
    file: Path | None = None

    @property
    def schema(self) -> str:
        return self.name.split(".", 1)[0]

    def column(self, name: str) -> Column:
        """The column called `name`. Raises KeyError."""
        return next((column for column in self.columns if column.name == name), None) or _missing(self, name)

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)


def _missing(table: Table, name: str) -> Column:
    raise KeyError(f"{table.name} has no column {name}")


def _column(path: Path, name: str, body: Any) -> Column:
    if not isinstance(body, Mapping):
        raise SpecError(f"{path}: column {name} must be a mapping with type and about.")
    require(path, body, ("type", "about"), ("from", "codelist", "references", "unit", "required", "lenient"))
    paths = body.get("from", ())
    paths = (paths,) if isinstance(paths, str) else tuple(paths)
    if any("|" in step for step in paths):
        raise SpecError(
            f"{path}: column {name}: '|' answers in document order; write a list, the first non-empty wins."
        )
    extras = {key: body.get(key) for key in ("codelist", "references", "unit")}
    return Column(
        name,
        str(body["type"]),
        str(body["about"]),
        paths,
        required=bool(body.get("required")),
        lenient=bool(body.get("lenient")),
        **extras,
    )


def read_table(path: Path, shared: Mapping[str, Column]) -> Table:
    """The table declared in `path`; `shared` are the columns of columns.yml. Raises SpecError."""
    body = read_yaml(path)
    require(path, body, ("table", "grain", "rows"), ("uses", "columns", "primary_key", "expectations", "example"))
    name, rows = str(body["table"]), body["rows"]
    if path.stem != name or name.split(".")[0] not in SCHEMA_NAMES:
        raise SpecError(f"{path}: table {name} must be called as its file, in one of {', '.join(SCHEMA_NAMES)}.")
    require(path, rows, ("from",), ("element", "elements", "source"))
    if rows["from"] not in ROW_SOURCES:
        raise SpecError(f"{path}: rows come from {rows['from']!r}; choose one of {', '.join(ROW_SOURCES)}.")
    used = [_shared(path, shared, key) for key in body.get("uses", ())]
    own = [_column(path, key, value) for key, value in (body.get("columns") or {}).items()]
    columns = tuple(used + own)
    names = [column.name for column in columns]
    wrong = set(body.get("primary_key", ())) - set(names) | {n for n in names if names.count(n) > 1}
    if wrong:
        raise SpecError(f"{path}: {', '.join(sorted(wrong))} is declared twice or is a key without a column.")
    elements = rows.get("elements") or ([rows["element"]] if "element" in rows else [])
    checks = tuple(_expectation(path, item) for item in body.get("expectations", ()))
    return Table(
        name,
        str(body["grain"]),
        rows["from"],
        tuple(elements),
        columns,
        tuple(body.get("primary_key", ())),
        checks,
        body.get("example"),
        path,
    )


def _shared(path: Path, shared: Mapping[str, Column], name: str) -> Column:
    if name not in shared:
        raise SpecError(f"{path}: uses {name}, which columns.yml does not declare.")
    return shared[name]


def _expectation(path: Path, body: Any) -> Expectation:
    require(path, body, ("name", "why"), ("arguments", "severity"))
    severity = body.get("severity", "warning")
    if severity not in ("critical", "warning", "info"):
        raise SpecError(f"{path}: severity {severity!r}; choose critical, warning or info.")
    return Expectation(body["name"], body.get("arguments") or {}, body["why"], severity)


@cache
def load_tables(schemas: Path = SCHEMAS) -> Mapping[str, Table]:
    """Every declared table by name, in order of file name. Raises SpecError."""
    common = schemas / "columns.yml"
    shared = {name: _column(common, name, body) for name, body in (read_yaml(common) or {}).items()}
    tables = (read_table(path, shared) for path in sorted((schemas / "tables").glob("*.yml")))
    return {table.name: table for table in tables}
