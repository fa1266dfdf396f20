"""Dataset: one IATI file opened for reading, as a stream of documents and faults; and its division into byte ranges."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ilo_iati.errors import InputError
from ilo_iati.reader.cutting import BLOCK, Cutter, Window
from ilo_iati.reader.encoding import SNIFF, ByteStream
from ilo_iati.reader.fault import BREAKS_XML, Fault
from ilo_iati.reader.parsing import Document, PieceParser
from ilo_iati.reader.prolog import PROLOG_LIMIT, Head, Prolog, is_complete, read_prolog
from ilo_iati.reader.wrapped import WellFormedness, unwrap


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a file that begins and ends at activities: `[start, end)` in bytes, `end` None for the file's end.

    `line_base`: newlines before it; `first_index`: 1-based index of its first activity. `start` 0: from the root on.
    """

    start: int = 0
    end: int | None = None
    line_base: int = 0
    first_index: int = 1


WHOLE = ByteRange()


class Dataset:
    """A file being read. `head` is known at once; iterating yields Document and Fault in file order (a stream once)."""

    def __init__(self, source: Path | bytes | BinaryIO, byte_range: ByteRange = WHOLE) -> None:
        self._source, self._range = source, byte_range
        self._stream: ByteStream | None = None
        self._raw = _open(source)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        stream = self._stream = ByteStream(self._raw)
        self._sniffed = stream.sniffed
        self._start = b""
        if not stream.sniffed.readable:
            self._prolog = Prolog(Head(encoding=stream.sniffed.declared), b"", 0, 0, b"")
            return
        size = SNIFF
        while len(self._start) < PROLOG_LIMIT and not is_complete(self._start):
            block = stream.read(size)
            if not block:
                break
            self._start += block
            size *= 2
        transcoded = stream.sniffed.transcode is not None or stream.sniffed.bom > 0
        self._prolog = read_prolog(self._start, stream.sniffed.declared, transcoded=transcoded)

    @property
    def head(self) -> Head:
        """Root, version, encoding, namespaces and attributes of the file."""
        return self._prolog.head

    @property
    def position(self) -> int:
        """Bytes of the file taken so far, for progress."""
        return self._stream.taken if self._stream else 0

    @property
    def divisible(self) -> bool:
        """True when byte ranges of the file can be read apart: an IATI root, and bytes that need no transcoding."""
        return self._sniffed.transcode is None and not self._prolog.faults and self.head.activity_tag is not None

    def __iter__(self) -> Iterator[Document | Fault]:
        if self._stream is None:
            self._raw = _open(self._source)
            self._begin()
        try:
            yield from self._items()
        finally:
            self._stream = None
            self.close()

    def close(self) -> None:
        """Closes a file that was opened here; a stream that was handed in stays open."""
        if isinstance(self._source, Path):
            self._raw.close()

    def _items(self) -> Iterator[Document | Fault]:
        fault, first = self._sniffed.fault, self._range.start == 0
        if fault and not self._sniffed.readable:
            yield replace(fault, lost_bytes=self._rest())
            return
        if fault and first:
            yield fault
        if first and self.head.root_tag:
            yield from self._prolog.faults
        if self.head.activity_tag is None:
            yield from self._wrapped_items()
        else:
            yield from self._plain_items()

    def _plain_items(self) -> Iterator[Document | Fault]:
        parse = PieceParser(self._prolog, wrapped=False).parse
        for item in self.cutter():
            if isinstance(item, Fault):
                yield item
            else:
                yield from parse(item)

    def cutter(self) -> Cutter:
        """The file's pieces, not yet parsed (for dividing it)."""
        assert self._stream is not None
        tag = (self.head.activity_tag or "").encode()
        part, prolog = self._range, self._prolog
        if part.start:
            self._stream.seek(part.start)
            window = Window(self._stream, b"", part.start, part.line_base, part.end)
            return Cutter(window, tag, part.first_index, open_ended=part.end is None)
        body = self._start[prolog.length :]
        if prolog.is_empty_root:
            body = prolog.closing + body
        offset = self._sniffed.bom + prolog.length
        window = Window(self._stream, body, offset, prolog.lines, part.end)
        return Cutter(window, tag, open_ended=part.end is None)

    def _wrapped_items(self) -> Iterator[Document | Fault]:
        """A root that is not IATI's: said once; activities that stand in it are read nevertheless."""
        assert self._stream is not None
        check = WellFormedness(self._stream, self._start)
        not_iati, prolog, tag = unwrap(self._prolog, self._start)
        if self.head.root_tag:
            yield not_iati
        parse = PieceParser(prolog, wrapped=True).parse
        broken, documents = bool(self._prolog.faults), 0
        for item in Cutter(Window(check, b"", 0, 0, None), tag):
            for part in [item] if isinstance(item, Fault) else parse(item):
                broken = broken or (isinstance(part, Fault) and part.kind in BREAKS_XML)
                documents += isinstance(part, Document)
                yield part
        if self.head.root_tag is None:
            lost = 0 if documents else check.taken
            yield from (replace(fault, lost_bytes=lost) for fault in self._prolog.faults)
        fault = check.finish()
        if fault and not broken:
            yield fault

    def _rest(self) -> int:
        """Bytes of a file nothing can be read from."""
        assert self._stream is not None
        while self._stream.read(BLOCK):
            pass
        return self._stream.taken


def _open(source: Path | bytes | BinaryIO) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not isinstance(source, Path):
        return source
    try:
        return source.open("rb")
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror}); name an existing IATI file.") from error


def open_dataset(source: Path | bytes | BinaryIO, range: ByteRange | None = None) -> Dataset:
    """Opens an IATI file of any size, quality and encoding for reading.

    `range`: one of `plan_ranges`, to read part of a file. Raises InputError when the file does not exist or cannot be
    opened; whatever is wrong with its content comes as Fault while iterating.
    """
    return Dataset(source, range or WHOLE)


def plan_ranges(path: Path, parts: int, min_bytes: int = 8_000_000) -> list[ByteRange]:
    """Up to `parts` ranges of about equal size that together give the same documents as the whole; few for small files.

    One pass over the bytes without parsing (about 1 GB/s). A file that cannot be divided gives one range.
    """
    size = path.stat().st_size
    parts = min(parts, size // min_bytes)
    dataset = open_dataset(path)
    try:
        if parts < 2 or not dataset.divisible:
            return [WHOLE]
        starts = _starts(dataset.cutter(), [size * i // parts for i in range(1, parts)])
    finally:
        dataset.close()
    ends: list[int | None] = [*(start.start for start in starts), None]
    firsts = [WHOLE, *starts]
    return [ByteRange(r.start, end, r.line_base, r.first_index) for r, end in zip(firsts, ends, strict=True)]


def _starts(cutter: Cutter, wanted: list[int]) -> list[ByteRange]:
    """The first piece that begins at or after each wanted offset."""
    found: list[ByteRange] = []
    for item in cutter:
        if not isinstance(item, Fault) and wanted and item.offset >= wanted[0] and not item.final:
            found.append(ByteRange(item.offset, None, item.line_base, item.first_index))
            wanted = [offset for offset in wanted if offset > item.offset]
            if not wanted:
                break
    return found
