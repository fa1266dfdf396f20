"""RuleSet: all that the catalogue and the code lists say about an activity or organisation, in two readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, Protocol

from lxml import etree

from ilo_iati.findings import Severity
from ilo_iati.spec.rule import OwnRule, RuleCase, load_own_rules, load_rules
from ilo_iati.validate.codelists import (
    RECORD_NAMES,
    XML_LANG,
    CodeFault,
    CodeIndex,
    Codelist,
    CodelistRule,
    CodeRule,
    code_checks,
    language_rule,
    root_rules,
)
from ilo_iati.validate.rules.cases import Group, compile_groups, needs_lists
from ilo_iati.validate.rules.kinds import Failure, Frame
from ilo_iati.validate.rules.strict import OwnCheck, own_checks
from ilo_iati.validate.rules.watching import Watching, compiled

PROFILES = ("official", "strict")
Finder = Callable[[etree._Element], Any]
_LANGUAGES: Finder = etree.XPath("descendant-or-self::*[@xml:lang]")


class StandardLists(Protocol):
    """What is asked of `ilo_iati.standard.Standard`."""

    def codes(self, codelist: str, version: str, /) -> Codelist: ...
    def mapping(self, version: str, /) -> Iterable[CodelistRule]: ...


class RuleHit(NamedTuple):
    """One failed case at one node. `element` is where the finding points (None: the file's root element);
    `value` is the offending text, None where there is none."""

    rule_id: str
    severity: Severity
    category: str
    element: etree._Element | None
    value: str | None
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled rules for one version, file type and profile; safe to use for any number of records.

    `not_evaluated`: ids that cannot be judged without the lists that were not given; they are never passed or failed.
    """

    profile: str
    groups: tuple[Group, ...]
    codes: CodeIndex
    own: tuple[OwnCheck, ...]
    root_codes: Mapping[str, CodeRule]
    language: CodeRule | None
    words: Mapping[str, OwnRule]
    now: float
    not_evaluated: frozenset[str] = field(default=frozenset())
    watching: Watching | None = None

    @classmethod
    def for_version(
        cls,
        version: str,
        file_type: str,
        profile: str,
        standard: StandardLists | None,
        now: datetime,
        known_publishers: Iterable[str] | None = None,
        org_id_prefixes: Iterable[str] | None = None,
        cases: Iterable[RuleCase] | None = None,
    ) -> RuleSet:
        """The rules for documents of `version` with root `file_type` ('iati-activities' | 'iati-organisations').

        `standard` gives code lists and mapping (None: no code lists are tested); `now` must know its time zone.
        `known_publishers` are organisation identifiers, `org_id_prefixes` registration agency codes.
        `cases` replace the catalogue (an official ruleset). Versions without rules give a set that finds nothing.
        """
        if profile not in PROFILES:
            raise ValueError(f"profile {profile!r}; choose one of {', '.join(PROFILES)}")
        strict = profile == "strict"
        instant = now.astimezone(UTC).timestamp() * 1000
        frame = Frame({}, strict, instant, publishers=_frozen(known_publishers), agencies=_frozen(org_id_prefixes))
        chosen = [case for case in (load_rules() if cases is None else cases) if case.applies_to(version, file_type)]
        skipped = {case.rule_id for case in chosen if needs_lists(case, frame)}
        judged = [case for case in chosen if case.rule_id not in skipped]
        groups = compile_groups(judged, frame)
        mapping = list(standard.mapping(version)) if standard else []
        lists = partial(_codes, standard, version)
        codes = CodeIndex(code_checks(mapping, lists, file_type, strict), RECORD_NAMES.get(file_type, file_type))
        watching = Watching(RECORD_NAMES[file_type], judged, codes, frame) if compiled() else None
        own = own_checks(frame) if strict and version.startswith("2.") else ()
        if own and frame.publishers is None:
            skipped.add("strict.organisation.unknown")
        roots, languages = root_rules(mapping, lists, file_type), language_rule(mapping, lists) if strict else None
        chosen_own = load_own_rules()
        return cls(profile, tuple(groups), codes, own, roots, languages, chosen_own, frame.now, frozenset(skipped),
                   watching)  # fmt: skip

    @property
    def strict(self) -> bool:
        return self.profile == "strict"

    def check(self, record: etree._Element) -> Iterator[RuleHit]:
        """Every failure in one iati-activity or iati-organisation element, in no particular order."""
        return self._hits(record, [record], [group.in_record for group in self.groups])

    def check_document(self, root: etree._Element) -> Iterator[RuleHit]:
        """Every failure in the records below the root element `root`, in no particular order.

        The same as `check` of each record, with one look for all records. A hit's record is the ancestor
        of its element.
        """
        records = list(root.iterchildren(*RECORD_NAMES.values()))
        return self._hits(root, records, [group.in_document for group in self.groups])

    def check_records(self, root: etree._Element, records: Sequence[etree._Element]) -> list[list[RuleHit]]:
        """The hits of `check_document`, sorted by record: one list for each of `records`, the children of `root`."""
        found: list[list[RuleHit]] = [[] for _ in records]
        if self.watching is not None:
            for at, fault in self.watching.faults(root):
                found[at].extend(self._code_hits(fault) if isinstance(fault, CodeFault) else [_case_hit(*fault)])
            spread = self._group_hits(root, self.watching.rest, [group.in_document for group in self.watching.rest])
        else:
            spread = self._common_hits(root, [group.in_document for group in self.groups])
        places: dict[etree._Element, int] = {}
        for hit in spread:
            places = places or {record: at for at, record in enumerate(records)}
            element = hit.element
            while element is not None and element not in places:
                element = element.getparent()
            if element is not None:
                found[places[element]].append(hit)
        for at, record in enumerate(records) if self.own or self.language else ():
            found[at].extend(self._strict_hits(record))
        return found

    def _hits(self, top: etree._Element, records: list[etree._Element], finders: list[Finder]) -> Iterator[RuleHit]:
        yield from self._common_hits(top, finders)
        for record in records:
            yield from self._strict_hits(record)

    def _common_hits(self, top: etree._Element, finders: list[Finder]) -> Iterator[RuleHit]:
        for fault in self.codes.faults(top):
            yield from self._code_hits(fault)
        yield from self._group_hits(top, self.groups, finders)

    def _group_hits(self, top: etree._Element, groups: Sequence[Group], finders: list[Finder]) -> Iterator[RuleHit]:
        for group, find in zip(groups, finders, strict=True):
            found = find(top)
            if found:
                for case, failure in group.failures(found):
                    yield _case_hit(case, failure)

    def _strict_hits(self, record: etree._Element) -> Iterator[RuleHit]:
        for own in self.own:
            for rule_id, element, value in own(record):
                yield self._own_hit(rule_id, element, value)
        if self.language:
            yield from self._language_hits(record)

    def check_root(self, attributes: Mapping[str, str]) -> Iterator[RuleHit]:
        """Failures in the attributes of the root element; `element` of each hit is None."""
        for name, rule in self.root_codes.items():
            value = attributes.get(name)
            # The official validator never sees the version of an organisation file (9.97.1).
            seen = self.strict or not rule.path.startswith("//iati-organisations/")
            if value is not None and value not in rule.codes and seen:
                yield _code_hit(rule, None, value, self.strict)
        language = attributes.get(XML_LANG)
        if self.language and language is not None and language not in self.language.codes:
            yield _code_hit(self.language, None, language, strict=True)

    def _language_hits(self, record: etree._Element) -> Iterator[RuleHit]:
        assert self.language is not None
        for element in _LANGUAGES(record):
            value = element.get(XML_LANG)
            if value not in self.language.codes:
                yield _code_hit(self.language, element, value, strict=True)

    def _code_hits(self, fault: CodeFault) -> Iterator[RuleHit]:
        if not fault.withdrawn:
            yield _code_hit(fault.rule, fault.element, fault.value, self.strict)
        elif _was_withdrawn(fault, self.now):
            yield self._own_hit("strict.code.withdrawn", fault.element, fault.value)

    def _own_hit(self, rule_id: str, element: etree._Element, value: str | None) -> RuleHit:
        words = self.words[rule_id]
        return RuleHit(rule_id, words.severity, words.category, element, value, words.message, words.fix)


def _frozen(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _codes(standard: Any, version: str, codelist: str) -> Codelist:
    found: Codelist = standard.codes(codelist, version)
    return found


def _code_hit(rule: CodeRule, element: etree._Element | None, value: str, strict: bool) -> RuleHit:
    where = rule.path.removeprefix("//")
    message = f"'{value}' is not a code of the list {rule.codelist} ({where})."
    fix = (
        f"Use a code of the list {rule.codelist}; codes are compared to the letter, upper and lower case differ."
        if value
        else f"Give a code of the list {rule.codelist}, or leave the attribute out where it is optional."
    )
    return RuleHit(rule.rule_id, rule.severity(strict), rule.category, element, value, message, fix)


def _case_hit(case: RuleCase, failure: Failure) -> RuleHit:
    return RuleHit(case.rule_id, case.severity, case.category, *failure, case.message, case.fix)


def _was_withdrawn(fault: CodeFault, now: float) -> bool:
    """A code counts as withdrawn from its date on: on the transaction's date inside a transaction, else today."""
    withdrawn = fault.rule.withdrawn.get(fault.value, "")
    if not withdrawn:
        return True
    holder = next((each for each in fault.element.iterancestors("transaction")), None)
    date = holder.find("transaction-date") if holder is not None else None
    used = date.get("iso-date", "") if date is not None else ""
    return (used or datetime.fromtimestamp(now / 1000, UTC).date().isoformat()) >= withdrawn
