"""Random damage to whole files: the check never fails, and whatever it says has a place, words and a way out."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest

from ilo_iati.findings import Severity
from ilo_iati.validate import DatasetReport
from ilo_iati.validate.formats import FORMATS, Occasion
from tests.unit.reader.test_fuzz import damage
from tests.unit.validate.conftest import NOW, Check

pytestmark = pytest.mark.slow
OCCASION = Occasion("official", {}, NOW.date())
DOCUMENTS = sorted((Path(__file__).parents[2] / "golden" / "tables").glob("*.xml"))


def holds(report: DatasetReport, data: bytes) -> None:
    """Every finding says what, where and what to do; a critical one makes the file invalid, and only that does."""
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for finding in report.findings:
        assert finding.message
        assert finding.fix
        assert finding.rule_id
        assert finding.line is None or 1 <= finding.line <= lines
        assert finding.activity_index is None or finding.activity_index >= 1
    critical = any(finding.severity is Severity.CRITICAL for finding in report.findings)
    assert report.valid is not critical


@pytest.mark.parametrize("profile", ["official", "strict"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_damaged_files(check: Check, document: Path, profile: str) -> None:
    draw, data = random.Random(f"{document.stem} {profile}"), document.read_bytes()
    for _ in range(150):
        changed = damage(draw, data)
        holds(check(changed, profile=profile), changed)


@pytest.mark.parametrize("format", FORMATS)
def test_damaged_files_are_reported_in_every_format(check: Check, format: str) -> None:
    draw, data = random.Random(format), DOCUMENTS[0].read_bytes()
    reports = [check(damage(draw, data)) for _ in range(20)]
    out = io.StringIO()
    FORMATS[format](reports, OCCASION, out)
    out.getvalue().encode("utf-8")
    if format in ("json", "sarif"):
        assert json.loads(out.getvalue())
    assert all(report.findings for report in reports)
