"""XPath 1.0 text to a syntax tree, for the part of the language that rules are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

_TOKEN = re.compile(
    r"\s*(?:('[^']*'|\"[^\"]*\")|(\d+(?:\.\d*)?|\.\d+)|(//|\.\.|!=|<=|>=|[/@()\[\]|=<>+.,*-])|([\w:-]+))"
)
_OPERATORS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("|",))
"""Binary operators, loosest first."""

FUNCTIONS = {"count": 1, "not": 1, "number": 1, "boolean": 1, "string": 1, "true": 0, "false": 0}


class UnknownSyntax(ValueError):
    """Raised for XPath outside the part that is compiled; such an expression is left to lxml."""


@dataclass(frozen=True)
class Literal:
    """A text or number written in the expression."""

    value: str | float


@dataclass(frozen=True)
class Step:
    """`axis`: child, attribute, text, self or parent; `predicates` filter the nodes of one parent, in turn."""

    axis: str
    name: str = ""
    predicates: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Path:
    """A relative location path."""

    steps: tuple[Step, ...] = field(default=())


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Binary:
    """An operator between two expressions."""

    operator: str
    left: Expression
    right: Expression


Expression = Literal | Path | Call | Binary


@cache
def parse(text: str) -> Expression:
    """The syntax tree of `text`. Raises UnknownSyntax for anything it does not read completely."""
    parser = _Parser(_tokens(text))
    tree = parser.binary(0)
    if parser.peek():
        raise UnknownSyntax(f"{text!r}: {parser.peek()!r} was not expected")
    return tree


def numeric_paths(text: str) -> list[str]:
    """The paths of `text` whose nodes are read as numbers, as XPath; none where `text` is not understood."""
    try:
        return list(_numeric(parse(text)))
    except UnknownSyntax:
        return []


def is_plain(path: Path) -> bool:
    """No predicate of `path` is a number or reads one, so that libxml2's wider numbers make no difference."""
    tests = [test for step in path.steps for test in step.predicates]
    return not any(isinstance(test, Literal) or list(_numeric(test)) for test in tests) and "$" not in unparse(path)


def own_attributes(text: str) -> tuple[set[str], bool] | None:
    """(attributes of the context node, whether children too) that `text` reads; None where it reads anything else."""
    try:
        return read_of_self(parse(text))
    except UnknownSyntax:
        return None


def read_of_self(tree: Expression) -> tuple[set[str], bool] | None:
    """The same of a syntax tree."""
    names: set[str] = set()
    children = False
    waiting = [tree]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, Call):
            waiting.extend(tree.arguments)
        elif isinstance(tree, Binary):
            waiting.extend((tree.left, tree.right))
        elif isinstance(tree, Path):
            step = tree.steps[0]
            if len(tree.steps) > 1 or step.predicates or step.axis not in ("attribute", "child"):
                return None
            names |= {step.name} if step.axis == "attribute" else set()
            children = children or step.axis == "child"
    return names, children


def attribute_values(tree: Expression) -> tuple[str, set[str | None]] | None:
    """For `@a = 'x' or not(@a)`: (attribute, values for which it is true, None standing for absent); else None."""
    if isinstance(tree, Binary) and tree.operator == "or":
        left, right = attribute_values(tree.left), attribute_values(tree.right)
        return (left[0], left[1] | right[1]) if left and right and left[0] == right[0] else None
    if isinstance(tree, Call) and tree.name == "not":
        name = _attribute_name(tree.arguments[0])
        return (name, {None}) if name else None
    if isinstance(tree, Binary) and tree.operator == "=" and isinstance(tree.right, Literal):
        name, value = _attribute_name(tree.left), tree.right.value
        return (name, {value}) if name and isinstance(value, str) else None
    return None


def _attribute_name(tree: Expression) -> str:
    """The name where `tree` is nothing but `@name`."""
    alone = isinstance(tree, Path) and len(tree.steps) == 1 and tree.steps[0].axis == "attribute"
    return tree.steps[0].name if alone and isinstance(tree, Path) else ""


def _numeric(tree: Expression) -> Iterator[str]:
    if isinstance(tree, Call):
        for argument in tree.arguments:
            direct = tree.name == "number" and isinstance(argument, Path)
            yield from [unparse(argument)] if direct else _numeric(argument)
    elif isinstance(tree, Binary):
        for side in (tree.left, tree.right):
            direct = isinstance(side, Path) and tree.operator not in ("or", "and")
            yield from [unparse(side)] if direct else _numeric(side)


def unparse(tree: Expression) -> str:
    """XPath that means `tree`."""
    if isinstance(tree, Literal):
        return f"'{tree.value}'" if isinstance(tree.value, str) else f"{tree.value:g}"
    if isinstance(tree, Call):
        return f"{tree.name}({', '.join(map(unparse, tree.arguments))})"
    if isinstance(tree, Binary):
        return f"({unparse(tree.left)} {tree.operator} {unparse(tree.right)})"
    return "/".join(_step_text(step) for step in tree.steps)


def _step_text(step: Step) -> str:
    plain = {"self": ".", "parent": "..", "text": "text()", "attribute": f"@{step.name}"}.get(step.axis, step.name)
    return plain.replace("{http://www.w3.org/XML/1998/namespace}", "xml:") + "".join(
        f"[{unparse(each)}]" for each in step.predicates
    )


def holder_path(text: str) -> tuple[str, str]:
    """`a/@b` -> (`a`, `@b`): the elements that hold what `text` selects, and how to get it from each."""
    path, slash, last = text.rpartition("/")
    if last.startswith("@") or last == "text()":
        return (path if slash else "."), last
    return text, "."


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnknownSyntax(f"{text!r}: not readable from {text[at:]!r}")
        found.append(match[0].strip())
        at = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens; one method a level of the grammar."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        word = self.peek()
        if not word or (wanted and word != wanted):
            raise UnknownSyntax(f"{' '.join(self.tokens)!r}: {wanted or 'more'} was expected, found {word!r}")
        self.at += 1
        return word

    def binary(self, level: int) -> Expression:
        if level == len(_OPERATORS):
            return self.primary()
        left = self.binary(level + 1)
        while self.peek() in _OPERATORS[level]:
            operator = self.take()
            left = Binary(operator, left, self.binary(level + 1))
        return left

    def primary(self) -> Expression:
        word = self.peek()
        if word[:1] in "'\"" and word:
            return Literal(self.take()[1:-1])
        if word[:1].isdigit() or (word[:1] == "." and word[1:].isdigit()):
            return Literal(float(self.take()))
        if word == "(":
            self.take()
            inner = self.binary(0)
            self.take(")")
            return inner
        if self.peek(1) == "(" and word != "text":
            return self.call()
        return self.path()

    def call(self) -> Expression:
        name = self.take()
        self.take("(")
        arguments = []
        while self.peek() != ")":
            arguments.append(self.binary(0))
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        if FUNCTIONS.get(name) != len(arguments):
            raise UnknownSyntax(f"function {name} with {len(arguments)} arguments is not compiled")
        return Call(name, tuple(arguments))

    def path(self) -> Expression:
        steps = [self.step()]
        while self.peek() == "/":
            if steps[-1].axis in ("attribute", "text"):
                raise UnknownSyntax("a step below an attribute or a text")
            self.take()
            steps.append(self.step())
        return Path(tuple(steps))

    def step(self) -> Step:
        word = self.take()
        if word in (".", ".."):
            return Step("self" if word == "." else "parent")
        if word == "@":
            return Step("attribute", self.name(self.take()))
        if word == "text" and self.peek() == "(":
            self.take()
            self.take(")")
            return Step("text")
        name, predicates = self.name(word), []
        while self.peek() == "[":
            self.take()
            predicates.append(self.binary(0))
            self.take("]")
        return Step("child", name, tuple(predicates))

    def name(self, word: str) -> str:
        if not re.fullmatch(r"[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?", word):
            raise UnknownSyntax(f"{word!r} is not a name")
        prefix, colon, local = word.rpartition(":")
        if not colon:
            return word
        if prefix != "xml":
            raise UnknownSyntax(f"prefix of {word!r}")
        return f"{{http://www.w3.org/XML/1998/namespace}}{local}"
