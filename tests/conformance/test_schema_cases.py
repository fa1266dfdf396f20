"""The official schema test files and the official validator's verdicts on real files, against ours."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from ilo_iati.reader import Document, Fault, open_dataset
from ilo_iati.standard import open_standard
from ilo_iati.validate import check_dataset
from ilo_iati.validate.schema import schema_faults
from tests.conftest import shared_dir

pytestmark = pytest.mark.shared
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def cases() -> Iterator[dict[str, str]]:
    with shared_dir("conformance", "cases.csv").open(encoding="utf-8", newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["suite"] == "schema")


@cache
def registry_schema(version: str) -> etree.XMLSchema:
    """Registry records are no IATI files; their schema stands in for the product's, to run their cases all the same."""
    return etree.XMLSchema(file=str(shared_dir("iati-standard", "schemas", version, "iati-registry-record-schema.xsd")))


def is_valid(path: Path, version: str, kind: str) -> bool:
    """Through our reader where the root is IATI's; a bare record of an older case by the schema alone."""
    dataset = open_dataset(path)
    if dataset.head.root_tag == kind:
        schema = open_standard().schema(version, kind)
        for item in dataset:
            if isinstance(item, Fault) or any(schema_faults(item, schema, first=item.first_index == 1)):
                return False
        return True
    dataset.close()
    schema = registry_schema(version) if kind == "registry-record" else open_standard().schema(version, kind)
    return schema.validate(etree.parse(path))


def test_every_official_schema_case_agrees() -> None:
    seen = Counter[str]()
    wrong = []
    for case in cases():
        path = shared_dir("conformance", case["file"])
        expected = case["expected"] == "valid"
        seen[case["expected"]] += 1
        if is_valid(path, case["standard_version"], case["file_type"]) != expected:
            wrong.append(case["file"])
    assert wrong == []
    assert seen == {"valid": 593, "schema_error": 1281}


def official() -> list[dict[str, object]]:
    path = shared_dir("conformance", "official_findings.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_same_activities_break_the_schema_as_officially() -> None:
    standard = open_standard()
    for expected in official():
        report = check_dataset(shared_dir(str(expected["file"])), standard=standard, now=NOW)
        found = {finding.identifier for finding in report.findings if finding.rule_id == "0.3.1"}
        assert (report.valid, found) == (expected["valid"], set(expected["schema_invalid"])), expected["file"]  # type: ignore[call-overload]


def test_small_documents_give_the_errors_of_the_whole_file() -> None:
    """Cutting must not change what is found: each real file validated as one tree, below libxml2's line limit."""
    standard = open_standard()
    compared = 0
    for path in sorted(shared_dir("data", "real").glob("*.xml")):
        dataset = open_dataset(path)
        head = dataset.head
        items = [item for item in dataset if isinstance(item, Document)]
        if head.version not in ("2.01", "2.02", "2.03") or not head.root_tag or len(items) == 0:
            continue
        schema = standard.schema(head.version, head.root_tag)
        mine = Counter(
            (fault.line, fault.xpath.replace("[1]", ""))
            for item in items
            for fault in schema_faults(item, schema, first=item.first_index == 1)
        )
        try:
            tree = etree.parse(path)
        except etree.XMLSyntaxError:
            continue
        schema.validate(tree)
        log = list(schema.error_log)  # type: ignore[call-overload]
        whole = Counter((entry.line, entry.path.replace("[1]", "")) for entry in log)
        short = {key: number for key, number in whole.items() if key[0] < 65_000}
        assert {key: mine[key] for key in short} == short, path.name
        assert sum(mine.values()) == sum(whole.values())
        compared += 1
    assert compared >= 10
