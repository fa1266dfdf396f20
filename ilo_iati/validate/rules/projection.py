"""What a case reads of its context node: the part of the tree that decides it, taken from the text of its XPaths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from ilo_iati.spec.rule import RuleCase
from ilo_iati.validate.rules.kinds import ALL, ORG_ID_PREFIX
from ilo_iati.validate.rules.syntax import Binary, Call, Expression, Literal, Path, UnknownSyntax, parse
from ilo_iati.validate.rules.values import listed

_ON_PRESENCE = ("atleast_one", "no_more_than_one", "only_one_of", "dependent", "one_or_all", "if_then")
"""Kinds that ask of `paths` only whether there are nodes (if_then reads its own arguments)."""
_ON_LETTERS = re.compile(r"\^\[\^(?:\\?[/&|?])+\]\+\$")
"""Regexes that only forbid / & | ?: any plain value is right."""


class Use(IntEnum):
    """What of a value matters: all of it, or less where any value of a kind is right (the numbers are `_watch`'s)."""

    EXACT = 0
    HARMLESS = 1
    """Whether it is nothing but letters, digits and -._: (no rule on spaces and symbols fails then)."""
    PAST = 2
    """Whether it is a plain date of a year that is over."""
    PRESENT = 3
    """Only whether it is there."""


def _both(one: Use, other: Use) -> Use:
    """What matters where two cases read the same value."""
    if Use.PRESENT in (one, other):
        return min(one, other)
    return one if one == other else Use.EXACT


@dataclass(slots=True)
class Projection:
    """The part of an element that is read.

    `attributes`: name -> what of its value matters. `value`: the same of the string-value, None where it is not read;
    `marks`: which text nodes there are, `texts`: their content too.
    """

    attributes: dict[str, Use] = field(default_factory=dict)
    value: Use | None = None
    marks: bool = False
    texts: bool = False
    children: dict[str, Projection] = field(default_factory=dict)

    def child(self, name: str) -> Projection:
        return self.children.setdefault(name, Projection())

    def read_attribute(self, name: str, use: Use) -> None:
        self.attributes[name] = _both(self.attributes.get(name, Use.PRESENT), use)

    def read_value(self, use: Use) -> None:
        self.value = use if self.value is None else _both(self.value, use)

    def absorb(self, other: Projection) -> None:
        """Reads what `other` reads as well."""
        for name, use in other.attributes.items():
            self.read_attribute(name, use)
        if other.value is not None:
            self.read_value(other.value)
        self.marks, self.texts = self.marks or other.marks, self.texts or other.texts
        for name, inner in other.children.items():
            self.child(name).absorb(inner)

    def names(self) -> frozenset[str]:
        """The attributes (with @) and children that are read, by name."""
        return frozenset(f"@{name}" for name in self.attributes) | frozenset(self.children)

    def as_plan(self) -> tuple[Any, ...]:
        """Plain values, as the compiled watcher takes them."""
        below = [(name, inner.as_plan()) for name, inner in self.children.items()]
        names = [name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:") for name in self.attributes]
        return names, list(self.attributes.values()), self.value, self.marks, self.texts, below


def projection(case: RuleCase) -> Projection | None:
    """What decides `case` at its context node; None where that is not only attributes, texts and children below it."""
    found = Projection()
    try:
        for text, use in _texts(case):
            _read(parse(text), found, use)
    except UnknownSyntax:
        return None
    return found


def _texts(case: RuleCase) -> Iterator[tuple[str, Use]]:
    """The XPaths of a case, and what is asked of each."""
    arguments = case.arguments
    lenient = case.rule == "no_spaces" or (case.rule == "regex_matches" and _ON_LETTERS.fullmatch(arguments["regex"]))
    use = Use.PRESENT if case.rule in _ON_PRESENCE else Use.HARMLESS if lenient else Use.EXACT
    for path in listed(arguments.get("paths", ())):
        yield path, use
    for key in ("condition", "if", "then", "one", "eval"):
        if key in arguments:
            yield arguments[key], Use.PRESENT
    for key in ("date", "start", "end", "less", "more", "prefix"):
        use = Use.PAST if arguments.get("more") == "NOW" or case.rule == "date_now" else Use.EXACT
        yield from ((path, use) for path in listed(arguments.get(key, ())) if path not in ("NOW", ORG_ID_PREFIX))
    for path in listed(arguments.get("excluded", ())):
        yield path, Use.PRESENT
    if "all" in arguments:
        yield ALL.get(arguments["all"], "true()"), Use.PRESENT
    if case.foreach:
        yield case.foreach, Use.EXACT


def _read(tree: Expression, found: Projection, use: Use) -> None:
    if isinstance(tree, Path):
        _read_path(tree, found, use)
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            _read(argument, found, Use.EXACT if tree.name in ("number", "string") else Use.PRESENT)
    elif isinstance(tree, Binary):
        inner = Use.PRESENT if tree.operator in ("or", "and") else Use.EXACT
        for side in (tree.left, tree.right):
            _read(side, found, inner)
    elif not isinstance(tree, Literal):
        raise UnknownSyntax("neither path nor call")


def _read_path(path: Path, found: Projection, use: Use) -> None:
    for step in path.steps:
        if step.axis == "parent":
            raise UnknownSyntax("above the context")
        if step.axis == "attribute":
            found.read_attribute(step.name, use)
            return
        if step.axis == "text":
            found.marks, found.texts = True, found.texts or use != Use.PRESENT
            return
        if step.axis == "child":
            found = found.child(step.name)
        for test in step.predicates:
            # A number counts places among siblings: all of them are read anyway.
            _read(test, found, Use.PRESENT)
    if use != Use.PRESENT:
        found.read_value(use)
