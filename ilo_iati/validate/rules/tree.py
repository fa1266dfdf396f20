"""Elements as rules see them: children by tag, made when first asked for; a rule pays only for what it reads."""

from __future__ import annotations

from lxml import etree

from ilo_iati.validate.codelists import string_value


class Node:
    """An element with its children by tag, read when asked for; one Node serves all cases of a context."""

    __slots__ = ("element", "kids")

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.kids: dict[str, list[Node]] = {}

    def children(self, tag: str) -> list[Node]:
        """The child elements called `tag`, in document order."""
        found = self.kids.get(tag)
        if found is None:
            found = self.kids[tag] = [Node(child) for child in self.element.iterchildren(tag)]
        return found

    def parent(self) -> list[Node]:
        """The parent, or nothing above the root."""
        above = self.element.getparent()
        return [] if above is None else [Node(above)]

    def text(self) -> str:
        """The XPath string-value: all text below, comments left out."""
        return string_value(self.element)

    def texts(self) -> list[str]:
        """The text nodes that are children."""
        element = self.element
        if not len(element):
            return [element.text] if element.text else []
        return [text for text in (element.text, *(child.tail for child in element)) if text]


Item = Node | str
"""A node of a node-set: an element's Node, or the text of an attribute or text node."""


def text_of(item: Item) -> str:
    """The string-value of a node."""
    return item if isinstance(item, str) else item.text()
