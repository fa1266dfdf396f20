"""Elements of a document counted apart from the walk, so that rows can be reconciled with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_iati.extract.plan import Plan
from ilo_iati.extract.walker import compiled_counter

Pair = tuple[str, str]
"""Tag of the parent and of the element: enough to tell the table, and quicker than a path."""


@dataclass(frozen=True, slots=True)
class ElementCounter:
    """Counts the elements that should each make a row of some table, by (parent, tag)."""

    tags: tuple[str, ...]
    tables: Mapping[Pair, str]
    compiled: Any = None
    """The same count by `_walk`, where it is built."""

    def count(self, element: Any) -> Counter[Pair]:
        """The pairs at and below `element`; libxml2 walks, so a fault of our walker does not repeat itself here."""
        if self.compiled is not None:
            return Counter(self.compiled.count(element))
        found = element.iter(*self.tags)
        pairs = Counter([(parent.tag, e.tag) for e in found if (parent := e.getparent()) is not None])
        return Counter({pair: number for pair, number in pairs.items() if pair in self.tables})

    def by_table(self, pairs: Mapping[Pair, int]) -> dict[str, int]:
        """Elements by table."""
        totals: dict[str, int] = {}
        for pair, number in pairs.items():
            totals[self.tables[pair]] = totals.get(self.tables[pair], 0) + number
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
    return ElementCounter(tuple({tag for _, tag in tables}), tables, compiled_counter(list(tables)))
