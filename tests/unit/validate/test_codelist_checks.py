"""Code lists: the official reading to the letter, the strict one by date and completeness."""

from __future__ import annotations

import pytest
from lxml import etree

from ilo_iati.standard import Standard
from ilo_iati.validate.rules import RuleHit, RuleSet
from tests.unit.validate.conftest import NOW


def hits(standard: Standard, fragment: str, profile: str = "official", version: str = "2.03") -> list[RuleHit]:
    rules = RuleSet.for_version(version, "iati-activities", profile, standard, NOW)
    found = rules.check(etree.fromstring(f"<iati-activity>{fragment}</iati-activity>"))
    return [hit for hit in found if hit.rule_id.startswith(("9.", "strict.code", "codelist."))]


@pytest.mark.parametrize("code", ["", " 2", "2 ", "02", "x"])
def test_values_are_compared_to_the_letter(standard: Standard, code: str) -> None:
    (hit,) = hits(standard, f'<activity-status code="{code}"/>')
    assert (hit.rule_id, hit.severity, hit.category, hit.value) == ("9.5.1", "error", "information", code)
    assert "ActivityStatus" in hit.message


def test_an_empty_vocabulary_is_the_default_and_an_unmapped_one_is_not_tested(standard: Standard) -> None:
    # The empty vocabulary is itself no code of SectorVocabulary.
    assert {hit.rule_id for hit in hits(standard, '<sector vocabulary="" code="x"/>')} == {"9.76.1", "9.78.1"}
    assert hits(standard, '<sector vocabulary="98" code="x"/>') == []


def test_the_same_element_elsewhere_has_its_own_id(standard: Standard) -> None:
    fragment = (
        '<value currency="x"/><transaction><value currency="x"/></transaction><budget><value currency="x"/></budget>'
    )
    assert sorted(hit.rule_id for hit in hits(standard, fragment)) == ["9.9.1", "9.94.1"]


def test_a_value_found_right_before_stays_right_and_a_wrong_one_wrong(standard: Standard) -> None:
    fragment = '<recipient-country code="AO"/><recipient-country code="ao"/>' * 3
    assert [hit.value for hit in hits(standard, fragment)] == ["ao"] * 3


def test_strict_warns_of_withdrawn_codes_from_their_date_on(standard: Standard) -> None:
    def sector(day: str) -> str:
        return f'<transaction><transaction-date iso-date="{day}"/><sector code="15120"/></transaction>'

    assert hits(standard, sector("2015-01-01"), "strict") == []
    assert [hit.rule_id for hit in hits(standard, sector("2021-01-01"), "strict")] == ["strict.code.withdrawn"]
    assert hits(standard, sector("2021-01-01")) == []


def test_strict_only_warns_where_a_list_does_not_claim_to_be_complete(standard: Standard) -> None:
    assert [hit.severity for hit in hits(standard, '<recipient-country code="QQ"/>', "strict")] == ["warning"]
    assert [hit.severity for hit in hits(standard, '<recipient-country code="QQ"/>')] == ["error"]


def test_languages_are_strict_only_and_the_root_is_tested_too(standard: Standard) -> None:
    fragment = '<title><narrative xml:lang="xx-bad">a</narrative></title>'
    assert hits(standard, fragment) == []
    assert [hit.rule_id for hit in hits(standard, fragment, "strict")] == ["9.95.1"]
    rules = RuleSet.for_version("2.03", "iati-activities", "strict", standard, NOW)
    root = {"{http://www.w3.org/XML/1998/namespace}lang": "xx-bad", "version": "2.03"}
    assert [(hit.rule_id, hit.element) for hit in rules.check_root(root)] == [("9.95.1", None)]


def test_budget_items_of_2_02_depend_on_their_parent(standard: Standard) -> None:
    fragment = '<country-budget-items vocabulary="1"><budget-item code="nope"/></country-budget-items>'
    assert [hit.rule_id for hit in hits(standard, fragment, version="2.02")] == ["9.14.1"]
    assert hits(standard, fragment) == []


def test_versions_without_official_ids_name_the_list(standard: Standard) -> None:
    assert [hit.rule_id for hit in hits(standard, '<recipient-country code="QQ"/>', version="1.04")] == [
        "codelist.Country"
    ]
