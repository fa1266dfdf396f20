"""Whether an arrived table can stand for the last one: its columns are declared ones, its rows did not go missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ilo_iati.fetch.content import read_member, zip_members
from ilo_iati.fetch.result import Fault, SnapshotLike, finding
from ilo_iati.findings import Finding, Severity
from ilo_iati.spec.source import Source

_CHUNK = 1 << 20
_FIX = "Look at the file; if the change is meant, run `ilo-iati sources accept DATASET SHA256 --why TEXT`."


@dataclass(frozen=True, slots=True)
class Shape:
    """What an arrived table looks like from outside: what it is, its column names, its number of lines or rows."""

    suffix: str
    names: tuple[str, ...] = ()
    rows: int | None = None


def shape_of(path: Path, suffix: str, url: str, source: Source) -> Shape:
    """Names and rows of a table, plain (.csv), in a .zip or as .parquet; a zip is read whole. Raises Fault."""
    if suffix == ".parquet":
        return _parquet_shape(path, url)
    names: tuple[str, ...] = ()
    rows = 0
    for chunks in _texts(path, suffix, url, source):
        head = tail = b""
        for chunk in chunks:
            head = head if len(head) > _CHUNK else head + chunk
            tail = chunk[-8:]
            rows += chunk.count(b"\n")
        names = names or _names(head)
        # The header is one line; a last line without an end is one more than the ends counted.
        rows -= 1 if tail.rstrip(b"\x1a\0").endswith(b"\n") else 0
    return Shape(suffix, names, max(rows, 0))


def _texts(path: Path, suffix: str, url: str, source: Source) -> Iterator[Iterable[bytes]]:
    """The text files that hold tables, each as its chunks."""
    if suffix != ".zip":
        yield _chunks(path)
        return
    for name in zip_members(path, url):
        yield read_member(path, name, url, source.client.max_bytes, source.client.max_ratio)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _parquet_shape(path: Path, url: str) -> Shape:
    try:
        file = pq.ParquetFile(path)
        return Shape(".parquet", tuple(file.schema_arrow.names), file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0]
        raise Fault("fetch.truncated", f"{url} is no readable Parquet file ({said})", "Fetch it again.") from error


def _names(head: bytes) -> tuple[str, ...]:
    """The names of the first line: zeros of UTF-16 and byte order marks taken out, whatever the delimiter."""
    text = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    # Every second byte of UTF-16 is a zero; where three of four are, it is something no reader here knows.
    if text.count(0) > 0.6 * len(text):
        return ()
    first = text.replace(b"\0", b"").lstrip().split(b"\n", 1)[0].decode("latin-1").strip("\r")
    delimiter = max("|;\t,", key=lambda mark: (first.count(mark), mark == ","))
    return tuple(name.strip(' "\r') for name in first.split(delimiter))


def layout_of(names: Iterable[str], layouts: Mapping[str, tuple[str, ...]]) -> str | None:
    """The first declared layout whose columns are all there, spelt with whatever case, blanks and underscores."""
    known = {_plain(name) for name in names}
    for layout, needed in layouts.items():
        if all(any(_plain(spelling) in known for spelling in name.split("|")) for name in needed):
            return layout
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def distrust(shape: Shape, dataset: str, current: SnapshotLike | None, source: Source) -> Finding | None:
    """The reason to set an arrived table aside: columns nobody declared, or far fewer rows than the last good one."""
    kept = f"the snapshot of {current.fetched_at:%Y-%m-%d} stays in use" if current else "nothing else is there"
    if source.columns and layout_of(shape.names, source.columns) is None:
        shown = ", ".join(name.encode("ascii", "replace").decode()[:40] for name in shape.names[:8]) or "none"
        text = f"{dataset} arrived with columns nobody declared ({shown} ...); {kept}."
        return finding("fetch.changed_columns", Severity.ERROR, text, _FIX, dataset, shown)
    lost = _lost_pct(shape, current)
    if lost is not None and lost > source.expect.rows_lost_pct and current is not None:
        text = f"{dataset} shrank from {current.items:,} to {shape.rows:,} rows; {kept}."
        return finding("fetch.shrunk", Severity.ERROR, text, _FIX, dataset, str(shape.rows))
    return None


def remark(shape: Shape, dataset: str, current: SnapshotLike | None, source: Source) -> Finding | None:
    """A warning that the number of rows changed more than a revision does; the table is used all the same."""
    lost = _lost_pct(shape, current)
    if lost is None or abs(lost) <= source.expect.rows_differ_pct or current is None:
        return None
    text = f"{dataset} has {shape.rows:,} rows where the last release had {current.items:,}."
    return finding("fetch.rows_changed", Severity.WARNING, text, source.expect.why, dataset, str(shape.rows))


def _lost_pct(shape: Shape, current: SnapshotLike | None) -> float | None:
    if current is None or not current.items or shape.rows is None:
        return None
    return 100 * (current.items - shape.rows) / current.items
