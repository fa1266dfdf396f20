"""The walker in plain Python: follows the plan through one record's elements and appends raw rows, nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ilo_iati.extract.plan import LINE, NUMBER, RECORD, XML_LANG, Node, Plan

SAMPLE_LENGTH = 500
"""Characters kept of the first example of an unclaimed path."""
Row = list[Any]
Columns = list[Any]
"""The places of a table's raw rows turned into columns: sequences of text and numbers, or Arrow arrays of them."""


@dataclass(slots=True)
class Unclaimed:
    """A path no table claims: how often it was met, on which line first, and an example of its content.

    Of names in another namespace (extensions) every occurrence is kept: its line and its whole text.
    """

    path: str
    occurrences: int
    first_line: int
    sample: str
    kept: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A second element where the standard allows one: its content is kept here, the row keeps the first."""

    record: int
    line: int
    path: str
    value: str


class Walker:
    """Turns records into raw rows. `rows[i]` are the rows of `plan.tables[i]` since the last `take`.

    A raw row is a list: record ordinal, line, number within the record, then text (or None) a path of the plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: list[list[Row]] = [[] for _ in plan.tables]
        self.unclaimed: dict[tuple[int, str], Unclaimed] = {}
        self.repeated: list[Repeated] = []
        self.skipped: Callable[[Any], object] | None = None
        """Told of every unclaimed element: what stands below makes no rows."""
        self.size = 0
        self._numbers = [0] * len(plan.tables)
        self._current: dict[str, int | None] = {}
        self._templates: dict[int, Row] = {}
        self._record = 0
        self._base = 0
        self._lines: Callable[[Any], int] | None = None
        self._walk = self._compile()

    def record(self, element: Any, ordinal: int, line_base: int, lines: Callable[[Any], int] | None = None) -> None:
        """Appends the rows of one record; an element's true line is line_base + sourceline, or what `lines` says."""
        self._record, self._base, self._lines = ordinal, line_base, lines
        self._numbers[:] = [0] * len(self._numbers)
        self._current.clear()
        self._walk(element, self.plan.record, [])

    def take(self) -> list[Columns | None]:
        """The rows gathered so far as columns, by table (None without rows); the walker starts anew."""
        taken = [list(zip(*rows, strict=True)) if rows else None for rows in self.rows]
        self.rows = [[] for _ in self.rows]
        self.size = 0
        return taken

    def _begin(self, element: Any, node: Node) -> Row:
        """A new row of the table that begins at `node`, its numbers filled."""
        plan = node.starts
        assert plan is not None
        template = self._templates.get(id(node))
        if template is None:
            template = self._templates[id(node)] = _template(node)
        row = template.copy()
        number = self._numbers[plan.index] + 1
        self._numbers[plan.index] = number
        row[RECORD], row[LINE], row[NUMBER] = self._record, self._line(element), number
        for slot, key in node.parents:
            row[slot] = self._current.get(key)
        self.rows[plan.index].append(row)
        self.size += 1
        if node.key is not None:
            self._current[node.key] = number
        return row

    def _compile(self) -> Callable[[Any, Node, Row], None]:
        """The recursion as a closure: its names are cells, which Python reaches faster than attributes."""
        begin, repeat, fill, end = self._begin, self._repeat, self._fill, self._end
        narrative, strange = self._narrative, self._strange

        def walk(element: Any, node: Node, row: Row) -> None:
            outer = row
            if node.starts is not None:
                row = begin(element, node)
            fill(element, node, row)
            children = node.children
            behind = None  # text behind the last child element
            for child in element:
                tag = child.tag
                if type(tag) is not str:
                    if behind is not None:
                        behind += child.tail or ""  # a comment cuts a text in two
                    continue
                if behind and not behind.isspace():
                    strange(element, node, "text()", behind)
                inner = children.get(tag)
                if inner is None:
                    if tag == "narrative" and node.narrative is not None:
                        narrative(child, node, row)
                    else:
                        strange(child, node, tag, None)
                elif inner.seen is None:
                    walk(child, inner, row)
                elif row[inner.seen] is None:
                    row[inner.seen] = True
                    walk(child, inner, row)
                else:
                    walk(child, inner, repeat(child, inner, row))
                behind = child.tail or ""
            if behind and not behind.isspace():
                strange(element, node, "text()", behind)
            end(node, row, outer)

        return walk

    def _end(self, node: Node, row: Row, outer: Row) -> None:
        """Forgets the row as a parent, and echoes what the row around it wants to know of it."""
        if node.key is not None:
            self._current[node.key] = None
        for up, here in node.echoes:
            if outer[up] is None and row[here] and not row[here].isspace():
                outer[up] = row[here]

    def _fill(self, element: Any, node: Node, row: Row) -> None:
        """The element's own attributes and text."""
        attributes = node.attributes
        for name, value in element.items():
            if name in attributes:
                row[attributes[name]] = value
            else:
                self._strange(element, node, f"@{name}", value)
        text = _lead(element) if len(element) else element.text
        if text is not None:
            if node.text is not None:
                row[node.text] = text
            elif not text.isspace():
                self._strange(element, node, "text()", text)

    def _narrative(self, element: Any, node: Node, row: Row) -> None:
        language = None
        for name, value in element.items():
            if name == XML_LANG:
                language = value
            else:
                self._strange(element, node, f"narrative/@{name}", value)
        text = _lead(element) if len(element) else element.text
        if text is not None:
            place = node.narrative
            if place is not None and row[place] is None and text and not text.isspace():
                row[place] = text
        for child in element.iterchildren(etree.Element):
            self._strange(child, node, f"narrative/{child.tag}", None)
            behind = (child.tail or "") + "".join(_tails(child.itersiblings()))
            if behind and not behind.isspace():
                self._strange(element, node, "narrative/text()", behind)
        plan, number = self.plan.narratives, row[NUMBER]
        count = self._numbers[plan.index] = self._numbers[plan.index] + 1
        table = node.fills.table.name if node.fills else ""
        whose = None if node.fills is self.plan.record.starts else number
        line = self._line(element)
        self.rows[plan.index].append([self._record, line, count, table, whose, node.element, language, text])
        self.size += 1

    def _line(self, element: Any) -> int:
        return self._lines(element) if self._lines else self._base + int(element.sourceline)

    def _repeat(self, element: Any, node: Node, row: Row | None = None) -> Row:
        """Tells of a second element where one is allowed; what it fills goes into a copy that nobody keeps."""
        line = self._line(element)
        self.repeated.append(Repeated(self._record, line, node.path, _content(element)[:SAMPLE_LENGTH]))
        return (row or []).copy()

    def _strange(self, element: Any, node: Node, name: str, value: str | None) -> None:
        """Counts an attribute, element or text that the plan does not know; extensions among them."""
        if name[1:] in self.plan.ignored:
            return
        if value is None and self.skipped is not None:
            self.skipped(element)
        known = self.unclaimed.get((id(node), name))
        if known is None:
            sample = _content(element)[:SAMPLE_LENGTH] if value is None else value.strip()[:SAMPLE_LENGTH]
            known = self.unclaimed[id(node), name] = Unclaimed(f"{node.path}/{name}", 0, self._line(element), sample)
        known.occurrences += 1
        if "{" in name and not name.endswith(XML_LANG):
            known.kept.append((self._line(element), _content(element) if value is None else value))


def _template(node: Node) -> Row:
    """An empty row of the table that begins at `node`, with what is constant there."""
    assert node.starts is not None
    row: Row = [None] * node.starts.width
    for slot, value in node.presets:
        row[slot] = value
    return row


def _lead(element: Any) -> str | None:
    """The text before the first child element, put together across comments; None where there is none at all."""
    pieces = [element.text, *_tails(element)]
    return "".join(filter(None, pieces)) if any(piece is not None for piece in pieces) else None


def _tails(nodes: Iterable[Any]) -> Iterator[str]:
    """What stands behind comments and instructions, up to the first element."""
    for node in nodes:
        if type(node.tag) is str:
            return
        yield node.tail or ""


def _content(element: Any) -> str:
    """The element as text."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))
