"""Files whose root is not IATI's: a wrapper around activities, a bare activity, a web page, or another XML."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from ilo_iati.reader.encoding import ByteStream
from ilo_iati.reader.fault import Fault, explain
from ilo_iati.reader.markup import ATTRIBUTES
from ilo_iati.reader.prolog import Head, Prolog, parser

_INNER_ROOT = re.compile(rb"<iati-(activities|organisations)(?=[\s>])(" + ATTRIBUTES + rb")>")
_NAMESPACE = re.compile(rb"""\sxmlns:[\w.\-]+\s*=\s*("[^"<]*"|'[^'<]*')""")


class _Discard:
    """A parser target that keeps nothing."""

    def start(self, tag: object, attributes: object) -> None: ...

    def end(self, tag: object) -> None: ...

    def data(self, data: object) -> None: ...

    def comment(self, text: object) -> None: ...

    def close(self) -> None: ...


class WellFormedness(ByteStream):
    """A stream whose blocks are also parsed as they pass, so that damage in a file that is not IATI's is noticed."""

    def __init__(self, stream: ByteStream, start: bytes) -> None:
        self._inner, self._head_block = stream, start
        self.sniffed, self.taken = stream.sniffed, stream.taken
        encoding = "UTF-8" if stream.sniffed.transcode or stream.sniffed.bom else None
        self._feed = etree.XMLParser(
            target=_Discard(),
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        self._fault: Fault | None = None

    def read(self, size: int) -> bytes:
        """The next block, parsed on its way."""
        block, self._head_block = self._head_block, b""
        block = block or self._inner.read(size)
        self.taken = self._inner.taken
        if block and self._fault is None:
            self._try(lambda: self._feed.feed(block))
        return block

    def finish(self) -> Fault | None:
        """The first place where the file is not well-formed, None when there is none."""
        if self._fault is None:
            self._try(self._feed.close)
        return self._fault

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except etree.XMLSyntaxError as error:
            kind, words, fix = explain(error)
            self._fault = Fault(error.lineno or 1, kind, f"The file is not well-formed: {words}.", fix=fix)


def unwrap(prolog: Prolog, start: bytes) -> tuple[Fault, Prolog, bytes]:
    """What to say about the root, a head to read the activities inside with, and their tag."""
    inner = _INNER_ROOT.search(start)
    root = b"iati-" + inner[1] if inner else b"iati-activities"
    attributes = inner[2] if inner else b""
    outer = b"".join(match[0] for match in _NAMESPACE.finditer(start[: prolog.length]))
    head = replace(prolog.head, root_tag=root.decode())
    opening = _sound(_declaration(prolog), root, attributes, outer)
    tag = b"iati-organisation" if root == b"iati-organisations" else b"iati-activity"
    return _not_iati(prolog.head), replace(prolog, head=head, opening=opening, root=root), tag


def _declaration(prolog: Prolog) -> bytes:
    found = re.match(rb"<\?xml[^>]*\?>", prolog.opening)
    return found[0] if found else b""


def _sound(declaration: bytes, root: bytes, attributes: bytes, outer: bytes) -> bytes:
    """The first start tag that parses, with as many of the attributes found as possible."""
    for extra in (attributes + outer, attributes, outer):
        tag = declaration + b"<" + root + extra.replace(b"\n", b" ") + b">"
        try:
            etree.fromstring(tag + b"</" + root + b">", parser())
        except etree.XMLSyntaxError:
            continue
        return tag
    return declaration + b"<" + root + b">"


def _not_iati(head: Head) -> Fault:
    name = head.root_tag or "unknown"
    if name.rpartition("}")[2].lower() == "html":
        fix = "Fetch the dataset again: the server sent a page (often an error or a login) in its place."
        return Fault(head.line, "html", "The file is a web page (HTML), not an IATI file.", fix=fix)
    message = f"The root element is {name}, not iati-activities or iati-organisations."
    fix = "Make iati-activities (or iati-organisations), in no namespace, the root element."
    return Fault(head.line, "not_iati", message, fix=fix)
