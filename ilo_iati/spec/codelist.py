"""schemas/codelists/*.csv and schemas/iati/mapping.csv into frozen objects: which codes exist, where each is used."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ilo_iati.errors import SpecError
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml, require

VERSIONS = ("1.04", "1.05", "2.01", "2.02", "2.03")
"""Versions of the standard that have official code lists; 1.01 to 1.03 have none."""

COLUMNS = ("code", "name", "category", "status", "activation_date", "withdrawal_date", "first_version", "last_version")
MAPPING_COLUMNS = ("version", "path", "codelist", "condition", "rule_id", "category", "basis")
STATUSES = ("active", "withdrawn")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of one list over a span of versions (both ends included); dates are ISO texts or ''."""

    code: str
    name: str
    category: str
    status: str
    activation_date: str
    withdrawal_date: str
    first_version: str
    last_version: str

    def holds_in(self, version: str) -> bool:
        return self.first_version <= version <= self.last_version


@dataclass(frozen=True, slots=True)
class Codelist:
    """A list as it stands for one version. `codes` has the withdrawn ones too; `withdrawn` maps code to date or ''.

    `complete` is False where the official list says that values outside it are not surely wrong.
    """

    name: str
    version: str
    codes: frozenset[str]
    withdrawn: Mapping[str, str]
    complete: bool
    names: Mapping[str, str]
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CodelistRule:
    """One line of the official mapping: values at `path` belong to `codelist` where `condition` (XPath) holds.

    `rule_id` and `category` are the official validator's, None for versions it does not check (1.04, 1.05).
    """

    version: str
    path: str
    codelist: str
    condition: str | None
    rule_id: str | None
    category: str | None


@dataclass(frozen=True, slots=True)
class ListPin:
    """Where a list was restated from: sha256 of each official file by version ('any': one file serves all versions)."""

    name: str
    kind: str
    complete: bool
    files: Mapping[str, str]


def read_rows(path: Path) -> tuple[CodeRow, ...]:
    """The rows of one list's CSV. Raises SpecError for other columns than COLUMNS or an unknown status or version."""
    rows = tuple(CodeRow(*fields) for fields in _fields(path, COLUMNS))
    for row in rows:
        wrong = row.status not in STATUSES or row.first_version not in VERSIONS or row.last_version not in VERSIONS
        if wrong or not row.code:
            raise SpecError(f"{path}: code {row.code!r} has an unknown status or version; correct the row.")
    return rows


def _fields(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = csv.reader(stream)
            if tuple(next(lines, ())) != columns:
                raise SpecError(f"{path}: the columns must be {', '.join(columns)}.")
            for line in lines:
                if len(line) != len(columns):
                    raise SpecError(f"{path}, line {lines.line_num}: {len(columns)} values are expected.")
                yield line
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file; restore it from the repository.") from None


@cache
def list_pins(schemas: Path = SCHEMAS) -> Mapping[str, ListPin]:
    """Every code list of schemas/codelists/PINS.yml by name. Raises SpecError."""
    path = schemas / "codelists" / "PINS.yml"
    body = read_yaml(path)
    require(path, body, ("about", "restated", "origins", "lists"), ("notes",))
    return {name: _pin(path, name, entry) for name, entry in body["lists"].items()}


def _pin(path: Path, name: str, entry: Any) -> ListPin:
    require(path, entry, ("kind", "files"), ("complete", "source"))
    if not isinstance(entry.get("complete"), bool):
        raise SpecError(f"{path}: {name} must say complete: true or false.")
    return ListPin(name, str(entry["kind"]), entry["complete"], dict(entry["files"]))


def as_of_version(name: str, version: str, rows: tuple[CodeRow, ...], complete: bool) -> Codelist:
    """The rows of list `name` that hold in `version`."""
    held = [row for row in rows if row.holds_in(version)]
    return Codelist(
        name,
        version,
        frozenset(row.code for row in held),
        {row.code: row.withdrawal_date for row in held if row.status == "withdrawn"},
        complete,
        {row.code: row.name for row in held},
        {row.code: row.category for row in held if row.category},
    )


@cache
def read_mapping(schemas: Path = SCHEMAS) -> Mapping[str, tuple[CodelistRule, ...]]:
    """The rules of schemas/iati/mapping.csv by version, in the official order. Raises SpecError."""
    rules: dict[str, list[CodelistRule]] = {version: [] for version in VERSIONS}
    for fields in _fields(schemas / "iati" / "mapping.csv", MAPPING_COLUMNS):
        version, path, codelist, *rest = fields
        condition, rule_id, category, _ = (value or None for value in rest)
        rules[version].append(CodelistRule(version, path, codelist, condition, rule_id, category))
    return {version: tuple(found) for version, found in rules.items()}
