"""The engine: compiled XPath equals lxml's, suspicion never misses a failure, and no tree breaks a rule."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ilo_iati.errors import SpecError
from ilo_iati.spec.rule import load_rules, read_ruleset
from ilo_iati.standard import Standard
from ilo_iati.validate.rules import RuleSet
from ilo_iati.validate.rules.cases import compile_case
from ilo_iati.validate.rules.closures import compile_xpath, fallback
from ilo_iati.validate.rules.kinds import Frame
from ilo_iati.validate.rules.suspicion import suspicion
from ilo_iati.validate.rules.tree import Node, text_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FRAMES = {
    strict: Frame({}, strict, NOW.timestamp() * 1000, publishers=frozenset({"P"}), agencies=frozenset({"XM-DAC"}))
    for strict in (False, True)
}
TAGS = [
    "sector",
    "recipient-country",
    "recipient-region",
    "transaction",
    "budget",
    "planned-disbursement",
    "provider-org",
    "receiver-org",
    "aid-type",
    "default-aid-type",
    "participating-org",
    "reporting-org",
    "iati-identifier",
    "other-identifier",
    "owner-org",
    "activity-date",
    "title",
    "description",
    "narrative",
    "result",
    "indicator",
    "period",
    "baseline",
    "target",
    "actual",
    "reference",
    "period-start",
    "period-end",
    "value",
    "transaction-date",
    "policy-marker",
    "country-budget-items",
    "budget-item",
    "related-activity",
    "capital-spend",
    "location",
    "recipient-country-budget",
    "budget-line",
    "total-budget",
    "organisation-identifier",
    "dimension",
]
VALUES = st.sampled_from(
    [
        "",
        "1",
        "2",
        "5",
        "7",
        "98",
        "99",
        "A3",
        "B1",
        "100",
        "50",
        "33.33",
        "1e2",
        "12%",
        "+5",
        " 12 ",
        "\u00a01",
        "a/b",
        "P-1",
        "P",
        "XM-DAC-1",
        "2020-01-01",
        "2020-12-31",
        "2021-01-01",
        "2020-02-31",
        "2020-03-01",
        "2031-01-01",
        "2020-1-1",
        "01-02-2020",
        "2020-01-01Z",
        "2020-01-01T00:00:00",
        "never",
        "1 Jan 2020",
    ]
)
NAMES = st.sampled_from(
    [
        "vocabulary",
        "percentage",
        "code",
        "type",
        "ref",
        "iso-date",
        "value-date",
        "measure",
        "value",
        "significance",
        "provider-activity-id",
        "activity-id",
        "currency",
        "default-currency",
        "last-updated-datetime",
        "{http://www.w3.org/XML/1998/namespace}lang",
    ]
)
CHILDREN = {
    "transaction": [
        "provider-org",
        "receiver-org",
        "aid-type",
        "sector",
        "recipient-country",
        "transaction-date",
        "value",
    ],
    "budget": ["period-start", "period-end", "value"],
    "planned-disbursement": ["period-start", "period-end", "provider-org"],
    "result": ["indicator", "reference", "title"],
    "indicator": ["period", "baseline", "reference", "title"],
    "period": ["period-start", "period-end", "target", "actual"],
    "title": ["narrative"],
    "description": ["narrative"],
    "other-identifier": ["owner-org"],
    "country-budget-items": ["budget-item"],
    "sector": ["narrative"],
    "recipient-country-budget": ["period-start", "period-end", "budget-line"],
    "budget-line": ["value"],
    "target": ["dimension"],
    "actual": ["dimension", "location"],
}


@st.composite
def elements(draw: st.DrawFn, tag: str | None = None, depth: int = 0) -> etree._Element:
    """A tree with the names rules ask for, often where they ask for them, and values that are odd in every way."""
    tag = tag or draw(st.sampled_from(TAGS))
    element = etree.Element(tag, draw(st.dictionaries(NAMES, VALUES, max_size=4)))
    # No parser makes an empty text node.
    element.text = draw(VALUES) or None
    for _ in range(draw(st.integers(0, 7 if depth == 0 else 3)) if depth < 5 else 0):
        child = draw(st.sampled_from(CHILDREN.get(tag, TAGS)))
        element.append(draw(elements(child, depth + 1)) if draw(st.integers(0, 9)) else etree.Comment("note"))
    return element


RECORDS = st.sampled_from(["iati-activity", "iati-organisation"]).flatmap(elements)
EXPRESSIONS = sorted(
    {
        text
        for case in load_rules()
        if case.foreach is None
        for key in ("condition", "if", "then", "one", "paths", "less", "more", "date", "start", "end", "prefix")
        for text in ([case.arguments[key]] if isinstance(case.arguments.get(key), str) else case.arguments.get(key, ()))
        if text not in ("NOW", "ORG-ID-PREFIX")
    }
)


def plain(value: Any) -> Any:
    """Something that compares: node-sets as their texts, NaN as a word."""
    if isinstance(value, list):
        return [text_of(item) for item in value]
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(RECORDS, st.sampled_from(EXPRESSIONS))
def test_a_closure_gives_what_lxml_gives(record: etree._Element, text: str) -> None:
    closure, by_lxml = compile_xpath(text), fallback(text)
    for element in record.iter("*"):
        if "1e2" in element.values() or any("1e2" in child.values() for child in element.iter()):
            continue  # libxml2 reads it as a number, XPath 1.0 does not
        assert plain(closure(Node(element), "")) == plain(by_lxml(Node(element), ""))


@pytest.mark.slow
@pytest.mark.parametrize("strict", [False, True])
@settings(max_examples=100, deadline=None)
@given(record=RECORDS)
def test_suspicion_never_misses_a_failure(strict: bool, record: etree._Element) -> None:
    for case in load_rules():
        test, doubt = TESTS[strict, id(case)]
        for element in etree.XPath(_within(case.context))(record):
            if list(test.failures(Node(element))):
                assert doubt(element), (case.rule_id, case.rule, etree.tostring(element))


def _within(context: str) -> str:
    if context.startswith("//"):
        return f"descendant-or-self::{context[2:]}"
    parts = [part.strip().split("/", 3) for part in context.split("|")]
    return " | ".join(f"self::{part[2]}" + (f"/{part[3]}" if len(part) > 3 else "") for part in parts)


TESTS = {
    (strict, id(case)): (
        compile_case(case, FRAMES[strict]),
        etree.XPath(f"boolean({suspicion(case, FRAMES[strict].now, strict=strict)})"),
    )
    for strict in FRAMES
    for case in load_rules()
}


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(st.lists(elements("iati-activity"), min_size=1, max_size=3), st.sampled_from(["official", "strict"]))
def test_no_tree_breaks_a_rule_and_a_document_gives_what_its_records_give(
    standard: Standard, records: list[etree._Element], profile: str
) -> None:
    rules = rule_set(standard, profile)
    root = etree.Element("iati-activities", version="2.03")
    root.extend(records)
    together = rules.check_records(root, records)
    for record, hits in zip(records, together, strict=True):
        assert Counter(map(_key, hits)) == Counter(map(_key, rules.check(record)))


@cache
def rule_set(standard: Standard, profile: str) -> RuleSet:
    return RuleSet.for_version("2.03", "iati-activities", profile, standard, NOW, ["P"], ["XM-DAC"])


def _key(hit: Any) -> tuple[str, str, str | None]:
    return hit.rule_id, hit.element.getroottree().getpath(hit.element), hit.value


def test_without_lists_nothing_is_passed_or_failed_that_needs_them(standard: Standard) -> None:
    rules = RuleSet.for_version("2.03", "iati-activities", "official", standard, NOW)
    assert {"1.14.8", "1.3.13", "1.8.13"} <= rules.not_evaluated
    record = etree.fromstring('<iati-activity><reporting-org ref="a/b"/></iati-activity>')
    assert not {hit.rule_id for hit in rules.check(record)} & rules.not_evaluated
    strict = RuleSet.for_version("2.03", "iati-activities", "strict", standard, NOW)
    assert "strict.organisation.unknown" in strict.not_evaluated


def test_the_two_readings_differ_where_the_validator_is_wrong(standard: Standard) -> None:
    sector = '<sector vocabulary="99" code="{}" percentage="30"><narrative>x</narrative></sector>'
    record = etree.fromstring(f"<iati-activity>{sector.format('a')}{sector.format('b')}</iati-activity>")
    found = {
        profile: {hit.rule_id for hit in rule_set(standard, profile).check(record)}
        for profile in ("official", "strict")
    }
    assert "2.1.2" not in found["official"]
    assert "2.1.2" in found["strict"]


def test_an_official_ruleset_is_read_by_the_same_engine() -> None:
    ruleset = {
        "//iati-activity": {
            "atLeastOne": {
                "cases": [{"paths": ["title"], "ruleInfo": {"id": "4.3.9", "severity": "error", "message": "m"}}]
            },
            "loop": {
                "cases": [
                    {
                        "foreach": "sector/@vocabulary",
                        "subs": ["paths"],
                        "do": {"no_more_than_one": {"cases": [{"paths": ["sector[@vocabulary='$1']"]}]}},
                    }
                ]
            },
        }
    }
    cases = read_ruleset(json.dumps(ruleset), "2.03")
    rules = RuleSet.for_version("2.03", "iati-activities", "official", None, NOW, cases=cases)
    record = etree.fromstring('<iati-activity><sector vocabulary="9"/><sector vocabulary="9"/></iati-activity>')
    assert [hit.rule_id for hit in rules.check(record)] == ["4.3.9", "no_more_than_one.1"]


@pytest.mark.parametrize("text", ["[]", "{", '{"//a": {"unheard_of": {"cases": [{}]}}}'])
def test_what_is_no_ruleset_is_said_to_be_none(text: str) -> None:
    with pytest.raises(SpecError):
        read_ruleset(text, "2.03")
