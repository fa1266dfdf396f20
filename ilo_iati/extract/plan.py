"""Declared tables compiled once into a tree of nodes that a walker follows through a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ilo_iati.errors import SpecError
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml
from ilo_iati.spec.table import Column, Table, load_tables

RECORD, LINE, NUMBER = 0, 1, 2
"""First three places of every raw row: number of the record in the job (0-based), line, number within the record."""
FIXED = 3
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NARRATIVES = "core.iati_narrative"
VERSION1 = "core.iati_version1_value"
RECORD_TAGS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
BY_NAME = {
    "dataset": "dataset",
    "snapshot_sha256": "sha256",
    "activity_key": "key",
    "organisation_key": "key",
    "source_line": "line",
    "is_illustrative": "illustrative",
}
"""Columns the program fills whatever the table: they come from the job, not from the document."""


@dataclass(slots=True)
class ColumnPlan:
    """Where a column's value comes from: `kind` is one of BY_NAME, `position` (of the record in its
    file), or `slot`: the first filled of `slots`.

    A slot is a place in the raw row, or the name of an attribute of the file's root element.
    """

    column: Column
    kind: str
    slots: list[int | str] = field(default_factory=list)


@dataclass(slots=True)
class TablePlan:
    """One table's raw rows: lists of `width` places, the first FIXED as above, then one a path."""

    table: Table
    index: int
    width: int = FIXED
    columns: list[ColumnPlan] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    """Paths below the root whose elements each make a row, for the independent count."""
    marks: dict[str, int] = field(default_factory=dict)
    """Places that say a single-valued element was met, by its path below the row's element."""
    claimed: dict[str, int] = field(default_factory=dict)
    """Places by path: two columns may show one value, as text and as a number."""

    def slot(self) -> int:
        """A new place at the end of the row."""
        self.width += 1
        return self.width - 1


@dataclass(slots=True)
class Node:
    """An element the walker may meet: what its attributes, text and children fill, and whether a row begins here."""

    path: str
    attributes: dict[str, int] = field(default_factory=dict)
    text: int | None = None
    children: dict[str, Node] = field(default_factory=dict)
    narrative: int | None = None
    """Place of the first narrative; None where the element carries none."""
    element: str = "."
    """Path of this element below the row it fills, as core.iati_narrative names it."""
    starts: TablePlan | None = None
    fills: TablePlan | None = None
    parents: list[tuple[int, str]] = field(default_factory=list)
    """Places that take the number of an enclosing row, by the tag of that row's element."""
    presets: list[tuple[int, str]] = field(default_factory=list)
    key: str | None = None
    """The tag under which rows below ask for this row's number; None where no row does."""
    seen: int | None = None
    """Place that marks a single-valued element as met, so that a second one is noticed; None where rows begin."""
    asked: list[tuple[int, str]] = field(default_factory=list)
    """(place in the enclosing row, attribute or `narrative`): what the enclosing row shows of this one."""
    echoes: list[tuple[int, int]] = field(default_factory=list)
    """The same with this row's place in the attribute's stead; filled when the tree is complete."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All nodes of one kind of document (`root_tag`) and the tables they fill, `tables[i].index == i`."""

    root_tag: str
    record_tag: str
    record: Node
    tables: tuple[TablePlan, ...]
    ignored: frozenset[str]
    narratives: TablePlan
    version1: TablePlan


@cache
def plan_for(root_tag: str) -> Plan:
    """The plan of `iati-activities` or `iati-organisations` from schemas/. Raises SpecError."""
    ignored = read_yaml(SCHEMAS / "ignored.yml")["attributes"]
    return compile_plan(load_tables().values(), root_tag, ignored)


def compile_plan(tables: Iterable[Table], root_tag: str, ignored: Mapping[str, str]) -> Plan:
    """Compiles the tables whose rows come from the records of `root_tag`. Raises SpecError."""
    record_tag = RECORD_TAGS[root_tag]
    special = {table.name: table for table in tables if table.name in (NARRATIVES, VERSION1)}
    # Shortest element first: a parent row's node must know its table before a child row passes through it.
    own = [t for t in tables if t.rows_from == record_tag and t.name not in special]
    plans = [TablePlan(table, index) for index, table in enumerate([*own, *special.values()])]
    root = Node(record_tag, seen=None)
    places = sorted(((e, p) for p in plans[: len(own)] for e in p.table.elements), key=lambda x: _depth(x[0]))
    for element, plan in places:
        _start(root, element, plan)
    for plan in plans[: len(own)]:
        plan.columns = [_column(root, plan, column) for column in plan.table.columns]
    _settle(root, None)
    by_name = {plan.table.name: plan for plan in plans}
    by_name[NARRATIVES].counted += [path for path, text in describe(root) if text == "narrative"]
    for name in special:
        _program_table(by_name[name])
    return Plan(root_tag, record_tag, root, tuple(plans), frozenset(ignored), by_name[NARRATIVES], by_name[VERSION1])


def _depth(element: str) -> int:
    return 0 if element == "." else element.count("/") + 1


def _descend(node: Node, path: str) -> Node:
    for tag in path.split("/"):
        if tag not in (".", ""):
            node = node.children.setdefault(tag, Node(f"{node.path}/{tag}"))
    return node


def _start(root: Node, element: str, plan: TablePlan) -> None:
    node = _descend(root, element)
    if node.starts is not None:
        raise SpecError(f"{plan.table.file}: {element} already begins the rows of {node.starts.table.name}.")
    node.starts = plan
    plan.counted.append(node.path)


def _column(root: Node, plan: TablePlan, column: Column) -> ColumnPlan:
    if column.name in BY_NAME and not column.paths:
        return ColumnPlan(column, BY_NAME[column.name])
    if column.paths == ("position()",) and plan.table.elements == (".",):
        return ColumnPlan(column, "position")
    result = ColumnPlan(column, "slot")
    for path in column.paths:
        if path == "position()" or _own_number(plan, path):
            result.slots.append(NUMBER)
        elif path.startswith("/@"):
            result.slots.append(_attribute(path[2:]))
        else:
            result.slots.append(_claim(root, plan, path))
    return result


def _claim(root: Node, plan: TablePlan, path: str) -> int:
    """Gives `path` a place in the rows of `plan` and tells the nodes that lead there."""
    if path in plan.claimed:
        return plan.claimed[path]
    slot = plan.claimed[path] = plan.slot()
    for element in plan.table.elements:
        start = _descend(root, element)
        if path.startswith("position("):
            _parent(root, start, element, slot, path[9:-1])
        elif path == "name()":
            start.presets.append((slot, element.rsplit("/", 1)[-1]))
        else:
            _value(start, path, slot)
    return slot


def _own_number(plan: TablePlan, path: str) -> bool:
    return all(path == f"position({element.rsplit('/', 1)[-1]})" for element in plan.table.elements)


def _parent(root: Node, start: Node, element: str, slot: int, tag: str) -> None:
    """The number of the enclosing row whose element is `tag`."""
    steps = element.split("/")
    if tag in steps:
        _descend(root, "/".join(steps[: steps.index(tag) + 1])).key = tag
        start.parents.append((slot, tag))


def _value(start: Node, path: str, slot: int) -> None:
    steps, _, attribute = path.partition("@")
    where = steps.rstrip("/")
    if not attribute and where.split("/")[-1] == "narrative":
        node = _descend(start, where.rpartition("/")[0])
        if node is not start and node.starts is not None:
            node.asked.append((slot, "narrative"))
        else:
            node.narrative = slot
        return
    node = _descend(start, where)
    if node is not start and node.starts is not None:
        node.asked.append((slot, _attribute(attribute)))
    elif attribute:
        node.attributes[_attribute(attribute)] = slot
    else:
        node.text = slot


def _attribute(name: str) -> str:
    return XML_LANG if name == "xml:lang" else name


def _settle(node: Node, plan: TablePlan | None) -> None:
    """Tells each node whose row it fills, gives single-valued elements their mark and resolves echoes."""
    plan = node.starts or plan
    node.fills = plan
    own = {**node.attributes, "narrative": node.narrative}
    node.echoes = [(place, here) for place, name in node.asked if (here := own[name]) is not None]
    for tag, child in node.children.items():
        inside = node.starts is not None or node.element == "."
        child.element = tag if inside else f"{node.element}/{tag}"
        if child.starts is not None:
            child.element = "."
        elif plan is not None:
            child.seen = plan.marks.get(child.element) or plan.marks.setdefault(child.element, plan.slot())
        _settle(child, plan)


def _program_table(plan: TablePlan) -> None:
    for column in plan.table.columns:
        if column.name in BY_NAME:
            plan.columns.append(ColumnPlan(column, BY_NAME[column.name]))
        elif column.paths == ("position()",):
            plan.columns.append(ColumnPlan(column, "slot", [NUMBER]))
        else:
            plan.columns.append(ColumnPlan(column, "slot", [plan.slot()]))


def describe(node: Node, depth: int = 0) -> list[Any]:
    """Every path of the plan with what it fills, for the completeness test: (path, attribute, text or narrative)."""
    found: list[Any] = [(node.path, "")]
    if node.narrative is not None:
        found.append((f"{node.path}/narrative", "narrative"))
    found += [(f"{node.path}/@{name}", "") for name in node.attributes]
    if node.text is not None:
        found.append((f"{node.path}/text()", ""))
    for child in node.children.values():
        found += describe(child, depth + 1)
    return found
