"""Rules and code lists as watched places for the compiled pass: what each reads, and the exact test of what is new."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any

from lxml import etree

from ilo_iati.spec.rule import RuleCase
from ilo_iati.validate.codelists import CodeFault, CodeIndex
from ilo_iati.validate.rules.cases import RECORD_PATHS, CompiledCase, Group, compile_case, compile_groups
from ilo_iati.validate.rules.kinds import Failure, Frame
from ilo_iati.validate.rules.projection import Projection, Use, projection
from ilo_iati.validate.rules.suspicion import suspicion
from ilo_iati.validate.rules.syntax import Path, UnknownSyntax, attribute_values, parse, unparse
from ilo_iati.validate.rules.tree import Node

_FORM = 2
"""The form of plan that `_watch` must have been built for."""
_REMEMBERED = 10_000
_LONGEST = 512
"""Longer keys hardly come twice."""

RuleFault = tuple[RuleCase, Failure]
Fault = CodeFault | RuleFault
Judge = Callable[[etree._Element], list[Any]]
Above = list[tuple[int, str]]


def _load() -> Any:
    try:
        found = import_module("ilo_iati.validate._watch")
    except ImportError:  # not built here, or built for another lxml
        return None
    return found if getattr(found, "FORM", None) == _FORM else None


_native = _load()


def compiled() -> bool:
    """True when the compiled pass is in use; `ILO_IATI_WALKER=python` turns it off."""
    return _native is not None and os.environ.get("ILO_IATI_WALKER") != "python"


@dataclass(slots=True)
class _Place:
    """A path below the record: what is watched there, and the places below."""

    watches: list[tuple[Any, ...]] = field(default_factory=list)
    below: dict[str, _Place] = field(default_factory=dict)

    def at(self, path: Iterable[str]) -> _Place:
        place = self
        for name in path:
            place = place.below.setdefault(name, _Place())
        return place

    def as_plan(self) -> tuple[Any, ...]:
        return self.watches, [(name, place.as_plan()) for name, place in self.below.items()]


class Watching:
    """The compiled pass for one rule set. `rest`: groups it cannot watch, which are found by XPath as without it."""

    def __init__(self, record: str, cases: Iterable[RuleCase], codes: CodeIndex, frame: Frame) -> None:
        self._judges: list[tuple[Judge, set[bytes] | None]] = []
        root, anywhere = _Place(), dict[str, list[tuple[Any, ...]]]()
        for path, names in codes.places():
            decides = None if names is None else Projection(attributes=dict.fromkeys(names, Use.EXACT))
            root.at(path[1:]).watches.append(self._watch(partial(codes.faults_at, path), decides, []))
        unwatched: list[RuleCase] = []
        for context, members in _by_context(cases).items():
            where = _where(context, record)
            watched, others = _apart(members) if where else ({}, members)
            unwatched.extend(_in_context(others, context))
            for group, reads in watched.values():
                assert where is not None
                made = self._watch(_judge_of(group, where, frame), reads, where.above)
                watches = root.at(where.path).watches if where.anchored else anywhere.setdefault(where.path[0], [])
                watches.append(made)
        self.rest: tuple[Group, ...] = tuple(compile_groups(unwatched, frame))
        year = datetime.fromtimestamp(frame.now / 1000, UTC).year
        self._look = _native.Watcher(record, root.as_plan(), list(anywhere.items()), year).look

    def _watch(self, judge: Judge, reads: Projection | None, above: Above) -> tuple[Any, ...]:
        right: set[bytes] | None = set() if reads is not None else None
        self._judges.append((judge, right))
        return len(self._judges) - 1, right, (reads or Projection()).as_plan(), above

    def faults(self, root: etree._Element) -> Iterator[tuple[int, Fault]]:
        """(position of the record below `root`, from 0; what is wrong), in document order."""
        judges = self._judges
        for position, number, element, key in self._look(root):
            judge, right = judges[number]
            if right is not None and key in right:
                continue
            found = judge(element)
            for fault in found:
                yield position, fault
            if right is not None and key is not None and not found and len(key) <= _LONGEST:
                _remember(right, key)


def _remember(right: set[bytes], key: bytes) -> None:
    if len(right) < _REMEMBERED:
        right.add(key)


@dataclass(frozen=True, slots=True)
class _Where:
    """A context: path below the record (or, not `anchored`, one name anywhere), and the test that an element is in it.

    `above`: attributes of ancestors that the test reads, by steps up.
    """

    path: tuple[str, ...]
    anchored: bool
    above: Above
    holds: etree.XPath | None


def _by_context(cases: Iterable[RuleCase]) -> dict[str, list[RuleCase]]:
    found: dict[str, list[RuleCase]] = {}
    for case in cases:
        for context in case.context.split("|"):
            found.setdefault(context.strip(), []).append(case)
    return found


def _in_context(cases: Iterable[RuleCase], context: str) -> Iterator[RuleCase]:
    """The cases for this one of their contexts."""
    return (replace(case, context=context) for case in cases)


def _where(context: str, record: str) -> _Where | None:
    """None for a context the pass cannot follow."""
    if context.startswith("//"):
        name = context[2:]
        return _Where((name,), False, [], None) if name.isidentifier() else None
    top = next((each for each in RECORD_PATHS if each.endswith(f"/{record}")), "")
    if context == top:
        return _Where((), True, [], None)
    if not top or not context.startswith(f"{top}/"):
        return None
    try:
        tree = parse(context.removeprefix(f"{top}/"))
    except UnknownSyntax:
        return None
    return _path_of(tree) if isinstance(tree, Path) else None


def _path_of(tree: Path) -> _Where | None:
    steps, above, tests = tree.steps, Above(), list[str]()
    for up, step in enumerate(reversed(steps)):
        if step.axis != "child":
            return None
        for test in step.predicates:
            read = attribute_values(test)
            if read is None:
                return None
            above.append((up, read[0]))
            tests.append(f"{_up(up)}[{unparse(test)}]")
    holds = etree.XPath(" and ".join(f"boolean({test})" for test in tests)) if tests else None
    return _Where(tuple(step.name for step in steps), True, above, holds)


def _up(steps: int) -> str:
    return "/".join(["parent::*"] * steps) or "self::*"


def _apart(
    cases: list[RuleCase],
) -> tuple[dict[frozenset[str], tuple[list[RuleCase], Projection]], list[RuleCase]]:
    """Cases that read the same attributes and children together, and those of which it is not known what they read."""
    watched: dict[frozenset[str], tuple[list[RuleCase], Projection]] = {}
    others: list[RuleCase] = []
    for case in cases:
        reads = projection(case)
        if reads is None:
            others.append(case)
            continue
        group, together = watched.setdefault(reads.names(), ([], Projection()))
        group.append(case)
        together.absorb(reads)
    return watched, others


def _judge_of(cases: list[RuleCase], where: _Where, frame: Frame) -> Judge:
    """The exact test of an element, after a quicker one that rules most of them out."""
    compiled: list[CompiledCase] = [compile_case(case, frame) for case in cases]
    doubts = dict.fromkeys(suspicion(case, frame.now, strict=frame.strict) for case in cases)
    doubtful, holds = etree.XPath(" or ".join(f"boolean({each})" for each in doubts)), where.holds

    def judge(element: etree._Element) -> list[Any]:
        if not doubtful(element) or (holds is not None and not holds(element)):
            return []
        node = Node(element)
        return [(each.case, failure) for each in compiled for failure in each.failures(node)]

    return judge
