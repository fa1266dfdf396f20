"""Every rule id has a small document that breaks it and one that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import yaml
from lxml import etree

from ilo_iati.spec.rule import load_own_rules, load_rules
from ilo_iati.standard import Standard
from ilo_iati.validate.rules import RuleSet
from tests.unit.validate.conftest import NOW

GOLDEN = yaml.safe_load((Path(__file__).parents[2] / "golden" / "rules" / "rules.yml").read_text("utf-8"))
ENTRIES = [pytest.param(entry, id=entry["id"]) for entry in GOLDEN]


def rule_set(standard: Standard, entry: Mapping[str, Any]) -> RuleSet:
    file_type = "iati-organisations" if entry.get("in") == "organisation" else "iati-activities"
    return _compiled(standard, entry.get("version", "2.03"), file_type, entry.get("profile", "official"))


@cache
def _compiled(standard: Standard, version: str, file_type: str, profile: str) -> RuleSet:
    agencies = standard.codes("OrganisationRegistrationAgency", "2.03").codes
    return RuleSet.for_version(version, file_type, profile, standard, NOW, ["XM-DAC-41302"], agencies)


def record(entry: Mapping[str, Any], fragment: str, attributes: Mapping[str, str]) -> etree._Element:
    tag = "iati-organisation" if entry.get("in") == "organisation" else "iati-activity"
    given = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return etree.fromstring(f"<{tag} {given}>{fragment}</{tag}>")


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_invalid_document_is_found_and_a_valid_one_is_not(standard: Standard, entry: dict[str, Any]) -> None:
    rules, good = rule_set(standard, entry), entry.get("attributes", {})
    broken = list(rules.check(record(entry, entry["invalid"], entry.get("bad_attributes", good))))
    assert entry["id"] in {hit.rule_id for hit in broken}
    assert all(hit.message and hit.fix and hit.category for hit in broken)
    assert entry["id"] not in {hit.rule_id for hit in rules.check(record(entry, entry["valid"], good))}


def test_every_id_of_the_catalogue_has_its_documents() -> None:
    wanted = {case.rule_id for case in load_rules()} | set(load_own_rules())
    assert wanted <= {entry["id"] for entry in GOLDEN}


def test_the_catalogue_has_the_cases_of_each_version() -> None:
    counts = {version: sum(version in case.versions for case in load_rules()) for version in ("2.01", "2.02", "2.03")}
    assert counts == {"2.01": 89, "2.02": 89, "2.03": 107}
    assert len({case.rule_id for case in load_rules() if "2.03" in case.versions}) == 89
    assert all(case.message and case.fix and case.link for case in load_rules())
