"""Records of delimited text: the header's names, and one record after another with the line it begins on."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ilo_iati.extract.tabular.lines import Line, decode, read_lines

MOST_JOINED = 50
"""A description with more line breaks than this is a broken quotation mark, not a description."""


@dataclass(slots=True)
class Tally:
    """What was read and what could not be: records, and the lines of those that had to be left out."""

    records: int = 0
    rejected: int = 0
    first_rejected: int | None = None
    not_utf8: int = 0

    def reject(self, line: int) -> None:
        self.rejected += 1
        if self.first_rejected is None:
            self.first_rejected = line


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record by position, as text; `line` is where it begins."""

    line: int
    fields: list[str]


def plain_name(name: str) -> str:
    """A column's name without case, spaces and underscores: OECD files spell USD_Commitment in four ways."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def plain_places(names: Sequence[str]) -> dict[str, int]:
    """Where each column stands by its plain name; of two with one name the first."""
    return {plain_name(name): at for at, name in reversed(list(enumerate(names)))}


def read_header(path: Path, member: str = "") -> tuple[str, list[str]]:
    """The delimiter (`|`, `;`, tab or comma) and the names of the first line; no names for an empty file."""
    first = next((line for line in read_lines(path, member) if line.text.strip()), None)
    if first is None:
        return ",", []
    text, _ = decode(first.text)
    delimiter = max("|;\t,", key=lambda mark: (text.count(mark), mark == ","))
    return delimiter, next(csv.reader([text], delimiter=delimiter))


def records(
    path: Path, member: str, delimiter: str, width: int, tally: Tally, wanted: Callable[[bytes], object] | None = None
) -> Iterator[Record]:
    """Every record after the header. `wanted` looks at a whole record's bytes and may pass it over unread.

    A record cut by line breaks in a text is put together again; one with too few or too many fields is counted.
    """
    lines = read_lines(path, member)
    next((line for line in lines if line.text.strip()), None)
    for line, text in _joined(lines, delimiter.encode(), width, tally):
        tally.records += 1
        if wanted is not None and not wanted(text):
            continue
        decoded, odd = decode(text)
        tally.not_utf8 += odd
        fields = _fields(decoded, delimiter, width)
        if fields is None:
            tally.reject(line)
        else:
            yield Record(line, fields)


def _joined(lines: Iterator[Line], delimiter: bytes, width: int, tally: Tally) -> Iterator[tuple[int, bytes]]:
    """Whole records: lines are joined until there are enough delimiters, and quotation marks are closed."""
    held: list[bytes] = []
    start, marks = 0, 0
    quotes_matter = delimiter != b"|"
    for line in lines:
        if not held and (not line.text or line.text == b"\x1a"):
            continue
        own = line.text.count(delimiter)
        if own == width - 1 and not held and not quotes_matter:
            yield line.number, line.text
            continue
        if held and (own >= width - 1 or len(held) == MOST_JOINED) and not _is_open(held, delimiter):
            # One torn record must not swallow the whole one after it: it alone is given up.
            tally.records += 1
            tally.reject(start)
            held = []
        if not held:
            start, marks = line.number, 0
        held.append(line.text)
        marks += own
        if marks >= width - 1 and not _is_open(held, delimiter):
            yield start, held[0] if len(held) == 1 else b"\n".join(held)
            held = []
    if held:
        tally.records += 1
        tally.reject(start)


def _is_open(held: list[bytes], delimiter: bytes) -> bool:
    """Whether a quoted field runs on. In `|` text quotation marks are ordinary characters as often as not."""
    return delimiter != b"|" and sum(text.count(b'"') for text in held) % 2 == 1


def _fields(text: str, delimiter: str, width: int) -> list[str] | None:
    """The record's fields, or None when their number is wrong however the quotation marks are read."""
    plain = text.split(delimiter)
    if len(plain) == width and (delimiter == "|" or '"' not in text):
        return [_unquoted(field) for field in plain] if '"' in text else plain
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    fields = rows[0] if len(rows) == 1 else []
    # The ECB, for one, ends each line with a comma.
    return fields if len(fields) == width else fields[:-1] if len(fields) == width + 1 and not fields[-1] else None


def _unquoted(field: str) -> str:
    is_quoted = len(field) > 1 and field[0] == field[-1] == '"'
    return field[1:-1].replace('""', '"') if is_quoted else field
