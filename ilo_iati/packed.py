"""Files inside a zip as streams, Deflate64 included, with limits; for checking and for reading."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import inflate64

from ilo_iati.errors import InputError

DEFLATE64 = 9
SMALL = 10_000_000
"""Below this many bytes no ratio is a danger."""
_CHUNK = 1 << 20


class BombError(InputError):
    """Raised when a file in a zip unpacks to more than the limit; look at the file before raising the limit."""


def members(path: Path) -> list[str]:
    """Names of the files in a zip, in its order. Raises InputError when it is no zip or has nothing in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [item.filename for item in archive.infolist() if not item.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{path.name} is not a sound zip file ({error}); fetch it again.") from error
    if not names:
        raise InputError(f"{path.name} is a zip file with nothing in it; fetch it again.")
    return names


def read_member(path: Path, name: str, max_bytes: int = 1 << 40, max_ratio: float = 1000) -> Iterator[bytes]:
    """The bytes of one file in a zip. Raises InputError for a broken member or checksum, BombError for too much."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
        limit = min(max_bytes, max(SMALL, int(info.compress_size * max_ratio)))
        given = crc = 0
        try:
            for piece in _pieces(archive, info, path):
                given, crc = given + len(piece), zlib.crc32(piece, crc)
                if given > limit:
                    raise BombError(f"{name} in {path.name} unpacks to more than {limit:,} bytes; look at the file.")
                yield piece
        except (
            zipfile.BadZipFile,
            EOFError,
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            zlib.error,
        ) as error:
            raise InputError(f"{name} in {path.name} cannot be unpacked ({error}); fetch it again.") from error
        if crc != info.CRC:
            raise InputError(f"{name} in {path.name} has the wrong checksum; fetch it again.")


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    if info.compress_type != DEFLATE64:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                yield chunk
        return
    with path.open("rb") as stream:
        yield from _inflate64(stream, info)


def _inflate64(stream: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The standard library knows this method's header but cannot unpack it."""
    stream.seek(info.header_offset)
    header = stream.read(30)
    name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    stream.seek(info.header_offset + 30 + name + extra)
    inflater, left = inflate64.Inflater(), info.compress_size
    while left > 0 and (chunk := stream.read(min(left, 1 << 16))):
        left -= len(chunk)
        yield inflater.inflate(chunk)
