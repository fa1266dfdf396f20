"""`trace`: from a figure, an activity, or a row of it, back to dataset, snapshot, file and the XML lines themselves."""

from __future__ import annotations

import argparse
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb

from ilo_iati import load
from ilo_iati.cli.indicators import show_rows
from ilo_iati.errors import UsageError
from ilo_iati.paths import Home
from ilo_iati.spec.indicator import load_register
from ilo_iati.spec.table import load_tables

SUMMARY = "from a figure, an activity or a row back to its dataset, snapshot, file and lines"
EXAMPLE = "ilo-iati trace XM-DAC-41302-IP22-ALB103   or   ilo-iati trace 'ilo-2022-23#1/transaction/3'"
_FIGURE = re.compile(r"[A-Z]\d\d(/[a-z_]\w*)?/(\d{4}|baseline)")
_LONGEST_TAG = 60
"""Lines a start tag may be spread over to be shown whole."""
_ROW = re.compile(r"(?P<key>.+#\d+)/(?P<thing>[a-z_]+)/(?P<number>\d+)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id",
        metavar="ID",
        help="iati-identifier, activity_key (dataset#n), a row of it (dataset#n/transaction/3), a figure of an "
        "indicator (F05/ceb/2024, F05/baseline), or a line of a dataset (ceb_revenue_by_type:62)",
    )
    parser.add_argument("--lines", type=int, default=12, metavar="N", help="XML lines shown of each (default 12)")
    parser.add_argument("--database", type=Path, metavar="FILE", help="another database than the home's")
    parser.add_argument("--home", metavar="DIR", help="home whose warehouse and snapshots are read")


@dataclass(frozen=True, slots=True)
class _Place:
    row: str
    dataset: str
    sha256: str
    line: int
    key: str


def run(args: argparse.Namespace) -> int:
    """0 found; 1 nothing of that name is in the warehouse."""
    home = Home.at(args.home)
    with load.open_for_reading(args.database or home.database) as connection:
        if _FIGURE.fullmatch(args.id):
            return show_rows(connection, load_register(), args.id)
        places = _places(connection, args.id)
        files = {place.sha256: _file(connection, home, place) for place in places}
    for place in places:
        activity = f"\n  activity  {place.key}" if place.key else ""
        print(f"{place.row}\n  dataset   {place.dataset}{activity}\n  snapshot  {place.sha256}")
        file = files[place.sha256]
        print(f"  file      {file or 'not kept here'}\n  line      {place.line}")
        if file:
            print("\n".join(_shown(file, place.line, args.lines if place.key else 1)))
    if not places:
        print(f"Nothing in the warehouse is called {args.id}; see `ilo-iati query` for what is.")
    return 0 if places else 1


def _places(connection: duckdb.DuckDBPyConnection, asked: str) -> list[_Place]:
    match = _ROW.fullmatch(asked)
    if match:
        return _row(connection, match["key"], match["thing"], int(match["number"]))
    found = _line(connection, asked)
    for name, key, identifier in (
        ("core.iati_activity", "activity_key", "iati_identifier"),
        ("core.iati_organisation", "organisation_key", "organisation_identifier"),
    ):
        rows = connection.execute(
            f"SELECT dataset, snapshot_sha256, source_line, {key} FROM {name} WHERE {key} = ? OR {identifier} = ?"
            " ORDER BY ALL",
            [asked, asked],
        ).fetchall()
        found += [_Place(name, *row) for row in rows]
    return found


def _line(connection: duckdb.DuckDBPyConnection, asked: str) -> list[_Place]:
    """A line of a dataset that is no XML: the snapshot the warehouse is built from."""
    dataset, _, line = asked.rpartition(":")
    if not dataset or not line.isdigit():
        return []
    rows = connection.execute(
        "SELECT DISTINCT dataset, sha256 FROM audit.snapshot WHERE dataset = ? AND is_current AND sha256 IS NOT NULL",
        [dataset],
    ).fetchall()
    return [_Place("line", name, sha256, int(line), "") for name, sha256 in rows]


def _row(connection: duckdb.DuckDBPyConnection, key: str, thing: str, number: int) -> list[_Place]:
    name = f"core.iati_{thing.removeprefix('iati_')}"
    table = load_tables().get(name)
    if table is None or len(table.primary_key) != 2:
        raise UsageError(f"No table {name} has numbered rows; see `ilo-iati tables --layer core`.")
    key_column, number_column = table.primary_key
    rows = connection.execute(
        f"SELECT dataset, snapshot_sha256, source_line, {key_column} FROM {name}"
        f" WHERE {key_column} = ? AND {number_column} = ?",
        [key, number],
    ).fetchall()
    return [_Place(f"{name} {number_column} {number}", *row) for row in rows]


def _file(connection: duckdb.DuckDBPyConnection, home: Home, place: _Place) -> Path | None:
    """The snapshot, by its name; else the local file it was loaded from."""
    for path in home.snapshots.rglob(f"*{place.sha256}*"):
        if path.is_file():
            return path
    urls = connection.execute("SELECT url FROM audit.snapshot WHERE sha256 = ?", [place.sha256]).fetchall()
    for (url,) in urls:
        parts = urlsplit(url or "")
        if parts.scheme == "file" and Path(unquote(parts.path)).exists():
            return Path(unquote(parts.path))
    return None


def _shown(file: Path, line: int, most: int) -> Sequence[str]:
    """The element's lines, numbered, up to its end tag or `most` lines.

    The parser knows the line on which a start tag ends; the lines before it that belong to the tag are shown too.
    """
    before: deque[bytes] = deque(maxlen=_LONGEST_TAG)
    shown: list[str] = []
    tag = ""
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            if number < line:
                before.append(raw)
                continue
            text, first = _text(raw), number == line
            if first:
                start = _start_of_tag([_text(each) for each in before], text)
                shown = [_numbered(at, each) for at, each in enumerate(start, number - len(start))]
                opened = re.findall(r"<([A-Za-z][\w.:-]*)", " ".join([*start, text]))
                tag = opened[0] if opened else ""
            shown.append(_numbered(number, text))
            ended = tag and (f"</{tag}>" in text or (first and text.endswith("/>")))
            if ended or len(shown) >= most:
                break
    return shown


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").rstrip()


def _numbered(number: int, text: str) -> str:
    return f"  {number:>9} | {text[:200]}"


def _start_of_tag(before: Sequence[str], text: str) -> Sequence[str]:
    """The lines of `before` that a start tag ending in `text` began on; none where it begins in `text` itself."""
    if "<" in text.partition(">")[0]:
        return []
    for at in range(len(before) - 1, -1, -1):
        if "<" in before[at].rpartition(">")[2]:
            return before[at:]
        if ">" in before[at]:
            break
    return []
