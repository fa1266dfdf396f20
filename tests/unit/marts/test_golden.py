"""Each file of tests/golden/marts: rows as published, and the mart rows an expert would write beside them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.marts.warehouse import build, empty_warehouse, insert

CASES = sorted((Path(__file__).resolve().parents[2] / "golden" / "marts").glob("*.yml"))


def plain(value: Any) -> Any:
    """Numbers alike whatever their type; dates as the YAML writes them."""
    return float(value) if isinstance(value, (Decimal, int, float)) and not isinstance(value, bool) else value


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_marts_say_what_is_expected(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    db = empty_warehouse()
    for table, rows in case["given"].items():
        insert(db, table, *rows)
    build(db, *case["marts"])
    for one in case["expect"]:
        found = [[plain(value) for value in row] for row in db.execute(one["query"]).fetchall()]
        assert found == [[plain(value) for value in row] for row in one["rows"]], one["query"]
