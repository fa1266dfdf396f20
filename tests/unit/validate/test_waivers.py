"""Waiver files: what they cover, when they end, and every way to write them wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ilo_iati.errors import UsageError
from ilo_iati.findings import Finding, Severity
from ilo_iati.validate.waivers import expired, load_waivers, waiver_of

GOOD = """waivers:
  - rule: "9.*"
    scope: {dataset: "a.xml", identifier: "XX-*"}
    reason: known and accepted
    approved_by: M. Reviewer
    until: 2026-12-31
"""
TODAY = date(2026, 6, 1)


def load(tmp_path: Path, text: str) -> tuple[object, ...]:
    path = tmp_path / "waivers.yml"
    path.write_text(text)
    return load_waivers(path)


def finding(rule_id: str = "9.1.1", identifier: str = "XX-1", dataset: str = "some/a.xml") -> Finding:
    return Finding(rule_id, Severity.ERROR, "m", identifier=identifier, dataset=dataset)


def test_rule_and_scope_decide(tmp_path: Path) -> None:
    waivers = load(tmp_path, GOOD)
    assert waiver_of(finding(), waivers, TODAY) is not None  # type: ignore[arg-type]
    for other in (finding("6.1.1"), finding(identifier="YY-1"), finding(dataset="b.xml")):
        assert waiver_of(other, waivers, TODAY) is None  # type: ignore[arg-type]


def test_a_waiver_ends(tmp_path: Path) -> None:
    waivers = load(tmp_path, GOOD)
    assert waiver_of(finding(), waivers, date(2026, 12, 31)) is not None  # type: ignore[arg-type]
    assert waiver_of(finding(), waivers, date(2027, 1, 1)) is None  # type: ignore[arg-type]
    assert len(expired(waivers, date(2027, 1, 1))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["", "    scope: all\n", "    scope: XX-1\n"])
def test_short_scopes(tmp_path: Path, scope: str) -> None:
    text = GOOD.replace('    scope: {dataset: "a.xml", identifier: "XX-*"}\n', scope)
    assert waiver_of(finding(), load(tmp_path, text), TODAY) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (GOOD, "a: [", "not YAML"),
        (GOOD, "- rule: 1", "does not hold a list"),
        ("waivers:", "waiver:", "does not hold a list"),
        ("    reason: known and accepted\n", "", "reason is missing"),
        ("approved_by", "approver", "unknown key approver"),
        ("2026-12-31", "next year", "not a date"),
        ("identifier:", "activity:", "scope knows no activity"),
        (GOOD, "waivers: [text]", "not a mapping"),
        ('{dataset: "a.xml", identifier: "XX-*"}', "[1]", "scope must be"),
    ],
)
def test_a_flaw_is_a_usage_error(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load(tmp_path, GOOD.replace(old, new))


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_waivers(tmp_path / "none.yml")
