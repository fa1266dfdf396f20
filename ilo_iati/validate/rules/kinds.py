"""The kinds of rules: arguments of a case to a test on one context node, in the official or the strict reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ilo_iati.validate.rules.closures import Closure, compile_xpath
from ilo_iati.validate.rules.dates import DATE_KINDS
from ilo_iati.validate.rules.syntax import holder_path
from ilo_iati.validate.rules.tree import Item, Node, text_of
from ilo_iati.validate.rules.values import SPACES, js_number, listed, xpath_number

Failure = tuple[Any, str | None]
Test = Callable[[Node, str], Failure | None]
"""(context node, loop value) -> (element to point at, offending value or None); None: holds or does not apply."""

ORG_ID_PREFIX = "ORG-ID-PREFIX"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a test is built with: the case's arguments, the reading, the lists and the clock of the check.

    `now` is in milliseconds since 1970. `loop_keys` are the arguments in which `$1` is replaced. `publishers` and
    `agencies` are None where no list is at hand.
    """

    arguments: Mapping[str, Any]
    strict: bool
    now: float
    loop_keys: frozenset[str] = frozenset()
    publishers: frozenset[str] | None = None
    agencies: frozenset[str] | None = None

    def compiled(self, text: str, key: str) -> Closure:
        return compile_xpath(text, loop=key in self.loop_keys)

    def one(self, key: str) -> Closure:
        """The compiled XPath of argument `key`."""
        return self.compiled(self.arguments[key], key)

    def paths(self, key: str = "paths") -> list[Closure]:
        return [self.compiled(text, key) for text in listed(self.arguments.get(key, ()))]

    def values(self, key: str = "paths") -> Callable[[Node, str], list[str]]:
        """A closure that gives the string-values of all nodes of all paths."""
        paths = self.paths(key)
        if len(paths) == 1:
            only = paths[0]
            return lambda node, var: [text_of(item) for item in only(node, var)]
        return lambda node, var: [text_of(item) for path in paths for item in path(node, var)]

    def locator(self, key: str = "paths") -> Callable[[Node, str, str | None], Failure]:
        """Finds the element that holds `value`, or the first of the paths; for findings only, so it may be slow."""
        pairs = [
            (self.compiled(holder, key), self.compiled(last, key))
            for holder, last in map(holder_path, listed(self.arguments.get(key, ())))
        ]

        def locate(node: Node, var: str, value: str | None) -> Failure:
            for holder, last in pairs:
                for each in holder(node, var):
                    if isinstance(each, Node) and any(value in (None, text_of(item)) for item in last(each, var)):
                        return each.element, value
            return node.element, value

        return locate


def truth(value: Any, strict: bool) -> bool:
    """JavaScript's truth: any node-set is true, also an empty one. Strict: XPath's boolean()."""
    if isinstance(value, list) and not strict:
        return True
    return bool(value) and value == value  # NaN is false in both


def _count(paths: Iterable[Closure], node: Node, var: str) -> int:
    return sum(len(path(node, var)) for path in paths)


def no_more_than_one(frame: Frame) -> Test:
    """Fails when the paths have more than one node in all."""
    paths, locate = frame.paths(), frame.locator()
    return lambda node, var: locate(node, var, None) if _count(paths, node, var) > 1 else None


def atleast_one(frame: Frame) -> Test:
    """Fails when none of the paths has a node."""
    paths = frame.paths()

    def test(node: Node, var: str) -> Failure | None:
        for path in paths:
            if path(node, var):
                return None
        return node.element, None

    return test


def only_one_of(frame: Frame) -> Test:
    """Fails when an excluded path stands beside the paths, or none of either is there."""
    excluded, paths = frame.paths("excluded"), frame.paths()

    def test(node: Node, var: str) -> Failure | None:
        found = _count(paths, node, var)
        good = all(found == (0 if each(node, var) else 1) for each in excluded)
        return None if good else (node.element, None)

    return test


def dependent(frame: Frame) -> Test:
    """Fails when some but not all of the paths have a node."""
    paths = frame.paths()

    def test(node: Node, var: str) -> Failure | None:
        present = [bool(path(node, var)) for path in paths]
        return None if all(present) or not any(present) else (node.element, None)

    return test


ALL = {
    "lang": "descendant::narrative[not(@xml:lang)]",
    "sector": "transaction[not(sector)]",
    "recipient-country|recipient-region": "transaction[not(recipient-country) and not(recipient-region)]",
    "currency": "descendant::*[self::value or self::forecast or self::loan-status][not(@currency)]",
}
"""Keyword of one_or_all -> XPath of what breaks it."""


def one_or_all(frame: Frame) -> Test:
    """Fails when neither the one path nor every place of `all` is filled."""
    one, breaks = frame.one("one"), ALL.get(frame.arguments["all"])
    if breaks is None:
        return lambda _node, _var: None
    xpath: Callable[[etree._Element], Any] = etree.XPath(f"({breaks})[1]")

    def test(node: Node, var: str) -> Failure | None:
        if one(node, var):
            return None
        found = xpath(node.element)
        return (found[0], None) if found else None

    return test


def unique(frame: Frame) -> Test:
    """Fails when two values are the same."""
    values, locate = frame.values(), frame.locator()

    def test(node: Node, var: str) -> Failure | None:
        found = values(node, var)
        if len(set(found)) == len(found):
            return None
        return locate(node, var, next(value for value in found if found.count(value) > 1))

    return test


def _sum(frame: Frame, *, needed: bool) -> Test:
    values, locate, goal = frame.values(), frame.locator(), float(frame.arguments["sum"])
    strict = frame.strict

    def test(node: Node, var: str) -> Failure | None:
        found = values(node, var)
        if not found and not needed:
            return None
        total = sum(map(xpath_number if strict else js_number, found))
        # Shares rounded to two decimals may be off by half a cent each; the official reading knows four decimals.
        good = abs(total - goal) <= 0.005 * len(found) + 1e-9 if strict else _rounded(total) == goal
        return None if good else (locate(node, var, None)[0], f"{total:.10g}")

    return test


def _rounded(total: float) -> float:
    return int(total * 10_000 + 0.5) / 10_000 if abs(total) < 1e12 else total


def regex_matches(frame: Frame, *, wanted: bool = True) -> Test:
    """Fails when a value does not match the pattern (or, with `wanted` false, when it does)."""
    values, locate = frame.values(), frame.locator()
    # JavaScript's $ is the very end, Python's also stands before a last line break.
    pattern = re.compile(re.sub(r"(?<!\\)\$\Z", r"\\Z", frame.arguments["regex"]))

    def test(node: Node, var: str) -> Failure | None:
        for value in values(node, var):
            if bool(pattern.search(value)) != wanted and (value or not wanted):
                return locate(node, var, value)
        return None

    return test


def startswith(frame: Frame) -> Test:
    """Fails when a value begins with none of the prefixes."""
    values, locate = frame.values(), frame.locator()
    given = listed(frame.arguments.get("prefix", frame.arguments.get("start", ())))
    separator = frame.arguments.get("separator", "")
    if ORG_ID_PREFIX in given:
        agencies = frame.agencies or frozenset()
        return lambda node, var: next(
            (
                locate(node, var, value)
                for value in values(node, var)
                if "-".join(value.split("-")[:2]) not in agencies or value.count("-") < 1
            ),
            None,
        )
    prefixes = [frame.compiled(text, "prefix") for text in given]

    def test(node: Node, var: str) -> Failure | None:
        found = values(node, var)
        if not found:
            return None
        starts = tuple(text_of(item) + separator for path in prefixes for item in path(node, var))
        wrong = next((value for value in found if not value.startswith(starts)), None)
        return None if wrong is None else locate(node, var, wrong)

    return test


def no_spaces(frame: Frame) -> Test:
    """Fails when a value begins or ends with white space."""
    values, locate = frame.values(), frame.locator()

    def test(node: Node, var: str) -> Failure | None:
        for value in values(node, var):
            if value.strip(SPACES) != value:
                return locate(node, var, value)
        return None

    return test


def no_percent(frame: Frame) -> Test:
    """Fails when a value holds a per cent sign."""
    values, locate = frame.values(), frame.locator()
    return lambda node, var: next((locate(node, var, value) for value in values(node, var) if "%" in value), None)


def in_range(frame: Frame) -> Test:
    """Fails when a number lies outside the bounds."""
    values, locate, read = frame.values(), frame.locator(), xpath_number if frame.strict else js_number
    low = float(frame.arguments.get("min", "-inf"))
    high = float(frame.arguments.get("max", "inf"))

    def test(node: Node, var: str) -> Failure | None:
        for value in values(node, var):
            if not low <= read(value) <= high:
                return locate(node, var, value)
        return None

    return test


def if_then(frame: Frame) -> Test:
    """Fails when the premise holds and the conclusion does not."""
    premise, conclusion, locate, strict = frame.one("if"), frame.one("then"), frame.locator(), frame.strict

    def test(node: Node, var: str) -> Failure | None:
        if not truth(premise(node, var), strict) or truth(conclusion(node, var), strict):
            return None
        element, _ = locate(node, var, None)
        return element, _own_value(frame, node, var)

    return test


def _own_value(frame: Frame, node: Node, var: str) -> str | None:
    """The value a rule on a single attribute is about."""
    paths = listed(frame.arguments.get("paths", ()))
    items: list[Item] = frame.compiled(paths[0], "paths")(node, var) if len(paths) == 1 and "@" in paths[0] else []
    return text_of(items[0]) if len(items) == 1 else None


def evaluates_to_true(frame: Frame) -> Test:
    """The older Python rule: XPath that must be true."""
    evaluate = frame.one("eval")
    return lambda node, var: None if truth(evaluate(node, var), strict=True) else (node.element, None)


# fmt: off
KINDS: Mapping[str, Callable[[Frame], Test]] = {
    **{kind.__name__: kind for kind in (
        no_more_than_one, atleast_one, only_one_of, dependent, one_or_all, unique, regex_matches, startswith,
        no_spaces, no_percent, if_then, evaluates_to_true)},
    "range": in_range,
    "sum": lambda frame: _sum(frame, needed=False), "strict_sum": lambda frame: _sum(frame, needed=True),
    "regex_no_matches": lambda frame: regex_matches(frame, wanted=False),
    **DATE_KINDS,
}
# fmt: on
"""Name of a rule -> its builder."""
