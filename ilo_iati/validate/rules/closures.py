"""Syntax trees to Python closures over the small tree of a record; what cannot be compiled is left to lxml's XPath."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from ilo_iati.validate.rules.syntax import (
    Binary,
    Call,
    Expression,
    Literal,
    Path,
    Step,
    UnknownSyntax,
    attribute_values,
    is_plain,
    parse,
    read_of_self,
    unparse,
)
from ilo_iati.validate.rules.tree import Item, Node, text_of
from ilo_iati.validate.rules.values import xpath_number

Value = list[Item] | str | float | bool
Closure = Callable[[Node, str], Any]
"""(context node, value of the loop variable) -> value."""

LOOP_VARIABLE = "$1"
_REMEMBERED = 10_000
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_xpath(text: str, *, loop: bool = False) -> Closure:
    """A closure that evaluates `text` on a Node; node-sets are lists in document order, booleans are bool.

    With `loop` the literal '$1' stands for the loop's value. Numbers follow XPath 1.0 to the letter.
    """
    try:
        return _compile(parse(text), loop)[1]
    except UnknownSyntax:
        return fallback(text, loop=loop)


def fallback(text: str, *, loop: bool = False) -> Closure:
    """The same by lxml, for any XPath 1.0. Raises ValueError where `text` is not XPath."""
    if loop:
        text = text.replace(f"'{LOOP_VARIABLE}'", "$loop_value")
    try:
        compiled = etree.XPath(text, smart_strings=False)
    except etree.XPathSyntaxError as error:
        raise ValueError(f"{text!r} is not XPath 1.0 ({error})") from error

    if loop:
        return lambda node, var: _as_nodes(compiled(node.element, loop_value=var))
    return lambda node, _var: _as_nodes(compiled(node.element))


def _as_nodes(found: Any) -> Any:
    if not isinstance(found, list):
        return found
    return [item if isinstance(item, str) else Node(item) for item in found if not _is_namespace(item)]


def _is_namespace(item: object) -> bool:
    return isinstance(item, tuple)


def gives_nodes(text: str) -> bool:
    """True where `text` selects nodes; False for a truth value, a number or a string."""
    try:
        return _compile(parse(text), loop=False)[0] == "nodes"
    except UnknownSyntax:
        found = re.sub(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]", "", text)
        return not re.search(r"[=<>(]|\b(?:and|or)\b", found.replace("text()", ""))


def _compile(tree: Expression, loop: bool) -> tuple[str, Closure]:
    """(type: nodes, bool, num or str; closure); XPath 1.0 is typed by its text alone."""
    if isinstance(tree, Literal):
        value = tree.value
        if loop and value == LOOP_VARIABLE:
            return "str", lambda _node, var: var
        return ("str" if isinstance(value, str) else "num"), lambda _node, _var: value
    if isinstance(tree, Path):
        return "nodes", _path(tree, loop)
    if isinstance(tree, Call):
        return _call(tree, loop)
    return _binary(tree, loop)


def _path(path: Path, loop: bool) -> Closure:
    closure: Closure | None = None
    if any(step.axis == "parent" for step in path.steps[1:]):
        raise UnknownSyntax("a parent of several nodes, each to be counted once")
    if _deep(path):
        # Many elements to walk: libxml2 does it without making a Python object of each.
        return fallback(unparse(path))
    for step in path.steps:
        closure = _after(closure, _step(step, loop))
    assert closure is not None
    return closure


def _deep(path: Path) -> bool:
    children = [step for step in path.steps if step.axis == "child"]
    return len(children) > 1 and is_plain(path)


def _after(before: Closure | None, step: Closure) -> Closure:
    if before is None:
        return step

    def both(node: Node, var: str) -> list[Item]:
        first = before(node, var)
        if not first:
            return first  # type: ignore[no-any-return]
        if len(first) == 1:
            return step(first[0], var)  # type: ignore[no-any-return]
        return [item for each in first for item in step(each, var)]

    return both


def _step(step: Step, loop: bool) -> Closure:
    name = step.name
    if step.axis == "self":
        return lambda node, _var: [node]
    if step.axis == "parent":
        return lambda node, _var: node.parent()
    if step.axis == "text":
        return lambda node, _var: node.texts()
    if step.axis == "attribute":

        def attribute(node: Node, _var: str) -> list[str]:
            value = node.element.get(name)
            return [] if value is None else [value]

        return attribute
    if not step.predicates:
        return lambda node, _var: node.children(name)
    tests = [_predicate(each, loop) for each in step.predicates]

    def filtered(node: Node, var: str) -> list[Node]:
        nodes = node.children(name)
        for test in tests:
            if nodes:
                nodes = test(nodes, var)
        return nodes

    return filtered


def _predicate(tree: Expression, loop: bool) -> Callable[[list[Node], str], list[Node]]:
    if (values := attribute_values(tree)) and not (loop and LOOP_VARIABLE in values[1]):
        name, wanted = values
        return lambda nodes, _var: [node for node in nodes if node.element.get(name) in wanted]
    if loop and values and values[1] == {LOOP_VARIABLE}:
        name = values[0]
        return lambda nodes, var: [node for node in nodes if node.element.get(name) == var]
    kind, closure = _compile(tree, loop)
    if kind == "num":
        return lambda nodes, var: [node for at, node in enumerate(nodes, 1) if closure(node, var) == at]
    truth = _truth(kind, closure)
    read = read_of_self(tree)
    if read and len(read[0]) == 1 and not read[1]:
        return _remembering(read[0].pop(), truth)
    return lambda nodes, var: [node for node in nodes if truth(node, var)]


def _remembering(name: str, truth: Closure) -> Callable[[list[Node], str], list[Node]]:
    """A filter that one attribute decides, so each of its values is judged once."""
    verdicts: dict[tuple[str | None, str], bool] = {}

    def decide(node: Node, var: str) -> bool:
        key = (node.element.get(name), var)
        verdict = verdicts.get(key)
        if verdict is None:
            verdict = truth(node, var)
            if len(verdicts) < _REMEMBERED:
                verdicts[key] = verdict
        return verdict

    return lambda nodes, var: [node for node in nodes if decide(node, var)]


def _truth(kind: str, closure: Closure) -> Closure:
    """XPath's boolean(): a node-set or a string is true unless empty, a number unless 0 or NaN."""
    if kind == "bool":
        return closure
    if kind == "num":
        return lambda node, var: bool((number := closure(node, var)) == number and number)
    return lambda node, var: bool(closure(node, var))


def _boolean(tree: Expression, loop: bool) -> Closure:
    """The truth of `tree`; libxml2 stops at the first node of a long path."""
    if isinstance(tree, Path) and _deep(tree):
        return fallback(f"boolean({unparse(tree)})")
    return _truth(*_compile(tree, loop))


def _call(call: Call, loop: bool) -> tuple[str, Closure]:
    if call.name in ("true", "false"):
        fixed = call.name == "true"
        return "bool", lambda _node, _var: fixed
    only = call.arguments[0]
    if call.name == "count" and isinstance(only, Path) and _deep(only):
        return "num", fallback(unparse(call))
    if call.name in ("not", "boolean"):
        truth = _boolean(only, loop)
        return "bool", (truth if call.name == "boolean" else lambda node, var: not truth(node, var))
    kind, inner = _compile(only, loop)
    if call.name == "count":
        if kind != "nodes":
            raise UnknownSyntax("count() of something else than nodes")
        return "num", lambda node, var: len(inner(node, var))
    return ("num", _number(kind, inner)) if call.name == "number" else ("str", _string(kind, inner))


def _string(kind: str, closure: Closure) -> Closure:
    if kind == "nodes":
        return lambda node, var: text_of(found[0]) if (found := closure(node, var)) else ""
    if kind == "str":
        return closure
    raise UnknownSyntax("string() of a number or a boolean")


def _number(kind: str, closure: Closure) -> Closure:
    if kind == "num":
        return closure
    if kind == "bool":
        return lambda node, var: float(closure(node, var))
    text = _string(kind, closure)
    return lambda node, var: xpath_number(text(node, var))


def _binary(tree: Binary, loop: bool) -> tuple[str, Closure]:
    sign = tree.operator
    if sign in ("or", "and"):
        a, b = _boolean(tree.left, loop), _boolean(tree.right, loop)
        if sign == "or":
            return "bool", lambda node, var: a(node, var) or b(node, var)
        return "bool", lambda node, var: a(node, var) and b(node, var)
    (left_kind, left), (right_kind, right) = _compile(tree.left, loop), _compile(tree.right, loop)
    if sign in ("+", "-"):
        a, b = _number(left_kind, left), _number(right_kind, right)
        if sign == "+":
            return "num", lambda node, var: a(node, var) + b(node, var)
        return "num", lambda node, var: a(node, var) - b(node, var)
    if sign == "|":
        raise UnknownSyntax("a union")
    return "bool", _comparison(sign, left_kind, left, right_kind, right)


def _comparison(sign: str, left_kind: str, left: Closure, right_kind: str, right: Closure) -> Closure:
    """XPath 1.0, 3.4: a node-set compares as any of its nodes does."""
    compare, kinds = _COMPARE[sign], {left_kind, right_kind}
    if "nodes" not in kinds:
        if kinds == {"str"} and sign in ("=", "!="):
            return lambda node, var: compare(left(node, var), right(node, var))
        if "bool" in kinds and kinds != {"bool"} and sign in ("=", "!="):
            a, b = _truth(left_kind, left), _truth(right_kind, right)
        else:
            a, b = _number(left_kind, left), _number(right_kind, right)
        return lambda node, var: compare(a(node, var), b(node, var))
    if kinds == {"nodes"} or "bool" in kinds:
        raise UnknownSyntax("a node-set compared with a node-set or a boolean")
    read = text_of if "str" in kinds and sign in ("=", "!=") else _item_number
    if left_kind == "nodes":
        other = right if "str" in kinds and read is text_of else _number(right_kind, right)

        def any_left(node: Node, var: str) -> bool:
            nodes = left(node, var)
            return bool(nodes) and any(compare(read(item), goal) for goal in [other(node, var)] for item in nodes)

        return any_left
    other = left if "str" in kinds and read is text_of else _number(left_kind, left)

    def any_right(node: Node, var: str) -> bool:
        nodes = right(node, var)
        return bool(nodes) and any(compare(goal, read(item)) for goal in [other(node, var)] for item in nodes)

    return any_right


def _item_number(item: Item) -> float:
    return xpath_number(text_of(item))
