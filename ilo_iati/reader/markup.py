"""Where tags are looked for in bytes: comments, CDATA sections and processing instructions are always respected."""

from __future__ import annotations

import re
from functools import lru_cache

HIDDEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_OPENING = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_NOT_NEWLINE = re.compile(rb"[^\n]")
ATTRIBUTES = rb"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*+"""


def _blank(found: re.Match[bytes]) -> bytes:
    return _NOT_NEWLINE.sub(b" ", found[0])


def visible(data: bytes, *, final: bool) -> tuple[bytes, int]:
    """`data` with everything hidden made blank (same length, same lines), and where sight ends.

    Sight ends at a comment, CDATA section or instruction that does not close within `data`: what follows may be hidden.
    At the end of the file (`final`) nothing more can close it: an unclosed comment hides the rest, an unclosed CDATA
    section or instruction is taken for damage inside one activity, so that the activities after it can still be read.
    """
    if b"<!" not in data and b"<?" not in data:
        return data, len(data)
    seen = HIDDEN.sub(_blank, data)
    for unclosed in _OPENING.finditer(seen):
        if not final or unclosed[0] == b"<!--":
            return seen, unclosed.start()
    return seen, len(seen)


@lru_cache(maxsize=8)
def tag_pattern(tag: bytes) -> re.Pattern[bytes]:
    """Start, empty and end tags of `tag`; group 1 is '/' for an end tag. A damaged tag matches up to its name."""
    return re.compile(rb"<(/?)" + tag + rb"(?=[\s/>])(?:" + ATTRIBUTES + rb">)?")


@lru_cache(maxsize=8)
def open_pattern(tag: bytes) -> re.Pattern[bytes]:
    """Start of a start tag of `tag`."""
    return re.compile(rb"<" + tag + rb"(?=[\s/>])")


def spans(seen: bytes, tag: bytes) -> list[tuple[int, int]]:
    """Start and end of each activity in damaged bytes: a start tag to its end tag, or to the next start tag."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for match in tag_pattern(tag).finditer(seen):
        if match[1]:
            if start is not None:
                found.append((start, match.end()))
                start = None
            continue
        if start is not None:
            found.append((start, match.start()))
            start = None
        if match[0].endswith(b"/>"):
            found.append((match.start(), match.end()))
        else:
            start = match.start()
    if start is not None:
        found.append((start, len(seen)))
    return found


def last_boundary(seen: bytes, tag: bytes, limit: int) -> tuple[int, int]:
    """End of the last whole activity before `limit` and the number of whole activities up to there, else (0, 0).

    Activities nested in activities (invalid, but XML) are kept whole with the outer one.
    """
    depth = count = boundary = whole = 0
    for match in tag_pattern(tag).finditer(seen, 0, limit):
        if match[1]:
            depth = max(0, depth - 1)
        else:
            count += depth == 0
            depth += not match[0].endswith(b"/>")
        if depth == 0:
            boundary, whole = match.end(), count
    return boundary, whole
