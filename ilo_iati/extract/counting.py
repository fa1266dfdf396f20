"""Elements of a document counted apart from the walk, so that rows can be reconciled with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ilo_iati.extract.plan import Plan
from ilo_iati.extract.walker import compiled_counter

Pair = tuple[str, str]
"""Tag of the parent and of the element: enough to tell the table, and quicker than a path."""


class ElementCounter:
    """Counts the elements that should each make a row of some table, by (parent, tag), until `take`."""

    def __init__(self, tables: Mapping[Pair, str]) -> None:
        self._tables = tables
        self._tags = tuple({tag for _, tag in tables})
        self._compiled = compiled_counter(list(tables))
        self._counted: Counter[Pair] = Counter()
        self.add = self._compiled.add if self._compiled is not None else self._add

    def _add(self, element: Any) -> None:
        """Counts the pairs at and below `element`; libxml2 walks, so a fault of our walker does not repeat itself."""
        found = element.iter(*self._tags)
        self._counted.update([(parent.tag, e.tag) for e in found if (parent := e.getparent()) is not None])

    def take(self) -> dict[str, int]:
        """Elements by table since the last time."""
        pairs = self._compiled.take() if self._compiled is not None else self._counted
        totals: dict[str, int] = {}
        for pair, number in pairs.items():
            if pair in self._tables:
                totals[self._tables[pair]] = totals.get(self._tables[pair], 0) + number
        self._counted.clear()
        return totals


def element_counter(plan: Plan) -> ElementCounter:
    """The counter of one kind of document."""
    tables: dict[Pair, str] = {}
    for table in plan.tables:
        for path in table.counted:
            parent, _, tag = f"{plan.root_tag}/{path}".rpartition("/")
            pair = (parent.rpartition("/")[2], tag)
            if tables.setdefault(pair, table.table.name) != table.table.name:
                raise AssertionError(f"{pair} makes rows of {tables[pair]} and {table.table.name}")
    return ElementCounter(tables)
