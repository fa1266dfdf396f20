"""Profile official agrees with the official IATI Validator on every real file, identifier and rule id."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from ilo_iati.errors import StandardError
from ilo_iati.standard import Standard, open_standard
from ilo_iati.validate import check_dataset
from tests.conftest import SHARED, shared_dir

pytestmark = pytest.mark.shared

RUN_AT = datetime(2026, 11, 1, tzinfo=UTC)
"""When the validator ran, by its findings: an end on 2026-06-30 was past to it, one on 2026-12-31 to come."""
NOT_COMPARED = {"0.3.1"}
"""0.3.1 is compared by activity below."""
FINDINGS = SHARED / "conformance" / "official_findings.jsonl"
LINES = [json.loads(line) for line in FINDINGS.read_text("utf-8").splitlines()] if FINDINGS.exists() else []


@pytest.fixture(scope="module")
def standard() -> Standard:
    try:
        return open_standard()
    except StandardError as error:
        pytest.skip(f"needs the schemas: {error}")


@pytest.mark.parametrize("expected", [pytest.param(line, id=line["file"].rpartition("/")[2]) for line in LINES])
def test_every_finding_agrees(standard: Standard, expected: dict[str, Any]) -> None:
    path = shared_dir(*expected["file"].split("/"))
    report = check_dataset(path, standard=standard, now=RUN_AT, known_publishers=["XM-DAC-41302"])
    assert report.sha256 == expected["sha256"]
    found = Counter((each.identifier, each.rule_id, each.severity.value) for each in report.findings)
    wanted: Counter[tuple[str, str, str]] = Counter()
    for identifier, rule_id, severity, count in expected["findings"]:
        wanted[identifier.strip(), rule_id, severity] += count
    invalid = {identifier for identifier, rule_id, _ in found if rule_id == "0.3.1"}
    if expected["iati_version"] and expected["iati_version"].startswith("1"):
        found = Counter({key: count for key, count in found.items() if key[1][0].isdigit()})
    compared = Counter({key: count for key, count in found.items() if key[1] not in NOT_COMPARED})
    assert compared == Counter({key: count for key, count in wanted.items() if key[1] not in NOT_COMPARED})
    assert invalid == {identifier.strip() for identifier in expected["schema_invalid"]}
    assert report.valid == expected["valid"]


def test_all_files_are_there() -> None:
    shared_dir("conformance")
    assert len(LINES) == 38
