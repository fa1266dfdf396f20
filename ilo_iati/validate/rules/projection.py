"""What a case reads of its context node: the part of the tree that decides it, taken from the text of its XPaths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ilo_iati.spec.rule import RuleCase
from ilo_iati.validate.rules.kinds import ALL, ORG_ID_PREFIX
from ilo_iati.validate.rules.syntax import Binary, Call, Expression, Literal, Path, UnknownSyntax, parse
from ilo_iati.validate.rules.values import listed

_ON_PRESENCE = ("atleast_one", "no_more_than_one", "only_one_of", "dependent", "one_or_all", "if_then")
"""Kinds that ask of `paths` only whether there are nodes (if_then reads its own arguments)."""
_ON_LETTERS = re.compile(r"\^\[\^(?:\\?[/&|?])+\]\+\$")
"""Regexes that only forbid / & | ?: any plain value is right."""


@dataclass(slots=True)
class Projection:
    """The part of an element that is read.

    `attributes`: name -> whether it matters only if the value is plain (letters, digits, -._:). `value`: the
    string-value, `plain_value` likewise; `marks`: which text nodes there are, `texts`: their content too.
    """

    attributes: dict[str, bool] = field(default_factory=dict)
    value: bool = False
    plain_value: bool = True
    marks: bool = False
    texts: bool = False
    children: dict[str, Projection] = field(default_factory=dict)

    def child(self, name: str) -> Projection:
        return self.children.setdefault(name, Projection())

    def absorb(self, other: Projection) -> None:
        """Reads what `other` reads as well."""
        for name, plain in other.attributes.items():
            self.attributes[name] = self.attributes.get(name, True) and plain
        self.plain_value = self.plain_value and other.plain_value
        self.value, self.marks = self.value or other.value, self.marks or other.marks
        self.texts = self.texts or other.texts
        for name, inner in other.children.items():
            self.child(name).absorb(inner)

    def names(self) -> frozenset[str]:
        """The attributes (with @) and children that are read, by name."""
        return frozenset(f"@{name}" for name in self.attributes) | frozenset(self.children)

    def as_plan(self) -> tuple[Any, ...]:
        """Plain values, as the compiled watcher takes them."""
        below = [(name, inner.as_plan()) for name, inner in self.children.items()]
        names, plain = [*self.attributes], [*self.attributes.values()]
        names = [name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:") for name in names]
        return names, plain, self.value, self.plain_value, self.marks, self.texts, below


def projection(case: RuleCase) -> Projection | None:
    """What decides `case` at its context node; None where that is not only attributes, texts and children below it."""
    found = Projection()
    try:
        for text, use in _texts(case):
            _read(parse(text), found, use)
    except UnknownSyntax:
        return None
    return found


def _texts(case: RuleCase) -> Iterator[tuple[str, str]]:
    """The XPaths of a case, and what is asked of each: presence, plain (presence and harmless letters) or value."""
    arguments = case.arguments
    lenient = case.rule == "no_spaces" or (case.rule == "regex_matches" and _ON_LETTERS.fullmatch(arguments["regex"]))
    use = "presence" if case.rule in _ON_PRESENCE else "plain" if lenient else "value"
    for path in listed(arguments.get("paths", ())):
        yield path, use
    for key in ("condition", "if", "then", "one", "eval"):
        if key in arguments:
            yield arguments[key], "presence"
    for key in ("date", "start", "end", "less", "more", "prefix"):
        yield from ((path, "value") for path in listed(arguments.get(key, ())) if path not in ("NOW", ORG_ID_PREFIX))
    for path in listed(arguments.get("excluded", ())):
        yield path, "presence"
    if "all" in arguments:
        yield ALL.get(arguments["all"], "true()"), "presence"
    if case.foreach:
        yield case.foreach, "value"


def _read(tree: Expression, found: Projection, use: str) -> None:
    if isinstance(tree, Path):
        _read_path(tree, found, use)
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            _read(argument, found, "value" if tree.name in ("number", "string") else "presence")
    elif isinstance(tree, Binary):
        inner = "presence" if tree.operator in ("or", "and") else "value"
        for side in (tree.left, tree.right):
            _read(side, found, inner)
    elif not isinstance(tree, Literal):
        raise UnknownSyntax("neither path nor call")


def _read_path(path: Path, found: Projection, use: str) -> None:
    for step in path.steps:
        if step.axis == "parent":
            raise UnknownSyntax("above the context")
        if step.axis == "attribute":
            lenient = use == "plain" or use == "presence"
            found.attributes[step.name] = found.attributes.get(step.name, True) and lenient
            return
        if step.axis == "text":
            found.marks, found.texts = True, found.texts or use != "presence"
            return
        if step.axis == "child":
            found = found.child(step.name)
        for test in step.predicates:
            # A number counts places among siblings: all of them are read anyway.
            _read(test, found, "presence")
    if use != "presence":
        found.value, found.plain_value = True, found.plain_value and use == "plain"
