"""The store of findings: order, counts, temporary file, hand-over to another process."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path

import pytest

from ilo_iati.findings import Finding, Severity
from ilo_iati.validate.report import IN_MEMORY, Findings


def some(number: int) -> list[Finding]:
    return [
        Finding(f"9.{n % 7}.1", Severity.ERROR, f"é {n}", activity_index=n, line=n, value=None) for n in range(number)
    ]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("number", [0, 1, IN_MEMORY - 1, IN_MEMORY, IN_MEMORY * 2 + 3])
def test_all_come_back_in_order(number: int, scratch: Path) -> None:
    expected = some(number)
    findings = Findings(expected)
    assert len(findings) == number
    assert list(findings) == expected
    assert list(findings) == expected
    assert findings.summary()["error"] == number


def test_the_file_goes_with_its_owner(scratch: Path) -> None:
    findings = Findings(some(IN_MEMORY + 1))
    assert len(list(scratch.iterdir())) == 1
    moved = pickle.loads(pickle.dumps(findings))
    del findings
    assert list(moved) == some(IN_MEMORY + 1)
    del moved
    assert list(scratch.iterdir()) == []


def test_let_go_keeps_the_counts(scratch: Path) -> None:
    findings = Findings(some(IN_MEMORY + 1))
    findings.let_go()
    assert list(scratch.iterdir()) == []
    assert (len(findings), list(findings)) == (IN_MEMORY + 1, [])
    assert findings.summary()["error"] == IN_MEMORY + 1
