"""The official code-list mapping as tests on single elements: attribute (or text), value, list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from lxml import etree

from ilo_iati.findings import Severity

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RECORD_NAMES = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
_ELSEWHERE = ""
"""Stands for what a test reads beside the element's own attributes."""
_REMEMBERED = 100_000
_LINK = re.compile(r"(?P<link>(?:\.\./)?@[\w:-]+)\s*=\s*'(?P<value>[^']*)'(?P<default>\s+or\s+not\(.*\))?")
_STRING = etree.XPath("string()", smart_strings=False)


def string_value(element: etree._Element) -> str:
    """The XPath string-value: all text below, comments left out."""
    return (element.text or "") if not len(element) else str(_STRING(element))


class Codelist(Protocol):
    """What is asked of a code list: codes in force and withdrawn, and whether the list claims to be complete."""

    @property
    def codes(self) -> frozenset[str]: ...
    @property
    def withdrawn(self) -> Mapping[str, str]: ...
    @property
    def complete(self) -> bool: ...


class CodelistRule(Protocol):
    """One row of the mapping: XPath of the attribute, name of the list, condition and official id, if any."""

    @property
    def path(self) -> str: ...
    @property
    def codelist(self) -> str: ...
    @property
    def condition(self) -> str | None: ...
    @property
    def rule_id(self) -> str | None: ...
    @property
    def category(self) -> str | None: ...


class CodeRule(NamedTuple):
    """A mapping row made ready: `codes` is everything allowed, `withdrawn` code -> date ('' where none is stated)."""

    rule_id: str
    category: str
    path: str
    codelist: str
    codes: frozenset[str]
    withdrawn: Mapping[str, str]
    complete: bool

    def severity(self, strict: bool) -> Severity:
        """An error; in profile strict a warning where the list does not claim to be complete."""
        return Severity.WARNING if strict and not self.complete else Severity.ERROR


class CodeFault(NamedTuple):
    """A value outside its list, or (`withdrawn`) one that was withdrawn."""

    rule: CodeRule
    element: etree._Element
    value: str
    withdrawn: bool = False


CodeCheck = Callable[[etree._Element, list[CodeFault]], None]
"""Appends what is wrong with one element."""
PlacedCheck = tuple[tuple[str, ...], CodeCheck, tuple[str, ...]]
"""(path below the record, test, attributes it reads)."""


def code_checks(
    rows: Iterable[CodelistRule], lists: Callable[[str], Codelist], file_type: str, strict: bool
) -> Iterator[PlacedCheck]:
    """(path below the record, test, attributes it reads) for every row that can be tested in a record of `file_type`.

    `lists` gives the code list of a name in the document's version. Rows about the root element are left to
    `root_rules`. The official validator cannot see `//@xml:lang`; profile strict tests it by `language_rule`.
    """
    linked: dict[tuple[tuple[str, ...], str, str], dict[str, CodeRule]] = {}
    defaults: dict[tuple[tuple[str, ...], str, str], str] = {}
    for row in rows:
        place = _place(row.path, file_type)
        if place is None:
            continue
        path, name = place
        rule = make_rule(row, lists(row.codelist))
        if not row.condition:
            if name == "text()":
                yield path, _text_check(rule, strict), (_ELSEWHERE,)
            else:
                yield path, _plain_check(rule, name, strict), (name,)
            continue
        link, value, default = _condition(row.condition)
        linked.setdefault((path, name, link), {})[value] = rule
        if default:
            defaults[path, name, link] = value
    for (path, name, link), table in linked.items():
        reads = (name, _ELSEWHERE if link.startswith("../") else link.removeprefix("@"))
        yield path, _linked_check(table, name, link, defaults.get((path, name, link), ""), strict), reads


def make_rule(row: CodelistRule, codelist: Codelist) -> CodeRule:
    """The row with its list. Rows of versions without official ids are called `codelist.<list>`."""
    allowed = frozenset(codelist.codes) | frozenset(codelist.withdrawn)
    return CodeRule(
        row.rule_id or f"codelist.{row.codelist}",
        row.category or "classifications",
        row.path,
        row.codelist,
        allowed,
        dict(codelist.withdrawn),
        codelist.complete,
    )


def _place(path: str, file_type: str) -> tuple[tuple[str, ...], str] | None:
    record = f"//{RECORD_NAMES.get(file_type, file_type)}/"
    if not path.startswith(record):
        return None
    *elements, last = path.removeprefix(record).split("/")
    return tuple(elements), last.removeprefix("@")


def _condition(condition: str) -> tuple[str, str, bool]:
    match = _LINK.match(condition)
    if match is None:
        raise ValueError(f"mapping condition {condition!r} has an unknown form")
    return match["link"], match["value"], bool(match["default"])


def _withdrawn(rule: CodeRule, strict: bool) -> Mapping[str, str]:
    return rule.withdrawn if strict else {}


def _plain_check(rule: CodeRule, name: str, strict: bool) -> CodeCheck:
    allowed, withdrawn = rule.codes, _withdrawn(rule, strict)

    def check(element: etree._Element, faults: list[CodeFault]) -> None:
        value = element.get(name)
        if value is None:
            return
        if value not in allowed:
            faults.append(CodeFault(rule, element, value))
        elif value in withdrawn:
            faults.append(CodeFault(rule, element, value, withdrawn=True))

    return check


def _text_check(rule: CodeRule, strict: bool) -> CodeCheck:
    """Text as the official validator sees it: exact, white space alone being empty, and empty being wrong.

    It takes an element that has attributes for no text at all, so any such element is wrong to it.
    """
    withdrawn = _withdrawn(rule, strict)

    def check(element: etree._Element, faults: list[CodeFault]) -> None:
        value = string_value(element)
        value = value if value.strip() else ""
        if value not in rule.codes or (element.attrib and not strict):
            faults.append(CodeFault(rule, element, value))
        elif value in withdrawn:
            faults.append(CodeFault(rule, element, value, withdrawn=True))

    return check


def _linked_check(table: Mapping[str, CodeRule], name: str, link: str, default: str, strict: bool) -> CodeCheck:
    """The list depends on another attribute; empty or absent falls back to `default`, an unmapped one is no fault."""
    of_parent, link = link.startswith("../"), link.rpartition("@")[2]

    def check(element: etree._Element, faults: list[CodeFault]) -> None:
        value = element.get(name)
        if value is None:
            return
        holder: Any = element.getparent() if of_parent else element
        rule = table.get((holder.get(link) if holder is not None else None) or default)
        if rule is None:
            return
        if value not in rule.codes:
            faults.append(CodeFault(rule, element, value))
        elif strict and value in rule.withdrawn:
            faults.append(CodeFault(rule, element, value, withdrawn=True))

    return check


def root_rules(rows: Iterable[CodelistRule], lists: Callable[[str], Codelist], file_type: str) -> dict[str, CodeRule]:
    """Attribute of the root element -> its rule (`@version`)."""
    prefix = f"//{file_type}/@"
    return {
        row.path.removeprefix(prefix): make_rule(row, lists(row.codelist))
        for row in rows
        if row.path.startswith(prefix)
    }


def language_rule(rows: Iterable[CodelistRule], lists: Callable[[str], Codelist]) -> CodeRule | None:
    """The rule on `xml:lang` anywhere; None where the mapping has none."""
    return next((make_rule(row, lists(row.codelist)) for row in rows if row.path == "//@xml:lang"), None)


class CodeIndex:
    """All tests of one file type, by element name; values once found right are not looked up again."""

    def __init__(self, checks: Iterable[PlacedCheck], record: str) -> None:
        self._record = record
        self._by_path: dict[tuple[str, ...], list[CodeCheck]] = {}
        self._by_tag: dict[str, list[CodeCheck]] = {}
        names: dict[str, set[str]] = {}
        self._read_at: dict[tuple[str, ...], set[str]] = {}
        for below, check, read in checks:
            path = (record, *below)
            self._by_path.setdefault(path, []).append(check)
            self._by_tag.setdefault(path[-1], []).append(check)
            names.setdefault(path[-1], set()).update(read)
            self._read_at.setdefault(path, set()).update(read)
        # Element name -> the attributes that decide, and their values found right; None: not decided by attributes.
        self._quick: dict[Any, tuple[tuple[str, ...], set[Any] | None]] = {
            tag: (tuple(sorted(read - {_ELSEWHERE})), None if _ELSEWHERE in read else set())
            for tag, read in names.items()
        }

    def faults(self, top: etree._Element) -> list[CodeFault]:
        """Every fault in `top`, which is a record or the root element above several."""
        faults: list[CodeFault] = []
        quick = self._quick
        for element in top.iter(*quick) if quick else ():
            names, right = quick[element.tag]
            # One attribute is by far the most frequent, and a plain string the fastest key.
            key = element.get(names[0]) if len(names) == 1 else tuple([element.get(name) for name in names])
            if right is None or key not in right:
                self._look(element, key, right, faults)
        return faults

    def places(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...] | None]]:
        """(path from the record on, the attributes that decide there; None where more than attributes decides)."""
        for path, read in self._read_at.items():
            yield path, None if _ELSEWHERE in read else tuple(sorted(read))

    def faults_at(self, path: tuple[str, ...], element: etree._Element) -> list[CodeFault]:
        """Every fault of one element that stands at `path`."""
        faults: list[CodeFault] = []
        for check in self._by_path[path]:
            check(element, faults)
        return faults

    def _look(self, element: etree._Element, key: Any, right: set[Any] | None, faults: list[CodeFault]) -> None:
        doubts: list[CodeFault] = []
        for check in self._by_tag[str(element.tag)]:
            check(element, doubts)
        if doubts:
            for check in self._by_path.get(_path(element, self._record), ()):
                check(element, faults)
        elif right is not None and len(right) < _REMEMBERED:
            right.add(key)


def _path(element: etree._Element, record: str) -> tuple[str, ...]:
    """The tags from the record down to `element`."""
    tags = [str(element.tag)]
    for above in element.iterancestors():
        if tags[-1] == record:
            break
        tags.append(str(above.tag))
    return tuple(reversed(tags))
