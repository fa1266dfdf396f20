"""Golden results for each rule of status, from a register and a SELECT to the rows of mart.indicator_*."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from ilo_iati.indicators import compute
from ilo_iati.indicators.judging import STATUSES
from ilo_iati.spec.indicator import load_register
from tests.unit.marts.warehouse import empty_warehouse

CASES = yaml.safe_load((Path(__file__).parents[2] / "golden" / "indicators" / "status.yml").read_text(encoding="utf-8"))
BODY = {
    "id": "X01", "name": "n", "definition": "d", "unit": "u", "basis": "b", "paragraphs": [24],
    "series": {"one": {"label": "l", "inputs": ["ceb_revenue"]}},
}  # fmt: skip


@pytest.fixture(scope="module")
def empty():
    return empty_warehouse()


def select(values) -> str:
    rows = []
    for year, value in values.items():
        above, below = value if isinstance(value, list) else ("NULL", "NULL")
        answer = above / below if isinstance(value, list) else value
        rows.append(f"('one', {year}, {answer}, {above}, {below}, 3, 100, 'by hand')")
    names = "series, year, value, numerator, denominator, n, coverage_pct, basis"
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS t({names})"


def test_every_status_has_a_rule():
    assert {case["expect"]["status"] for case in CASES} == set(STATUSES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_status_rule(case, empty, tmp_path):
    (tmp_path / "X01.sql").write_text(select(case["values"]))
    register = tmp_path / "indicators.yml"
    register.write_text(yaml.safe_dump({"indicators": [{**BODY, **case["register"]}]}))
    tables = compute(empty, load_register(register, tmp_path), date(2025, 6, 30))
    (status,) = tables["mart.indicator_status"].to_pylist()
    assert {name: status[name] for name in case["expect"]} == case["expect"]
    years = {row["year"]: row for row in tables["mart.indicator_value"].to_pylist()}
    for year, expected in case.get("years", {}).items():
        assert {name: years[year][name] for name in expected} == expected
