"""Whether arrived bytes are what they should be: IATI XML, a sound zip, a table; looked at without parsing them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ilo_iati import packed
from ilo_iati.errors import InputError
from ilo_iati.fetch.result import Fault

_LOOK = 1 << 16
_CHUNK = 1 << 20
_HTML = re.compile(rb"^\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?iati-(activities|organisations)\b")
_START = re.compile(rb"<(?:iati-activity|iati-organisation)(?=[\s>/])")
_END = re.compile(rb"</(?:[\w.-]+:)?iati-(activities|organisations)\s*>|/>\s*$")
_ASK = "Tell the publisher; the last good snapshot stays in use."


def head_of(path: Path, size: int = _LOOK) -> bytes:
    """The first bytes of `path` as ASCII-compatible text: byte order mark and the zeros of UTF-16 taken out."""
    with path.open("rb") as stream:
        head = stream.read(size)
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")


def refuse_html(path: Path, url: str) -> None:
    """Raises Fault when `path` is a web page: an error page served with status 200 must never replace data."""
    if _HTML.match(head_of(path, 2048)):
        raise Fault("fetch.html", f"{url} answered with a web page instead of data", _ASK)


def refuse_unlike_iati(path: Path, url: str) -> None:
    """Raises Fault unless `path` is empty (the store judges that) or opens as an IATI document."""
    if path.stat().st_size == 0:
        return
    refuse_html(path, url)
    head = head_of(path)
    if not head.lstrip().startswith(b"<") or not _ROOT.search(head):
        shown = head[:60].decode("ascii", "replace")
        raise Fault("fetch.not_iati", f"{url} is no IATI document; it begins {shown!r}", _ASK)


def is_cut_short(path: Path) -> bool:
    """True when an IATI document does not end with the end of its root element."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 2048))
        tail = stream.read().replace(b"\0", b"")
    return not _END.search(tail)


def count_records(path: Path) -> int:
    """Number of activity and organisation start tags in `path`, read once in constant memory."""
    count, carry = 0, b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            text = carry + chunk.replace(b"\0", b"")
            count += len(_START.findall(text))
            # A tag cut by the chunk's edge is seen with the next chunk; one seen whole is not counted again.
            carry = text[-32:]
            count -= len(_START.findall(carry))
    return count + len(_START.findall(carry))


def refuse_broken_zip(path: Path, url: str, max_bytes: int, max_ratio: float) -> None:
    """Raises Fault unless `path` is a zip whose members have the right checksum and no absurd size; reads it all."""
    for name in zip_members(path, url):
        for _ in read_member(path, name, url, max_bytes, max_ratio):
            pass


def zip_members(path: Path, url: str) -> list[str]:
    """Names of the files in a zip. Raises Fault when it is none, or is empty."""
    try:
        return packed.members(path)
    except InputError as error:
        fix = "The next run fetches it again; if it stays so, download it by hand into the drop folder."
        raise Fault("fetch.bad_zip", f"{url} holds no sound zip file: {error}", fix) from error


def read_member(path: Path, name: str, url: str, max_bytes: int, max_ratio: float) -> Iterator[bytes]:
    """The bytes of one file in a zip, Deflate64 included. Raises Fault for a wrong checksum, size or bomb."""
    try:
        yield from packed.read_member(path, name, max_bytes, max_ratio)
    except packed.BombError as error:
        fix = "Look at the file; if it is right, raise max_ratio of the source in schemas/sources."
        raise Fault("fetch.bomb", f"{url}: {error}", fix) from error
    except InputError as error:
        raise Fault("fetch.bad_zip", f"{url}: {error}", _ASK) from error
