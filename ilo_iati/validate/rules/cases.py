"""Cases of the catalogue to compiled tests, grouped by the context they run in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from ilo_iati.spec.rule import RuleCase
from ilo_iati.validate.rules.closures import Closure, compile_xpath, text_of
from ilo_iati.validate.rules.kinds import KINDS, ORG_ID_PREFIX, Failure, Frame, Test, truth
from ilo_iati.validate.rules.syntax import Path, UnknownSyntax, parse
from ilo_iati.validate.rules.tree import Node, Shape, grow_all

Finder = Callable[[Node], list[Node]]
"""Record's Node -> the nodes a context matches in it."""
RECORD_PATHS = ("/iati-activities/iati-activity", "/iati-organisations/iati-organisation")
LISTS_NEEDED = ("NOT_EXISTING_ORG_ID", "NOT_EXISTING_ORG_ID_PREFIX")


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
    """All cases of one context."""

    find: Finder
    cases: tuple[CompiledCase, ...]


def needs_lists(case: RuleCase, frame: Frame) -> bool:
    """True where the case cannot be judged: it asks for a list that was not given."""
    asks_agency = ORG_ID_PREFIX in case.arguments.get("prefix", ())
    return (("id_condition" in case.arguments and frame.publishers is None)
            or (asks_agency and frame.agencies is None))


def compile_groups(cases: Iterable[RuleCase], frame: Frame) -> list[Group]:
    """Groups in order of their first case. `frame` carries everything but the arguments. Raises ValueError."""
    contexts: dict[str, list[RuleCase]] = {}
    for case in cases:
        for context in case.context.split("|"):
            contexts.setdefault(context.strip(), []).append(case)
    groups = []
    for context, members in contexts.items():
        swift = {at: found for at, case in enumerate(members) if (found := swift_group(context, case))}
        groups.extend(swift.values())
        rest = [case for at, case in enumerate(members) if at not in swift]
        if rest:
            find, inside = _context(context, frame)
            groups.append(Group(find, tuple(compile_case(case, inside) for case in rest)))
    return groups


def compile_case(case: RuleCase, frame: Frame) -> CompiledCase:
    """The test of one case, its conditions included. `frame.prefix` is where the context lies below the record."""
    # The ruleset names the arguments in which a loop's value is put; the strict reading puts it everywhere.
    loop_keys = frozenset(case.arguments if frame.strict else case.subs) if case.foreach else frozenset()
    frame = replace(frame, arguments=case.arguments, loop_keys=loop_keys)
    test = KINDS[case.rule](frame)
    if "id_condition" in case.arguments:
        test = _unless_known(test, frame)
    if "condition" in case.arguments:
        test = _under_condition(test, frame)
    foreach = compile_xpath(case.foreach, frame.shape, frame.prefix) if case.foreach else None
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
        if any(begin in publishers for value in values(node, var) for begin in _beginnings(value)):
            return None
        return test(node, var)

    return under_prefix


def _beginnings(value: str) -> Iterator[str]:
    at = value.find("-")
    while at >= 0:
        yield value[:at]
        at = value.find("-", at + 1)


def _context(context: str, frame: Frame) -> tuple[Finder, Frame]:
    """How to find the context's nodes in a record, and the frame for the cases there."""
    for record in RECORD_PATHS:
        if context == record:
            return (lambda node: [node]), frame
        if context.startswith(f"{record}/"):
            path = context.removeprefix(f"{record}/")
            try:
                tree = parse(path)
            except UnknownSyntax:
                break
            closure = compile_xpath(path, frame.shape)
            tags = tuple(step.name for step in tree.steps) if isinstance(tree, Path) else ()
            return (lambda node: closure(node, "")), replace(frame, prefix=tags)
    # Nodes found by XPath are grown whole, so the record's shape needs to learn nothing of them.
    return _searched(context), replace(frame, shape=Shape())


def _searched(context: str) -> Finder:
    """Contexts such as `//title`: found by lxml below the record, or in the whole document for other absolute paths."""
    xpath = etree.XPath(_below(context))
    return lambda node: [grow_all(found) for found in xpath(node.element)]


def _below(context: str) -> str:
    return f"descendant-or-self::{context[2:]}" if context.startswith("//") else context


def swift_group(context: str, case: RuleCase) -> Group | None:
    """`//title` must have text: one XPath that finds what fails, instead of a tree for each title; None if it is no such case."""
    if not context.startswith("//") or case.rule != "atleast_one" or len(case.arguments) > 1 or case.foreach:
        return None
    lacking = " and ".join(f"not({path})" for path in case.arguments["paths"])
    xpath = etree.XPath(f"{_below(context)}[{lacking}]")

    def find(node: Node) -> list[Node]:
        return [Node(found, {}, None) for found in xpath(node.element)]

    return Group(find, (CompiledCase(case, lambda node, var: (node.element, None)),))

