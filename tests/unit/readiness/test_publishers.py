"""Hand-made publishers: a complete one, and one change at a time with every test that must then differ."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from ilo_iati.readiness.facts import make_facts
from ilo_iati.readiness.frameworks import FRAMEWORKS, load_framework
from ilo_iati.readiness.gates import READINESS
from ilo_iati.readiness.reading import prepare
from ilo_iati.readiness.testing import empty_results, run_tests
from ilo_iati.spec.table import load_tables
from tests.unit.readiness.made import empty_warehouse, fill

PUBLISHERS = Path(__file__).resolve().parents[2] / "golden" / "publishers"
COMPLETE = yaml.safe_load((PUBLISHERS / "complete.yml").read_text(encoding="utf-8"))
VARIANTS = yaml.safe_load((PUBLISHERS / "variants.yml").read_text(encoding="utf-8"))
BASE_EXCEPTIONS = {"transparency_index": {"19.b": None, "24.b": None}}
"""What the complete publisher has no occasion for: an end still ahead, conditions not attached."""


ORGANISATION = {test.id for test in load_framework("transparency_index").tests if test.sql}
ACTIVITY_TABLES = [n for n, t in load_tables().items() if n.startswith("core.iati_") and t.has("activity_key")]
SLOW = [
    variant
    for variant in VARIANTS
    if "nothing" in variant
    or "organisation" in variant["sql"]
    or ORGANISATION & set(variant.get("transparency_index", ()))
]
"""Variants that say something about organisation tests, which look at the whole warehouse: one warehouse each."""


@pytest.fixture(scope="module")
def warehouse():
    connection = empty_warehouse()
    fill(connection, COMPLETE["tables"])
    return connection


@pytest.fixture(scope="module")
def shares(warehouse):
    """(framework, test, variant) to the share of its activity: all variants as activities of one warehouse."""
    together, taken = empty_warehouse(), defaultdict(list)
    for variant in VARIANTS:
        warehouse.execute("BEGIN")
        warehouse.execute(variant["sql"])
        for name in ACTIVITY_TABLES:
            if name in COMPLETE["tables"] or name in variant["sql"]:
                query = f"SELECT * REPLACE (? AS activity_key) FROM {name}"
                taken[name].append(warehouse.sql(query, params=[variant["name"]]).to_arrow_table())
        warehouse.execute("ROLLBACK")
    for name, parts in taken.items():
        together.register("arriving", pa.concat_tables(parts))
        together.execute(f"INSERT INTO {name} FROM arriving")
        together.unregister("arriving")
    _run(together)
    found = together.execute("SELECT framework_code, test_id, activity_key, share FROM readiness_result").fetchall()
    return {tuple(key): share for *key, share in found}


def _run(connection):
    prepare(connection, COMPLETE["as_of"])
    make_facts(connection)
    empty_results(connection)
    return {code: run_tests(connection, load_framework(code)) for code in FRAMEWORKS}


def _percentages(connection):
    return {code: {name: tally.pct for name, tally in found.items()} for code, found in _run(connection).items()}


def _expected(variant):
    gone = set(variant.get("nothing", ()))
    expected = {}
    for code in FRAMEWORKS:
        own = {test.id: 100.0 for test in load_framework(code).tests} | BASE_EXCEPTIONS.get(code, {})
        own |= {name: None if pct == "-" else float(pct) for name, pct in variant.get(code, {}).items()}
        own |= {name: None for name in variant.get("absent", ()) if name in own}
        if code in gone:
            own = {
                test.id: None if test.scope == "current" and not test.sql else own[test.id]
                for test in load_framework(code).tests
            }
        expected[code] = own
    if "transparency_index" in gone:
        expected["transparency_index"]["7.a"] = None  # no current activity, so no country to look for
    return expected


def test_complete_publisher_passes_every_test(warehouse):
    assert _percentages(warehouse) == _expected({})


@pytest.mark.slow
@pytest.mark.parametrize("variant", SLOW, ids=lambda variant: variant["name"])
def test_one_change_alters_exactly_the_percentages_named(warehouse, variant):
    warehouse.execute("BEGIN")
    try:
        warehouse.execute(variant["sql"])
        found, expected = _percentages(warehouse), _expected(variant)
        for code in FRAMEWORKS:
            assert found[code] == pytest.approx(expected[code]), code
    finally:
        warehouse.execute("ROLLBACK")


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant["name"])
def test_one_change_alters_exactly_the_tests_named(shares, variant):
    for code in FRAMEWORKS:
        expected = {name: pct for name, pct in _expected(variant)[code].items() if name not in ORGANISATION}
        found = {name: shares.get((code, name, variant["name"])) for name in expected}
        in_percent = {name: None if share is None else 100 * share for name, share in found.items()}
        assert in_percent == pytest.approx(expected), code


def test_every_activity_test_fails_in_some_variant():
    """A test no variant can fail would be a test that nobody has seen fail."""
    failed = {(code, name) for variant in VARIANTS for code in FRAMEWORKS for name in variant.get(code, {})}
    tests = {(code, test.id) for code in FRAMEWORKS for test in load_framework(code).tests}
    assert sorted(tests - failed) == []


def test_every_fact_is_used_by_a_framework_or_by_another_fact():
    text = "\n".join((READINESS / f"{code}.yml").read_text() for code in FRAMEWORKS)
    facts = yaml.safe_load((READINESS / "facts.yml").read_text())
    names = [name for group in facts["groups"] for name in group["facts"]] + list(facts["derived"])
    text += "\n".join(fact["sql"] for fact in facts["derived"].values())
    elsewhere = {"office_code", "end_date", "hierarchy", "is_budget_declined"}
    assert [name for name in names if name not in elsewhere and not re.search(rf"\b{name}\b", text)] == []
