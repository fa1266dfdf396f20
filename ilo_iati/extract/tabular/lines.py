"""Lines of a text file or of the text files in a zip, numbered, as UTF-8 bytes or whatever single-byte text it is."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ilo_iati import packed

_CHUNK = 1 << 20
_LONGEST = 1 << 24
"""No real record has a line of 16 MB; a file without line ends must not be gathered in memory."""


class Line(NamedTuple):
    """One line without its end; `number` is 1-based within its file."""

    number: int
    text: bytes


def text_members(path: Path) -> list[str]:
    """The members of a zip that hold tables, or one empty name for a plain file. Raises InputError."""
    if not is_zip(path):
        return [""]
    names = packed.members(path)
    tables = [name for name in names if name.lower().endswith((".txt", ".csv"))]
    return tables or names


def is_zip(path: Path) -> bool:
    """True when `path` begins like a zip file."""
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def read_lines(path: Path, member: str = "") -> Iterator[Line]:
    """Every line of `path`, or of `member` of the zip `path`; UTF-16 is turned into UTF-8. Raises InputError."""
    carry, number = b"", 0
    for chunk in _as_utf8(packed.read_member(path, member) if member else _chunks(path)):
        lines = (carry + chunk).split(b"\n")
        carry = lines.pop()
        for text in lines:
            number += 1
            yield Line(number, text.removesuffix(b"\r"))
        if len(carry) > _LONGEST:
            number, carry = number + 1, b""
    # Old exports end with the DOS mark for the end of a text file.
    rest = carry.rstrip(b"\x1a\r")
    if rest:
        yield Line(number + 1, rest)


def decode(text: bytes) -> tuple[str, bool]:
    """Text of a line, and whether it had to be read as Windows Latin because it is no UTF-8."""
    try:
        return text.decode("utf-8"), False
    except UnicodeDecodeError:
        return text.decode("cp1252", errors="replace"), True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text as UTF-8 where a byte order mark or the zeros between letters say that it is UTF-16."""
    first = next(chunks, b"")
    encoding = _utf16(first)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    yield decoder.decode(first).removeprefix("\ufeff").encode()
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _utf16(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:4096]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if max(odd, even) * 4 < len(sample):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
