"""The rulesets' own meta-tests: our engine answers each as their runner states, in both readings."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime

import pytest
from lxml import etree

from ilo_iati.spec.rule import read_ruleset
from ilo_iati.validate.rules.cases import compile_case
from ilo_iati.validate.rules.kinds import Frame
from ilo_iati.validate.rules.tree import Node
from tests.conftest import SHARED, shared_dir

pytestmark = pytest.mark.shared
CASES = SHARED / "conformance" / "cases.csv"


def _rows() -> list[dict[str, str]]:
    if not CASES.exists():
        return []
    with CASES.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["suite"] == "ruleset-meta"]


ROWS = _rows()


def outcome(row: dict[str, str], *, strict: bool) -> str:
    document = etree.parse(shared_dir("conformance", *row["file"].split("/")))
    cases = read_ruleset(shared_dir("conformance", *row["ruleset"].split("/")), row["standard_version"])
    frame = Frame({}, strict, datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
    for case in cases:
        test = compile_case(case, frame)
        for element in document.xpath(case.context):
            if list(test.failures(Node(element))):
                return "rule_fail"
    return "rules_pass"


@pytest.mark.parametrize("strict", [False, True], ids=["official", "strict"])
@pytest.mark.parametrize("version", ["1.04", "1.05", "2.01", "2.02", "2.03"])
def test_every_case_comes_out_as_its_runner_states(version: str, strict: bool) -> None:
    shared_dir("conformance", "ruleset-meta")
    rows = [row for row in ROWS if row["standard_version"] == version and row["expected"] != "disabled"]
    wrong = [
        (row["file"], row["ruleset"], row["expected"]) for row in rows if outcome(row, strict=strict) != row["expected"]
    ]
    assert rows
    assert wrong == []


def test_the_cases_are_all_there() -> None:
    shared_dir("conformance", "ruleset-meta")
    assert Counter(row["expected"] for row in ROWS) == {"rules_pass": 165, "rule_fail": 126, "disabled": 5}
