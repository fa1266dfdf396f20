"""Bytes in: what kind of bytes they are, and a stream of them in which tags can be looked for as ASCII."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from ilo_iati.reader.fault import Fault, explain

SNIFF = 4096
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_BARE = (
    (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp500"),
)  # fmt: skip
_DECLARED = re.compile(rb"""^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
# In these, bytes of one character can look like '<' or '-'; such files are turned into UTF-8 first.
_UNSAFE = re.compile(
    r"^(utf.?(7|16|32)|ucs|iso.?10646|iso.?2022|hz|shift|sjis|ms.?kanji|big5|gb|cp9\d\d|johab|euc)", re.IGNORECASE
)


def _illegal(error: UnicodeError) -> tuple[str, int]:
    """Stands U+FFFF, which XML forbids, for bytes that cannot be decoded: the parser then names the place."""
    assert isinstance(error, UnicodeDecodeError)
    return "\uffff", error.end


codecs.register_error("ilo_iati.illegal", _illegal)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes say.

    `declared`: the encoding the file names; `transcode`: the codec to turn it into UTF-8 by, None to leave the bytes;
    `bom`: bytes to skip; `fault`: what is wrong with the bytes as a whole; `readable`: whether it can be XML at all.
    """

    declared: str | None = None
    transcode: str | None = None
    bom: int = 0
    fault: Fault | None = None
    readable: bool = True


def sniff(start: bytes) -> Sniffed:
    """Judges the first SNIFF bytes of a file."""
    if not start.strip(b" \t\r\n\0"):
        fix = "Export or fetch the file again."
        return Sniffed(fault=Fault(1, "empty", "The file is empty.", fix=fix), readable=False)
    for magic, name in _MAGIC:
        if start.startswith(magic):
            message = f"The file is a {name} archive, not XML."
            return Sniffed(
                fault=Fault(1, "compressed", message, fix="Unpack it and check the XML inside."), readable=False
            )
    for bom, codec in _BOMS:
        if start.startswith(bom):
            return Sniffed(declared=codec[:6].upper(), transcode=codec, bom=len(bom))
    for mark, codec in _BARE:
        if start.startswith(mark):
            return Sniffed(declared=codec, transcode=codec)
    if start.startswith(codecs.BOM_UTF8):
        return Sniffed(declared="UTF-8", bom=3)
    return _by_declaration(start)


def _by_declaration(start: bytes) -> Sniffed:
    found = _DECLARED.match(start)
    if not found:
        return Sniffed()
    name = found[1].decode("latin-1").strip()
    if _UNSAFE.match(name):
        wide = re.match(r"(utf.?(16|32)|ucs|iso.?10646)", name, re.IGNORECASE)
        if wide or not _known_to_python(name):
            return Sniffed(declared=name, transcode="utf-8", fault=_wrong(f"is declared as {name} but is not in it"))
        return Sniffed(declared=name, transcode=name)
    if not _known_to_parser(found[0]):
        return Sniffed(
            declared=name, transcode="utf-8", fault=_wrong(f"declares the encoding {name}, which is not known")
        )
    return Sniffed(declared=name)


def _wrong(what: str) -> Fault:
    return Fault(
        1, "encoding", f"The file {what}; it was read as UTF-8.", fix='Declare encoding="UTF-8" and save as UTF-8.'
    )


def _known_to_python(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _known_to_parser(declaration: bytes) -> bool:
    """True unless libxml2 itself refuses the encoding's name."""
    try:
        etree.fromstring(declaration.lstrip() + b"?><a/>", etree.XMLParser(no_network=True))
    except etree.XMLSyntaxError as error:
        return explain(error)[0] != "encoding"
    return True


class ByteStream:
    """Blocks of bytes from `raw`, turned into UTF-8 where needed; `taken` counts the bytes of the file used so far."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._start = _read_fully(raw, SNIFF)
        self.sniffed = sniff(self._start)
        self._decoder = None
        if self.sniffed.transcode:
            self._decoder = codecs.getincrementaldecoder(self.sniffed.transcode)("ilo_iati.illegal")
        self._start = self._start[self.sniffed.bom :]
        self.taken = self.sniffed.bom

    def seek(self, offset: int) -> None:
        """Continues at byte `offset` of the file; only for files that are not transcoded."""
        self._raw.seek(offset)
        self._start, self.taken = b"", offset

    def read(self, size: int) -> bytes:
        """Up to about `size` further bytes; empty only at the end."""
        while True:
            block, self._start = self._start, b""
            block += self._raw.read(max(1, size - len(block)))
            self.taken += len(block)
            if self._decoder is None:
                return block
            text = self._decoder.decode(block, final=not block)
            if text or not block:
                return text.encode("utf-8", "replace")


def _read_fully(raw: BinaryIO, size: int) -> bytes:
    """`size` bytes unless the stream ends first: a pipe may hand over less in one read."""
    parts, have = [], 0
    while have < size and (part := raw.read(size - have)):
        parts.append(part)
        have += len(part)
    return b"".join(parts)
