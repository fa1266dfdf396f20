"""All before the first activity: XML declaration, DOCTYPE and the root's start tag, sound or damaged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ilo_iati.reader.fault import Fault, explain
from ilo_iati.reader.markup import ATTRIBUTES, visible

PROLOG_LIMIT = 8_000_000
ACTIVITY_OF = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
"""Root element to the element of one record in it."""

_SKIP = re.compile(rb"(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE(?P<id>(?:[^"'\[>]|"[^"]*"|'[^']*')*+)"""
    rb"""(?:\[(?P<subset>(?:[^"'\]<]|"[^"]*"|'[^']*'|<!--.*?-->|<\?.*?\?>|<)*+)\])?\s*+>""",
    re.DOTALL,
)
_ROOT = re.compile(rb"<(?P<name>[^\s<>/!?]+)" + ATTRIBUTES + rb">")
_DAMAGED_ROOT = re.compile(rb"<(?P<name>iati-activities|iati-organisations)\b[^<>]*>?")
_ATTRIBUTE = re.compile(rb"""([A-Za-z_][\w:.\-]*)\s*=\s*("[^"<]*"|'[^'<]*')""")
_ENCODING = re.compile(rb"""(<\?xml\b[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a file. `root_tag` is None when no root element can be made out; `version` is its attribute."""

    root_tag: str | None = None
    version: str | None = None
    encoding: str | None = None
    nsmap: dict[str | None, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    line: int | None = None

    @property
    def activity_tag(self) -> str | None:
        """`iati-activity` or `iati-organisation`; None for another root."""
        return ACTIVITY_OF.get(self.root_tag or "")


@dataclass(frozen=True, slots=True)
class Prolog:
    """The head as bytes.

    `head`: what it says; `opening`: bytes on one line to set before a piece; `length` and `lines`: bytes and newlines
    up to the end of the root's start tag; `root`: its name; `faults`: damage; `is_empty_root`: written `<root/>`.
    """

    head: Head
    opening: bytes
    length: int
    lines: int
    root: bytes
    faults: tuple[Fault, ...] = ()
    is_empty_root: bool = False

    @property
    def closing(self) -> bytes:
        return b"</" + self.root + b">"


class _Refuse(etree.Resolver):
    """Answers every request for something outside the file with nothing; libxml2 alone would read a DTD from disk."""

    def resolve(self, *request: Any) -> Any:
        return self.resolve_empty(request[-1])  # type: ignore[attr-defined]


def parser() -> etree.XMLParser:
    """The one way files are parsed: no network, no external entity, no limits lifted, nothing repaired silently."""
    strict: dict[str, Any] = {"resolve_entities": "internal", "collect_ids": False}
    made = etree.XMLParser(no_network=True, load_dtd=False, huge_tree=False, recover=False, **strict)
    made.resolvers.add(_Refuse())
    return made


def is_complete(data: bytes) -> bool:
    """True when `data` holds the whole head, so that no more bytes are needed to read it."""
    at, _ = _find_doctype(data)
    return _ROOT.match(data, at) is not None


def read_prolog(data: bytes, encoding: str | None, *, transcoded: bool) -> Prolog:
    """The head at the start of `data`; a damaged one gives faults and as much of a head as can be made out."""
    at, doctype = _find_doctype(data)
    root = _ROOT.match(data, at)
    if root is None:
        return _damaged(data, encoding, None, None)
    declaration = b'<?xml version="1.0" encoding="%s"?>' % _declared(encoding, transcoded)
    original = data[: root.start()]
    if transcoded:
        original = _ENCODING.sub(rb"\1", original, count=1)
    if doctype is not None:
        original = original[: doctype.start()] + _without_external(doctype) + original[doctype.end() :]
    is_empty = root[0].endswith(b"/>")
    tag = root[0][:-2] + b">" if is_empty else root[0]
    try:
        element = etree.fromstring(original + tag + b"</" + root["name"] + b">", parser())
    except etree.XMLSyntaxError as error:
        return _damaged(data, encoding, error, root)
    line = data.count(b"\n", 0, root.start()) + 1
    opening = declaration + _flat(_without_external(doctype) if doctype else b"") + _flat(tag)
    head = _head_of(element, encoding, line)
    return Prolog(head, opening, root.end(), data.count(b"\n", 0, root.end()), root["name"], (), is_empty)


def _head_of(element: etree._Element, encoding: str | None, line: int) -> Head:
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    return Head(str(element.tag), attributes.get("version"), encoding, dict(element.nsmap), attributes, line)


def _find_doctype(data: bytes) -> tuple[int, re.Match[bytes] | None]:
    """Where the root's start tag should begin, and the DOCTYPE before it."""
    skipped = _SKIP.match(data)
    at = skipped.end() if skipped else 0
    doctype = _DOCTYPE.match(data, at)
    if doctype is None:
        return at, None
    skipped = _SKIP.match(data, doctype.end())
    return (skipped.end() if skipped else doctype.end()), doctype


def _without_external(doctype: re.Match[bytes]) -> bytes:
    """The DOCTYPE with its internal subset only: libxml2 would read an external one from the local disk. Same lines."""
    name = doctype["id"].split(None, 1)[0] if doctype["id"].strip() else b"x"
    newlines = b"\n" * doctype["id"].count(b"\n")
    subset = b"[" + doctype["subset"] + b"]" if doctype["subset"] is not None else b""
    tail = b"\n" * (doctype[0].count(b"\n") - newlines.count(b"\n") - subset.count(b"\n"))
    return b"<!DOCTYPE " + name + newlines + subset + tail + b">"


def _declared(encoding: str | None, transcoded: bool) -> bytes:
    return b"UTF-8" if transcoded or not encoding else encoding.encode("ascii", "replace")


def _flat(data: bytes) -> bytes:
    """On one line, so that the first line of a piece is the parser's line 1."""
    return data.replace(b"\n", b" ")


def _damaged(
    data: bytes, encoding: str | None, error: etree.XMLSyntaxError | None, root: re.Match[bytes] | None
) -> Prolog:
    """A head nothing is trusted of but the root's name and those attributes that can be read one by one."""
    seen, limit = visible(data, final=True)
    found = root if root and _is_name(root["name"]) else _DAMAGED_ROOT.search(seen, 0, limit)
    fault = _head_fault(data, error, found)
    if found is None:
        return Prolog(Head(encoding=encoding), b"", 0, 0, b"", (fault,))
    tag = _sound_tag(found)
    element = etree.fromstring(tag + b"</" + found["name"] + b">", parser())
    line = data.count(b"\n", 0, found.start()) + 1
    head = _head_of(element, encoding, line)
    declaration = b'<?xml version="1.0" encoding="%s"?>' % _declared(encoding, False)
    return Prolog(head, declaration + tag, found.end(), data.count(b"\n", 0, found.end()), found["name"], (fault,))


def _head_fault(data: bytes, error: etree.XMLSyntaxError | None, found: re.Match[bytes] | None) -> Fault:
    if error is not None:
        kind, words, fix = explain(error)
        return Fault(error.lineno or 1, kind, f"The head of the file is damaged: {words}.", fix=fix)
    if found:
        line = data.count(b"\n", 0, found.start()) + 1
        return Fault(line, "malformed", "The head of the file is damaged: the root's start tag cannot be read.")
    if data.lstrip().startswith(b"<"):
        return Fault(1, "truncated", "The file ends, or is not XML, before its root element begins.")
    return Fault(1, "text", "The file does not begin as XML does: its first character is not '<'.")


def _is_name(name: bytes) -> bool:
    try:
        etree.fromstring(b"<" + name + b"/>", parser())
    except etree.XMLSyntaxError:
        return False
    return True


def _sound_tag(found: re.Match[bytes]) -> bytes:
    """The root's start tag made of the attributes that parse."""
    tag = b"<" + found["name"]
    pairs = _ATTRIBUTE.findall(found[0])
    for name, value in sorted(pairs, key=lambda pair: not pair[0].startswith(b"xmlns")):
        longer = tag + b" " + name + b"=" + _flat(value)
        try:
            etree.fromstring(longer + b"/>", parser())
        except etree.XMLSyntaxError:
            continue
        tag = longer
    return tag + b">"
