"""True line numbers in trees with more lines than libxml2 can count (65,535)."""

from __future__ import annotations

from xml.parsers import expat

from lxml import etree

TALL = 65_000
"""Newlines from which on `sourceline` is not trusted."""


def element_lines(data: bytes) -> list[int]:
    """Line of every start tag of a well-formed document, in document order, as expat counts them."""
    found: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda *_: found.append(parser.CurrentLineNumber)
    parser.Parse(data, True)
    return found


def line_table(root: etree._Element, data: bytes) -> dict[etree._Element, int]:
    """Each element of the tree with its line in `data`; empty when the two parsers do not see the same elements."""
    try:
        lines = element_lines(data)
    except (expat.ExpatError, ValueError, LookupError):
        return {}
    elements = list(root.iter(etree.Element))
    return dict(zip(elements, lines, strict=True)) if len(elements) == len(lines) else {}
