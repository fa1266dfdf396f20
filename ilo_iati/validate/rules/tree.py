"""One walk over a record: a small tree of the elements that rules ask for, code lists being tested on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from ilo_iati.validate.codelists import CodeCheck, CodeFault, string_value

_NONE: dict[str, list[Node]] = {}


class Node:
    """An element with the children that rules may ask for, by tag, in document order; `up` is its parent's Node."""

    __slots__ = ("element", "kids", "up")

    def __init__(self, element: etree._Element, kids: dict[str, list[Node]], up: Node | None) -> None:
        self.element = element
        self.kids = kids
        self.up = up

    def text(self) -> str:
        """The XPath string-value: all text below, comments left out."""
        return string_value(self.element)

    def texts(self) -> list[str]:
        """The text nodes that are children."""
        element = self.element
        if not len(element):
            return [element.text] if element.text else []
        found = [element.text, *(child.tail for child in element)]
        return [text for text in found if text]


class Shape:
    """What is wanted of an element: which children to visit and which of its codes to test. Built once a ruleset."""

    __slots__ = ("checks", "children")

    def __init__(self) -> None:
        self.children: dict[Any, Shape] = {}
        self.checks: tuple[CodeCheck, ...] = ()

    def want(self, path: Iterable[str]) -> Shape:
        """The shape at `path` below, made where it is new."""
        shape = self
        for tag in path:
            shape = shape.children.setdefault(tag, Shape())
        return shape


def grow(element: etree._Element, shape: Shape, up: Node | None, faults: list[CodeFault]) -> Node:
    """The Node of `element` as `shape` wants it; codes outside their lists are appended to `faults`."""
    kids: dict[str, list[Node]] = {}
    node = Node(element, kids, up)
    wanted = shape.children
    for child in element:
        tag = child.tag
        below = wanted.get(tag)
        if below is None:
            continue
        for check in below.checks:
            check(child, faults)
        grown = grow(child, below, node, faults) if below.children else Node(child, _NONE, node)
        if tag in kids:
            kids[tag].append(grown)
        else:
            kids[tag] = [grown]
    return node


def grow_all(element: etree._Element, up: Node | None = None) -> Node:
    """The Node of `element` with everything below it, for contexts found by XPath."""
    kids: dict[str, list[Node]] = {}
    node = Node(element, kids, up)
    for child in element.iterchildren(etree.Element):
        kids.setdefault(str(child.tag), []).append(grow_all(child, node))
    return node
