"""Cutting a stream of bytes into pieces of whole activities, wherever it begins and however damaged it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ilo_iati.reader.encoding import ByteStream
from ilo_iati.reader.fault import Fault
from ilo_iati.reader.markup import last_boundary, open_pattern, spans, tag_pattern, visible

TARGET = 64 * 1024
"""Size of a piece. Small trees parse 3.5 times faster than a large one, and their lines stay below libxml2's 65,535."""
PIECE_LIMIT = 24 * 1024 * 1024
"""Largest single activity read; its tree takes about ten times as much memory."""
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of whole activities and of what stands between them.

    `line_base`: newlines before it in the file; `first_index`: 1-based index of its first activity; `count`: activities
    in it; `offset`: of its first byte; `final`: it runs to the end of the file.
    """

    data: bytes
    line_base: int
    first_index: int
    count: int
    offset: int
    final: bool


class Window:
    """The bytes ahead, beginning with `data`; `offset` counts the bytes passed, `lines` the newlines passed."""

    def __init__(self, stream: ByteStream, data: bytes, offset: int, lines: int, end: int | None) -> None:
        self._stream, self._end = stream, end
        self._buffer, self._at = data, 0
        self.offset, self.lines = offset, lines
        self.ended = False

    def fill(self, size: int) -> None:
        """Makes `size` bytes available unless the end comes first."""
        have = len(self._buffer) - self._at
        if have >= size or self.ended:
            return
        parts = [self._buffer[self._at :]]
        while have < size:
            block = self._stream.read(max(BLOCK, size - have))
            if not block:
                self.ended = True
                break
            parts.append(block)
            have += len(block)
        self._buffer, self._at = b"".join(parts), 0

    def available(self) -> int:
        """Bytes at hand, not counting those beyond the end of the range."""
        have = len(self._buffer) - self._at
        return have if self._end is None else min(have, self._end - self.offset)

    def exhausted(self, size: int) -> bool:
        """True when nothing stands beyond the next `size` bytes."""
        self.fill(size + 1)
        return self.available() <= size

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end; nothing is passed."""
        self.fill(size)
        return self._buffer[self._at : self._at + min(size, self.available())]

    def skip(self, size: int) -> None:
        """Passes `size` bytes that are available."""
        self.lines += self._buffer.count(b"\n", self._at, self._at + size)
        self._at += size
        self.offset += size


class Cutter:
    """Iterates over Piece, and Fault where an activity is too large to be read.

    `open_ended`: the bytes end with the file, else with a range of it that ends at an activity.
    """

    def __init__(self, window: Window, tag: bytes, first_index: int = 1, *, open_ended: bool = True) -> None:
        self._window, self._tag = window, tag
        self._open, self._close = b"<" + tag, b"</" + tag + b">"
        self.index, self._open_ended = first_index, open_ended

    def __iter__(self) -> Iterator[Piece | Fault]:
        window, size, hunting = self._window, TARGET, True
        while hunting:
            seg = window.peek(size)
            ended = window.exhausted(len(seg))
            if ended and len(seg) <= TARGET:
                yield self._take(seg, self._count(seg), final=self._open_ended)
                return
            end, count = self._boundary(seg, ended)
            if end:
                yield self._take(seg[:end], count, final=False)
                size = TARGET
            elif ended:
                yield self._take(seg, self._count(seg), final=self._open_ended)
                return
            elif size < PIECE_LIMIT:
                size = min(size * 2, PIECE_LIMIT)
            else:
                yield from self._oversize(seg)
                size = TARGET

    def _take(self, data: bytes, count: int, *, final: bool) -> Piece:
        window = self._window
        piece = Piece(data, window.lines, self.index, count, window.offset, final)
        window.skip(len(data))
        self.index += count
        return piece

    def _boundary(self, seg: bytes, ended: bool) -> tuple[int, int]:
        """End of the last whole activity in `seg` and the activities up to there; (0, 0) where there is none."""
        if b"<!" not in seg and b"<?" not in seg:
            end = seg.rfind(self._close) + len(self._close)
            opened = seg.count(self._open, 0, end)
            if end >= len(self._close) and opened and opened == seg.count(self._close, 0, end):
                return end, opened
        seen, limit = visible(seg, final=ended)
        return last_boundary(seen, self._tag, limit)

    def _count(self, seg: bytes) -> int:
        """Activities in the last piece: as XML counts them where tags pair up, else each start tag."""
        seen, limit = visible(seg, final=True)
        boundary, count = last_boundary(seen, self._tag, limit)
        if open_pattern(self._tag).search(seen, boundary, limit):
            return len(spans(seen[:limit], self._tag))
        return count

    def _oversize(self, seg: bytes) -> Iterator[Piece | Fault]:
        """No activity ends within PIECE_LIMIT: hands over what precedes the last start tag, or passes one over."""
        seen, limit = visible(seg, final=False)
        starts = [match.start() for match in open_pattern(self._tag).finditer(seen, 0, limit)]
        if starts and starts[-1] > 0:
            head = seg[: starts[-1]]
            yield self._take(head, len(spans(seen[: starts[-1]], self._tag)), final=False)
            return
        line, offset = self._window.lines + 1, self._window.offset
        self._pass_over(in_comment=seg[limit : limit + 4] == b"<!--")
        message = f"More than {PIECE_LIMIT:,} bytes stand here without the end of an activity; they were not read."
        fix = "Split the activity, or close the comment or element that begins here."
        index = self.index if starts else None
        self.index += bool(starts)
        yield Fault(line, "too_large", message, self._window.offset - offset, index, fix=fix)

    def _pass_over(self, *, in_comment: bool) -> None:
        """Moves on to the next activity's start, or behind the end of this one."""
        window, first = self._window, True
        while data := window.peek(BLOCK):
            start = 0
            if in_comment:
                closed = data.find(b"-->")
                if closed < 0:
                    self._move(data)
                    continue
                in_comment, start = False, closed
            match = tag_pattern(self._tag).search(data, start + first)
            if match:
                window.skip(match.end() if match[1] else match.start())
                return
            self._move(data)
            first = False

    def _move(self, data: bytes) -> None:
        """Passes most of `data`, keeping a tail in which a tag may have begun."""
        window = self._window
        window.skip(len(data) if window.exhausted(len(data)) else len(data) - 64)
