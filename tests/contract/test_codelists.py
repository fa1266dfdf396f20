"""The code lists, the mapping and the pins: complete, sorted, equal to the official files where those are at hand."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.codelist import VERSIONS, list_pins, read_mapping, read_rows
from ilo_iati.spec.reading import read_yaml
from ilo_iati.spec.table import load_tables
from ilo_iati.standard.official import Standard
from ilo_iati.standard.pins import read_pins
from ilo_iati.standard.refresh import compare
from ilo_iati.standard.restate import merge_versions, parse_official
from ilo_iati.standard.store import Store
from tests.conftest import shared_dir

SHA256 = re.compile("[0-9a-f]{64}")
LISTS = sorted(list_pins())
STANDARD = Standard(Store(Path("/nowhere")))
"""Lists and mapping come from the repository; no XSD is needed here."""


def rows(name):
    return read_rows(SCHEMAS / "codelists" / f"{name}.csv")


def test_every_list_has_a_pin_and_every_pin_a_list():
    assert {path.stem for path in (SCHEMAS / "codelists").glob("*.csv")} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_pin_is_complete(name):
    pin, origins = list_pins()[name], read_yaml(SCHEMAS / "codelists" / "PINS.yml")["origins"]
    assert pin.kind in ("embedded", "non-embedded")
    assert (set(pin.files) == {"any"}) == (pin.kind == "non-embedded")
    assert set(pin.files) <= {*VERSIONS, "any"} == set(origins)
    assert all(SHA256.fullmatch(sha256) for sha256 in pin.files.values())


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_sorted_unique_and_without_overlaps(name):
    found = rows(name)
    keys = [(row.code, row.first_version) for row in found]
    assert keys == sorted(set(keys))
    for earlier, later in pairwise(found):
        assert earlier.first_version <= earlier.last_version
        assert earlier.code != later.code or earlier.last_version < later.first_version


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_no_text_but_names(name):
    assert max(len(row.name) for row in rows(name)) < 250


@pytest.mark.parametrize(
    ("version", "count", "ids"),
    [
        ("1.04", 70, 0),
        ("1.05", 70, 0),
        ("2.01", 81, 81),
        ("2.02", 98, 98),
        ("2.03", 124, 122),
    ],
)
def test_the_mapping_is_whole_and_its_lists_exist(version, count, ids):
    rules = read_mapping()[version]
    assert len(rules) == len({(rule.path, rule.condition) for rule in rules}) == count
    assert len({rule.rule_id for rule in rules if rule.rule_id}) == ids
    assert all(STANDARD.codes(rule.codelist, version).codes for rule in rules)
    assert all(re.fullmatch(r"9\.\d+\.1", rule.rule_id) and rule.category for rule in rules if rule.rule_id)


def test_a_rule_id_means_the_same_path_in_every_version():
    meaning: dict[tuple[str, str | None], set[str]] = {}
    for rule in (rule for version in ("2.01", "2.02", "2.03") for rule in read_mapping()[version]):
        without_default = (rule.condition or "").endswith("not(@vocabulary)") or not rule.condition
        meaning.setdefault((rule.path, "default" if without_default else rule.condition), set()).add(str(rule.rule_id))
    assert not {key: ids for key, ids in meaning.items() if len(ids) > 1}


def test_pins_of_the_schemas_are_complete_and_the_packages_are_the_required_ones():
    pins = read_pins()
    assert pins.versions == ("1.01", "1.02", "1.03", "1.04", "1.05", "2.01", "2.02", "2.03")
    assert all(len(pins.of("schema", version)) == 4 for version in pins.versions)
    assert all(SHA256.fullmatch(sha256) for pin in pins.files for sha256 in pin.accepted)
    assert all(re.search(r"/IATI/[\w-]+/[0-9a-f]{40}/", pin.url) for pin in pins.files)
    required = (SCHEMAS / "iati" / "requirements.txt").read_text()
    for package in pins.packages.values():
        assert f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n" in required


def test_code_lists_that_columns_name_exist():
    named = {
        (table.name, column.name, column.codelist)
        for table in load_tables().values()
        for column in table.columns
        if column.codelist
    }
    assert not [entry for entry in named if entry[2] not in LISTS]


@pytest.mark.shared
@pytest.mark.parametrize("name", LISTS)
def test_a_list_equals_the_official_files(name):
    folder = shared_dir("iati-standard", "codelists")
    pin, parsed = list_pins()[name], {}
    for version, sha256 in pin.files.items():
        path = folder / ("non-embedded" if version == "any" else version) / f"{name}.xml"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        parsed[version] = parse_official(path.read_bytes(), name)
        # Counted apart from our own reader, which the rows were made with.
        codes = {item.findtext("code").strip() for item in etree.parse(path).getroot().iter("codelist-item")}
        for each in VERSIONS if version == "any" else [version]:
            assert STANDARD.codes(name, each).codes == codes
        assert pin.complete == (etree.parse(path).getroot().get("complete") != "0")
    assert rows(name) == merge_versions(parsed)
    assert not compare(name, rows(name), merge_versions(parsed)).is_change


@pytest.mark.shared
def test_no_official_list_is_left_out():
    folder = shared_dir("iati-standard", "codelists")
    assert {path.stem for path in folder.glob("*/*.xml")} - {"mapping"} == set(LISTS)


@pytest.mark.shared
@pytest.mark.parametrize("version", VERSIONS)
def test_the_mapping_equals_the_official_one(version):
    official = etree.parse(shared_dir("iati-standard", "codelists", version, "mapping.xml")).getroot()
    theirs = [
        (each.findtext("path"), each.find("codelist").get("ref"), each.findtext("condition")) for each in official
    ]
    assert [(rule.path, rule.codelist, rule.condition) for rule in read_mapping()[version]] == theirs


@pytest.mark.shared
def test_ids_agree_with_what_the_official_validator_reports():
    """Every code-list finding of the official validator on the real files follows from list, mapping and id alone."""
    reports = shared_dir("conformance", "official_findings.jsonl").read_text().splitlines()
    differing = []
    for report in map(json.loads, reports):
        if str(report["iati_version"]).startswith("2."):
            theirs = Counter(
                {(who.strip(), rule): n for who, rule, _, n in report["findings"] if rule.startswith("9.")}
            )
            if _codelist_findings(shared_dir(report["file"]), report["iati_version"]) != theirs:
                differing.append(report["file"])
    assert not differing


def _codelist_findings(path, version):
    root = etree.parse(path, etree.XMLParser(huge_tree=True)).getroot()
    record = "iati-organisation" if root.tag == "iati-organisations" else "iati-activity"
    rules = [rule for rule in read_mapping()[version] if rule.path.startswith(f"//{record}/")]
    found: Counter[tuple[str, str | None]] = Counter()
    for rule in rules:
        steps, _, last = rule.path.removeprefix(f"//{record}/").rpartition("/")
        select = etree.XPath((steps or ".") + (f"[{rule.condition}]" if rule.condition else ""))
        codes = STANDARD.codes(rule.codelist, version).codes
        for element in root.iterfind(record):
            values = (node.text if last == "text()" else node.get(last[1:]) for node in select(element))
            wrong = sum(value is not None and value not in codes for value in values)
            if wrong:
                who = (
                    element.findtext("iati-identifier") or element.findtext("organisation-identifier") or "noIdentifier"
                )
                found[who.strip(), rule.rule_id] += wrong
    return found
