"""XSD: one document against the schema of its version, with true lines, true positions and our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ilo_iati.reader import Document
from ilo_iati.validate.schema_words import in_our_words

_PLACE = re.compile(r"^/[^/]+(?:/([^/\[]+)(?:\[(\d+)\])?(.*))?$")


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One schema error. `index`: 1-based position of the activity in the file, `position` in the document."""

    index: int | None
    position: int | None
    line: int
    xpath: str
    message: str
    fix: str
    value: str | None


def schema_faults(document: Document, schema: etree.XMLSchema, *, first: bool) -> Iterator[SchemaFault]:
    """Every schema error of a document; errors of the root element itself only in the file's `first` document."""
    if not first and not len(document.root):
        return
    if schema.validate(document.root):
        return
    entries = _entries(schema)
    if document.strays:
        entries = _without_strays(document, schema, entries)
    for entry in entries:
        fault = _fault(document, entry)
        if first or fault.index is not None or fault.xpath.count("/") > 1:
            yield fault


def _entries(schema: etree.XMLSchema) -> list[etree._LogEntry]:
    log: Any = schema.error_log
    return list(log)


def _without_strays(
    document: Document, schema: etree.XMLSchema, entries: list[etree._LogEntry]
) -> list[etree._LogEntry]:
    """libxml2 stops at the first element out of place below the root: what comes after it is validated without it."""
    children = [entry for entry in entries if (entry.path or "").count("/") == 2 and "CONTENT" in entry.type_name]
    kept = document.strays
    places = [(stray, document.root.index(stray)) for stray in kept]
    for stray in kept:
        document.root.remove(stray)
    again = [] if schema.validate(document.root) else _entries(schema)
    for stray, place in places:
        document.root.insert(place, stray)
    return [*children, *(entry for entry in again if (entry.path or "").count("/") > 1)]


def _fault(document: Document, entry: etree._LogEntry) -> SchemaFault:
    said = in_our_words(entry.type_name, entry.message)
    line = document.line_base + entry.line
    path = entry.path or f"/{document.root.tag}"
    if document.is_tall:
        line = _tall_line(document, path, line)
    found = _PLACE.match(path)
    if found is None or found[1] != document.tag:
        return SchemaFault(None, None, line, path, said.message, said.fix, said.value)
    position = int(found[2] or 1)
    index = document.first_index + position - 1
    xpath = f"/{document.root.tag}/{document.tag}[{index}]{found[3]}"
    return SchemaFault(index, position, line, xpath, said.message, said.fix, said.value)


def _tall_line(document: Document, path: str, line: int) -> int:
    """libxml2's own line is wrong in a very long activity; the element's is looked up by its path."""
    try:
        found = document.root.getroottree().xpath(path, namespaces={k: v for k, v in document.root.nsmap.items() if k})
    except etree.XPathError:
        return line
    element = found[0] if isinstance(found, list) and found else None
    return document.line(element) if isinstance(element, etree._Element) else line
