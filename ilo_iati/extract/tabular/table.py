"""Typed values to the Arrow table a spec declares, and the findings that say what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa

from ilo_iati.errors import InputError
from ilo_iati.extract.cast import arrow_type
from ilo_iati.extract.tabular.lines import text_members
from ilo_iati.extract.tabular.records import Tally
from ilo_iati.findings import Finding, Severity
from ilo_iati.spec.table import load_tables

Rows = Callable[[Path, str, str, list[Finding]], Iterator[dict[str, Any]]]
"""Rows of one member of a file: its path, the member, the dataset, and the findings to add to."""


def read_table(name: str, path: Path, rows_of: Rows, facts: Mapping[str, Any]) -> tuple[pa.Table, list[Finding]]:
    """Table `name` from every member of a file, `facts` (dataset among them) beside each row; and what was not read."""
    dataset = facts["dataset"]
    findings: list[Finding] = []
    rows: list[dict[str, Any]] = []
    try:
        for member in text_members(path):
            rows += ({**facts, **row} for row in rows_of(path, member, dataset, findings))
    except InputError as error:
        findings.append(say_unreadable(dataset, error))
    return make_table(name, rows), findings


def make_table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as the declared columns of table `name`, in their order; what a row does not state is null."""
    columns = load_tables()[name].columns
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in columns])
    held = list(rows)
    arrays = [pa.array([row.get(field.name) for row in held], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def number(text: str | None) -> Decimal | None:
    """A plain decimal number; None for an empty field. Raises ValueError for anything else."""
    if text is None or not text.strip():
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    return value


def day(text: str) -> date:
    """A date written 2024-12-31. Raises ValueError."""
    return date.fromisoformat(text.strip())


def say_unreadable(dataset: str, error: InputError) -> Finding:
    """A file that cannot be read to its end."""
    fix = "Fetch the file again; the rows before the break are kept."
    return Finding("extract.unreadable", Severity.CRITICAL, f"{dataset}: {error}", fix, "extraction", dataset)


def say_rejected(dataset: str, tally: Tally) -> list[Finding]:
    """What reading a file left out or had to guess, one finding a kind."""
    found = []
    if tally.rejected:
        text = f"{dataset}: {tally.rejected:,} of {tally.records:,} records could not be read and are left out."
        fix = "Look at the line; a break or a delimiter inside a text is the usual cause."
        found.append(
            Finding("extract.rejected", Severity.WARNING, text, fix, "extraction", dataset, line=tally.first_rejected,
                    value=str(tally.rejected))
        )  # fmt: skip
    if tally.not_utf8:
        text = f"{dataset}: {tally.not_utf8:,} records are no UTF-8 and were read as Windows Latin."
        found.append(Finding("extract.encoding", Severity.ADVISORY, text, "Nothing.", "extraction", dataset))
    return found


def say_lost(dataset: str, line: int, column: str, value: str) -> Finding:
    """A value that is not of its column's type; its row is left out."""
    text = f"{dataset}: {value[:80]!r} is no {column}; the row is left out."
    fix = "Correct the value at the source."
    return Finding("cast.lost", Severity.ERROR, text, fix, "extraction", dataset, line=line, value=value)


def say_layout(dataset: str, names: list[str], missing: Iterable[str] = ()) -> Finding:
    """A file whose columns are not those of a known layout; nothing is read from it."""
    lacking = ", ".join(missing)
    what = f"lacks {lacking}" if lacking else "has the columns of no known layout"
    text = f"{dataset} {what}; its columns are {', '.join(names[:12]) or 'none'} ... ({len(names)})."
    fix = "The source changed its layout: compare it with ilo_iati/extract and the source's file in schemas/sources."
    return Finding("extract.unknown_layout", Severity.CRITICAL, text, fix, "extraction", dataset)
