"""Pieces to documents: each parsed whole, and activity by activity where that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from ilo_iati.reader.cutting import Piece
from ilo_iati.reader.fault import Fault, explain
from ilo_iati.reader.lines import TALL, line_table
from ilo_iati.reader.markup import spans, visible
from ilo_iati.reader.prolog import Prolog, parser

ENTITY_SALVAGES = 4
"""Pieces taken apart because of an entity bomb; each can cost seconds, so further ones are reported as lost whole."""

_IDENTIFIER = re.compile(rb"<(?:iati|organisation)-identifier[^<>]*>\s*([^<]*?)\s*<")


@dataclass(slots=True)
class Document:
    """A few whole activities in their root element, which has the true attributes of the file's root.

    `first_index`: 1-based index in the file of the first activity. `line_base`: the true line of an element is
    `line_base + element.sourceline`; `line(element)` is exact also in an activity of more than 65,535 lines.
    """

    root: etree._Element
    first_index: int
    line_base: int
    tag: str
    _tall: bytes | None = None
    _table: dict[etree._Element, int] | None = field(default=None, repr=False)

    @property
    def activities(self) -> list[etree._Element]:
        """The activity (or organisation) elements, in file order."""
        return list(self.root.iterchildren(self.tag))

    @property
    def strays(self) -> list[etree._Element]:
        """Elements that stand beside the activities, directly under the root."""
        return [child for child in self.root.iterchildren(etree.Element) if child.tag != self.tag]

    @property
    def is_tall(self) -> bool:
        """True when `element.sourceline` cannot be trusted and `line(element)` must be used."""
        return self._tall is not None

    def line(self, element: etree._Element) -> int:
        """1-based line of the element's start tag in the file as received."""
        if self._tall is not None:
            if self._table is None:
                self._table = line_table(self.root, self._tall)
            if element in self._table:
                return self.line_base + self._table[element]
        return self.line_base + (cast(int, element.sourceline) or 1)


class PieceParser:
    """Turns pieces into Document and Fault; holds the head all pieces of one file share."""

    def __init__(self, prolog: Prolog, *, wrapped: bool) -> None:
        self._prolog, self._wrapped = prolog, wrapped
        self._tag = prolog.head.activity_tag or "iati-activity"
        self._parser = parser()
        self._bombs = 0

    def parse(self, piece: Piece) -> Iterator[Document | Fault]:
        """Documents and faults of one piece, in file order. In a wrapped file only the activities count."""
        if self._wrapped:
            yield from self._salvage(piece, None)
            return
        data = self._dress(piece.data, piece.final)
        try:
            root = etree.fromstring(data, self._parser)
        except etree.XMLSyntaxError as error:
            yield from self._salvage(piece, error)
            return
        if piece.count or len(root) or piece.first_index == 1:
            yield self._document(root, data, piece.first_index, piece.line_base)

    def _dress(self, data: bytes, final: bool) -> bytes:
        prolog = self._prolog
        return prolog.opening + data if final else prolog.opening + data + prolog.closing

    def _document(self, root: etree._Element, data: bytes, first_index: int, line_base: int) -> Document:
        tall = data if len(data) > TALL and data.count(b"\n") >= TALL else None
        return Document(root, first_index, line_base, self._tag, tall)

    def _salvage(self, piece: Piece, error: etree.XMLSyntaxError | None) -> Iterator[Document | Fault]:
        if error is not None and explain(error)[0] == "entity":
            self._bombs += 1
            if self._bombs > ENTITY_SALVAGES:
                yield self._fault(error, piece.data, piece.line_base, piece.first_index)
                return
        seen, limit = visible(piece.data, final=True)
        complaints = 0
        for item in self._units(piece, seen[:limit]):
            complaints += isinstance(item, Fault)
            yield item
        if error is not None and not complaints:
            yield self._fault(error, b"", piece.line_base, None)

    def _units(self, piece: Piece, seen: bytes) -> Iterator[Document | Fault]:
        """Each activity, and each stretch between activities, read for itself."""
        data, at, line, index = piece.data, 0, piece.line_base, piece.first_index
        cut_short = False
        for start, end in spans(seen, self._tag.encode()):
            yield from self._gap(data[at:start], line, index, final=False)
            line += data.count(b"\n", at, start)
            for item in self._unit(data[start:end], line, index):
                cut_short = isinstance(item, Fault) and end >= len(data.rstrip())
                yield item
            line += data.count(b"\n", start, end)
            at, index = end, index + 1
        if not cut_short:
            yield from self._gap(data[at:], line, index, final=piece.final)

    def _unit(self, data: bytes, line: int, index: int) -> Iterator[Document | Fault]:
        dressed = self._dress(data, False)
        try:
            root = etree.fromstring(dressed, self._parser)
        except etree.XMLSyntaxError as error:
            yield self._fault(error, data, line, index)
        else:
            yield self._document(root, dressed, index, line)

    def _gap(self, data: bytes, line: int, index: int, *, final: bool) -> Iterator[Document | Fault]:
        """What stands between activities: nothing to read in it, but it may hold the damage, or an element astray."""
        if self._wrapped or not (final or data.strip()):
            return
        dressed = self._dress(data, final)
        try:
            root = etree.fromstring(dressed, self._parser)
        except etree.XMLSyntaxError as error:
            yield self._fault(error, data.strip(), line, None)
        else:
            if len(root):
                yield self._document(root, dressed, index, line)

    def _fault(self, error: etree.XMLSyntaxError, data: bytes, line: int, index: int | None) -> Fault:
        kind, words, fix = explain(error)
        found = _IDENTIFIER.search(data) if index is not None else None
        identifier = found[1].decode("utf-8", "replace") if found else None
        place = f"Activity {index} could not be read" if index is not None else "Part of the file could not be read"
        # Inside an entity the parser counts the entity's own lines.
        error_line = line + (1 if kind == "entity" else error.lineno or 1)
        return Fault(error_line, kind, f"{place}: {words}.", len(data), index, identifier, fix)
