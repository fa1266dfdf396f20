"""Every mart has grain, example and an about for each column; its SELECT gives these columns; its example runs."""

from __future__ import annotations

import pytest

from ilo_iati.paths import MARTS
from ilo_iati.spec.table import load_tables
from tests.unit.marts.warehouse import build, empty_warehouse, mart_order


@pytest.fixture(scope="module")
def db():
    db = empty_warehouse()
    build(db)
    return db


@pytest.mark.parametrize("name", mart_order())
def test_the_select_gives_exactly_the_declared_columns(db, name):
    table = load_tables()[name]
    found = [row[0] for row in db.execute(f"DESCRIBE {(MARTS / f'{name}.sql').read_text()}").fetchall()]
    assert sorted(found) == sorted(column.name for column in table.columns)
    assert table.grain
    assert all(column.about for column in table.columns)


OURS = [*mart_order(), *(f"mart.indicator_{one}" for one in ("definition", "baseline", "target", "value", "status"))]


@pytest.mark.parametrize("name", OURS)
def test_the_example_query_runs(db, name):
    example = load_tables()[name].example
    assert example
    db.execute(example)
