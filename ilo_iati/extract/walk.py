"""The walker in plain Python: follows the plan through one record's elements and appends raw rows, nothing more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    """A path no table claims: how often it was met, on which line first, and an example of its content."""

    path: str
    occurrences: int
    first_line: int
    sample: str


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
        self.passed: Counter[tuple[str, str]] = Counter()
        """Elements below unclaimed ones, which make no rows: what `skipped` counts there."""
        self.skipped: Callable[[Any], Mapping[tuple[str, str], int]] | None = None
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
        return row

    def _compile(self) -> Callable[[Any, Node, Row], None]:
        """The recursion as a closure: its names are cells, which Python reaches faster than attributes."""
        current, begin, repeat, fill = self._current, self._begin, self._repeat, self._fill
        narrative, strange = self._narrative, self._strange

        def walk(element: Any, node: Node, row: Row) -> None:
            outer = row
            if node.starts is not None:
                row = begin(element, node)
                if node.key is not None:
                    current[node.key] = row[NUMBER]
            fill(element, node, row)
            children = node.children
            for child in element:
                tag = child.tag
                inner = children.get(tag)
                if inner is None:
                    if tag == "narrative" and node.narrative is not None:
                        narrative(child, node, row)
                    elif type(tag) is str:
                        strange(child, node, tag, None)
                    elif node.text is not None and child.tail is not None:
                        row[node.text] = (row[node.text] or "") + child.tail  # a comment cuts a text in two
                    continue
                mark = inner.seen
                if mark is None:
                    walk(child, inner, row)
                elif row[mark] is None:
                    row[mark] = True
                    walk(child, inner, row)
                else:
                    walk(child, inner, repeat(child, inner, row))
            if node.key is not None:
                current[node.key] = None
            for up, here in node.echoes:
                if outer[up] is None:
                    outer[up] = row[here]

        return walk

    def _fill(self, element: Any, node: Node, row: Row) -> None:
        """The element's own attributes and text."""
        attributes = node.attributes
        for name, value in element.items():
            if name in attributes:
                row[attributes[name]] = value
            else:
                self._strange(element, node, f"@{name}", value)
        text = element.text
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
        text = _whole_text(element) if len(element) else element.text
        if text is not None:
            place = node.narrative
            if place is not None and row[place] is None and not text.isspace():
                row[place] = text
        for child in element:
            if type(child.tag) is str:
                self._strange(child, node, f"narrative/{child.tag}", None)
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
        self.repeated.append(Repeated(self._record, line, node.path, _content(element)))
        return (row or []).copy()

    def _strange(self, element: Any, node: Node, name: str, value: str | None) -> None:
        """Counts an attribute, element or text that the plan does not know; extensions among them."""
        if name[1:] in self.plan.ignored:
            return
        if value is None and self.skipped is not None:
            self.passed.update(self.skipped(element))
        known = self.unclaimed.get((id(node), name))
        if known is not None:
            known.occurrences += 1
            return
        line = self._line(element)
        sample = _content(element) if value is None else value.strip()[:SAMPLE_LENGTH]
        self.unclaimed[id(node), name] = Unclaimed(f"{node.path}/{name}", 1, line, sample)


def _template(node: Node) -> Row:
    """An empty row of the table that begins at `node`, with what is constant there."""
    assert node.starts is not None
    row: Row = [None] * node.starts.width
    for slot, value in node.presets:
        row[slot] = value
    return row


def _whole_text(element: Any) -> str | None:
    """The text with what stands behind comments; None where there is none at all."""
    tails = [child.tail for child in element if type(child.tag) is not str]
    pieces = [piece for piece in (element.text, *tails) if piece is not None]
    return "".join(pieces) if pieces else None


def _content(element: Any) -> str:
    """The element as text, cut to SAMPLE_LENGTH characters."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))[:SAMPLE_LENGTH]
