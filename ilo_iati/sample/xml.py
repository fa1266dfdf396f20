"""A small XML writer: nested elements to indented bytes, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr


class Element:
    """A tag with attributes and either a text or child elements; empty or absent attributes are left out."""

    __slots__ = ("attributes", "children", "tag", "text")

    def __init__(
        self,
        tag: str,
        attributes: dict[str, str] | None = None,
        children: Iterable[Element | None] = (),
        text: str | None = None,
    ) -> None:
        self.tag = tag
        self.attributes = {name: value for name, value in (attributes or {}).items() if value != ""}
        self.children = [child for child in children if child is not None]
        self.text = text

    def lines(self, depth: int = 0) -> Iterable[str]:
        """The element as text lines, one space of indent a level."""
        pad = " " * depth
        head = self.tag + "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        if self.children:
            yield f"{pad}<{head}>\n"
            for child in self.children:
                yield from child.lines(depth + 1)
            yield f"{pad}</{self.tag}>\n"
        elif self.text is not None:
            yield f"{pad}<{head}>{escape(self.text)}</{self.tag}>\n"
        else:
            yield f"{pad}<{head}/>\n"


def code(tag: str, value: str, **attributes: str) -> Element:
    """An element that carries a code, e.g. `<sector vocabulary="1" code="16020"/>`."""
    return Element(tag, {**{name.replace("_", "-"): text for name, text in attributes.items()}, "code": value})


def said(tag: str, text: str, language: str = "EN", attributes: dict[str, str] | None = None) -> Element:
    """An element with one narrative; the empty text writes an empty narrative, as the ILO's files do."""
    return Element(tag, attributes, [narrative(text, language)])


def narrative(text: str, language: str = "EN") -> Element:
    """A text with its language; the ILO writes languages in capitals."""
    return Element("narrative", {"xml:lang": language}, text=text)


def money(usd: str, date: str) -> Element:
    """A value in US dollars with its date."""
    return Element("value", {"currency": "USD", "value-date": date}, text=usd)


def document(root: Element, comment: str) -> bytes:
    """A whole file in UTF-8: declaration, comment, root element."""
    return "".join(['<?xml version="1.0" encoding="UTF-8"?>\n', f"<!-- {comment} -->\n", *root.lines()]).encode()


def cents(amount: int) -> str:
    """Cents as the ILO writes amounts: `1250` gives 12.5, `-36064` gives -360.64, whole dollars carry no point."""
    sign, whole, rest = "-" if amount < 0 else "", *divmod(abs(amount), 100)
    return f"{sign}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")
