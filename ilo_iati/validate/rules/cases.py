"""Cases of the catalogue to compiled tests, grouped by the context they run in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from ilo_iati.spec.rule import RuleCase
from ilo_iati.validate.rules.closures import Closure, compile_xpath
from ilo_iati.validate.rules.kinds import KINDS, ORG_ID_PREFIX, Failure, Frame, Test, truth
from ilo_iati.validate.rules.strict import beginnings
from ilo_iati.validate.rules.suspicion import suspicion
from ilo_iati.validate.rules.syntax import own_attributes
from ilo_iati.validate.rules.tree import Node, text_of

_ON_ATTRIBUTES = ("atleast_one", "no_spaces", "regex_matches", "if_then")
_REMEMBERED = 100_000
RECORD_PATHS = ("/iati-activities/iati-activity", "/iati-organisations/iati-organisation")


@dataclass(frozen=True, slots=True)
class CompiledCase:
    """A case and its test; `several` gives all failures of a loop, `test` the only one of any other case."""

    case: RuleCase
    test: Test
    foreach: Closure | None = None

    def failures(self, node: Node) -> Iterator[Failure]:
        """What fails at the context node: at most one, or one for each value of a loop."""
        if self.foreach is None:
            failure = self.test(node, "")
            if failure is not None:
                yield failure
            return
        found = self.foreach(node, "")
        if found:
            for value in dict.fromkeys(map(text_of, found)):
                failure = self.test(node, value)
                if failure is not None:
                    yield failure


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of one context that are tested together, at every place where any of them may fail.

    `in_record` finds such places from a record, `in_document` from the root element of a document with any number of
    records. `own`: what alone decides, where nothing else does; values found right are then remembered.
    """

    in_record: etree.XPath
    in_document: etree.XPath
    cases: tuple[CompiledCase, ...]
    own: OwnValues | None = None

    def failures(self, found: Iterable[etree._Element]) -> Iterator[tuple[RuleCase, Failure]]:
        """What fails at the places found."""
        own = self.own
        for element in found:
            if own is not None and own.known_right(element):
                continue
            failures = list(self._exact(element))
            yield from failures
            if own is not None and not failures:
                own.remember(element, lambda bare: not list(self._exact(bare)))

    def _exact(self, element: etree._Element) -> Iterator[tuple[RuleCase, Failure]]:
        node = Node(element)
        for compiled in self.cases:
            for failure in compiled.failures(node):
                yield compiled.case, failure


@dataclass(frozen=True, slots=True)
class OwnValues:
    """Attributes of the context node, and at most one kind of child, that decide all cases of a group.

    `right`: values that are right whatever the children; `helped`: right where there is such a child.
    """

    names: tuple[str, ...]
    child: str
    right: set[tuple[str | None, ...]] = field(default_factory=set)
    helped: set[tuple[str | None, ...]] = field(default_factory=set)

    def known_right(self, element: etree._Element) -> bool:
        key = tuple([element.get(name) for name in self.names])
        return key in self.right or (key in self.helped and self._has_child(element))

    def _has_child(self, element: etree._Element) -> bool:
        return next(element.iterchildren(self.child), None) is not None

    def remember(self, element: etree._Element, is_right: Callable[[etree._Element], bool]) -> None:
        """Keeps the values of an element found right: for any children, if they are right without any."""
        key = tuple([element.get(name) for name in self.names])
        given = {name: value for name, value in zip(self.names, key, strict=True) if value is not None}
        bare = etree.Element(element.tag, given)
        if len(self.right) + len(self.helped) > _REMEMBERED:
            return
        if is_right(bare):
            self.right.add(key)
        elif self.child and self._has_child(element):
            self.helped.add(key)


def needs_lists(case: RuleCase, frame: Frame) -> bool:
    """True where the case cannot be judged: it asks for a list that was not given."""
    asks_agency = ORG_ID_PREFIX in case.arguments.get("prefix", ())
    return ("id_condition" in case.arguments and frame.publishers is None) or (asks_agency and frame.agencies is None)


def compile_groups(cases: Iterable[RuleCase], frame: Frame) -> list[Group]:
    """Groups in order of their first case. `frame` carries everything but the arguments. Raises ValueError."""
    groups: dict[str, list[RuleCase]] = {}
    for case in cases:
        for context in case.context.split("|"):
            groups.setdefault(context.strip(), []).append(case)
    # Of the many cases of a record few are in doubt: each looks for its own places.
    apart = {context: [[each] for each in members] for context, members in groups.items() if context in RECORD_PATHS}
    return [_group(context, some, frame) for context, all_ in groups.items() for some in apart.get(context, [all_])]


def _group(context: str, cases: list[RuleCase], frame: Frame) -> Group:
    within, below = _contexts(context)
    compiled = tuple(compile_case(case, frame) for case in cases)
    own = _deciding(cases)
    if own is None:
        doubts = dict.fromkeys(suspicion(case, frame.now, strict=frame.strict) for case in cases)
        doubt = " or ".join(f"({each})" for each in doubts)
        within, below = f"{within}[{doubt}]", f"{below}[{doubt}]"
    return Group(_xpath(within), _xpath(below), compiled, own)


def _deciding(cases: list[RuleCase]) -> OwnValues | None:
    """What of the context node decides all of `cases`, one kind of child at most helping; None where more is read."""
    names: set[str] = set()
    children: set[str] = set()
    for case in cases:
        if case.foreach or case.rule not in _ON_ATTRIBUTES:
            return None
        arguments = case.arguments
        for text in (*arguments["paths"], *(arguments[key] for key in ("condition", "if", "then") if key in arguments)):
            read = own_attributes(text)
            if read is None or (read[1] and (case.rule != "atleast_one" or text not in arguments["paths"])):
                return None
            names |= read[0]
            children |= {text} if read[1] else set()
    return OwnValues(tuple(sorted(names)), "".join(children)) if len(children) < 2 else None


def _xpath(text: str) -> etree.XPath:
    try:
        return etree.XPath(text, smart_strings=False)
    except etree.XPathSyntaxError as error:
        raise ValueError(f"{text!r} is not XPath 1.0 ({error})") from error


def _contexts(context: str) -> tuple[str, str]:
    """The context as XPath from a record and from the root element above it."""
    if context.startswith("//"):
        return (f"descendant-or-self::{context[2:]}",) * 2
    for record in RECORD_PATHS:
        name = record.rpartition("/")[2]
        if context == record:
            return f"self::{name}", name
        if context.startswith(f"{record}/"):
            below = context.removeprefix(f"{record}/")
            return f"self::{name}/{below}", f"{name}/{below}"
    return context, context


def compile_case(case: RuleCase, frame: Frame) -> CompiledCase:
    """The exact test of one case, its conditions included."""
    # The ruleset names the arguments in which a loop's value is put; the strict reading puts it everywhere.
    loop_keys = frozenset(case.arguments if frame.strict else case.subs) if case.foreach else frozenset()
    frame = replace(frame, arguments=case.arguments, loop_keys=loop_keys)
    test = KINDS[case.rule](frame)
    if "id_condition" in case.arguments:
        test = _unless_known(test, frame)
    if "condition" in case.arguments:
        test = _under_condition(test, frame)
    foreach = compile_xpath(case.foreach) if case.foreach else None
    return CompiledCase(case, test, foreach)


def _under_condition(test: Test, frame: Frame) -> Test:
    condition, strict = frame.one("condition"), frame.strict
    return lambda node, var: test(node, var) if truth(condition(node, var), strict) else None


def _unless_known(test: Test, frame: Frame) -> Test:
    """The publishers' own identifiers are not judged: as a whole, or by the part before one of the hyphens."""
    publishers, values = frame.publishers or frozenset(), frame.values()
    if frame.arguments["id_condition"] == "NOT_EXISTING_ORG_ID":
        return lambda node, var: None if any(value in publishers for value in values(node, var)) else test(node, var)

    def under_prefix(node: Node, var: str) -> Failure | None:
        if any(begin in publishers for value in values(node, var) for begin in beginnings(value)):
            return None
        return test(node, var)

    return under_prefix
