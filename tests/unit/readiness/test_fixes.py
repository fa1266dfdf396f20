"""What to fix first: gains by correction, rule and rhythm, and the way from a lost point to its activities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from ilo_iati import readiness
from ilo_iati.readiness.leads import by_correction, examples, gain_by_rule, offices
from tests.unit.readiness.made import activity, empty_warehouse, fill, store

pytestmark = pytest.mark.slow
AS_OF = date(2026, 11, 20)
PUBLISHER = Path(__file__).resolve().parents[2] / "golden" / "publishers" / "complete.yml"
ACTIVITY_LEVEL = 100 - 15 - 2 * 25 / 6
"""Points of the index in indicators of activities: all but organisational planning, 9 and 10."""


@pytest.fixture(scope="module")
def complete():
    connection = empty_warehouse()
    fill(connection, yaml.safe_load(PUBLISHER.read_text(encoding="utf-8"))["tables"])
    return connection


@pytest.fixture
def changed(complete):
    complete.execute("BEGIN")
    yield complete
    complete.execute("ROLLBACK")


def _fixes(connection):
    answer = readiness.assess(connection, AS_OF)
    return {(row["fix_code"], row["framework_code"]): row for row in answer.tables["mart.readiness_fix"].to_pylist()}


def test_gain_of_a_rule_counts_only_the_activities_it_has_findings_in(changed):
    changed.execute("UPDATE core.iati_sector SET code = '99999' WHERE vocabulary_code = '1'")
    place = {"run_id": "r", "stage": "validation", "dataset": "made"}
    finding = {**place, "rule_id": "9.76.1", "severity": "error", "message": "m"}
    fill(changed, {"audit.finding": [{**finding, "activity_index": 7}]})
    elsewhere = _fixes(changed)
    assert ("rule.9.76.1", "publishing_statistics") not in elsewhere
    assert ("sector", "publishing_statistics") in elsewhere
    fill(changed, {"audit.finding": [{**finding, "activity_index": 1}]})
    found = _fixes(changed)
    # One of nine value-added elements, a quarter of comprehensive, a third of the score: 100 / 9 / 4 / 3.
    assert found["rule.9.76.1", "publishing_statistics"]["gain_points"] == pytest.approx(100 / 108, abs=0.011)
    # Indicator 22 (2.5 points) goes from 50 to 100 per cent at a factor of 0.963.
    gain = 2.5 * 50 * 0.963 / 2 / 100
    assert found["rule.9.76.1", "transparency_index"]["gain_points"] == pytest.approx(gain, abs=0.011)
    assert found["rule.9.76.1", "transparency_index"]["activity_count"] == 1
    assert found["rule.9.76.1", "transparency_index"]["finding_count"] == 2
    rows = list(found.values())
    assert gain_by_rule(rows)["9.76.1"].keys() == {"publishing_statistics", "transparency_index"}
    assert [row["fix_name"] for row in by_correction(rows) if "9.76.1" in row["fix_name"]] == []


def test_gain_of_a_better_rhythm(complete):
    found = _fixes(complete)
    # Quarterly (3) and One month (4) make 87.5; Monthly makes 100: a third of 12.5.
    assert found["publish_monthly", "publishing_statistics"]["gain_points"] == pytest.approx(12.5 / 3, abs=0.011)
    gain = ACTIVITY_LEVEL * (1 - 0.963) / 2
    assert found["publish_monthly", "transparency_index"]["gain_points"] == pytest.approx(gain, abs=0.011)
    first = by_correction(found.values())[0]
    assert first["fix_name"] == "Publish new transactions every month"
    assert first["gain"] == pytest.approx(12.5 / 3 + gain, abs=0.022)


def test_gain_of_budgets_ahead(changed):
    changed.execute("DELETE FROM core.iati_budget WHERE budget_number = 3")  # the one of 2028
    row = _fixes(changed)["forward_budgets", "publishing_statistics"]
    assert (row["gain_points"], row["activity_count"]) == (pytest.approx(100 / 9, abs=0.011), 1)


def _titled(number, office, title):
    ends = {"activity_date_number": 1, "type_code": "3", "iso_date": "2028-12-31"}
    return (
        activity(number, iati_identifier=f"XM-DAC-41302-IP26-{office}{100 + number}", title=title),
        {**ends, "activity_key": f"made#{number}"},
    )


def test_lost_points_lead_to_activities_and_offices_to_their_work():
    connection = empty_warehouse()
    made = [
        _titled(number, "TGO" if number < 5 else "KEN", None if number < 6 else "A title") for number in range(1, 8)
    ]
    fill(
        connection,
        {"core.iati_activity": [row for row, _ in made], "core.iati_activity_date": [day for _, day in made]},
    )
    tables = readiness.assess(connection, AS_OF).tables
    table = tables["mart.readiness_score_activity"]
    found = examples(connection, table)
    assert [row["source_line"] for row in found["publishing_statistics", "core.title"]] == [10, 20, 30]  # of five
    assert [row["source_line"] for row in found["transparency_index", "16"]] == [10, 20, 30]  # 16.a and 16.b as one
    assert not [name for name in table.column("test_code").to_pylist() if name == "humanitarian.publishes"]
    rows = {row["office"]: row for row in offices(connection, tables)}
    assert list(rows) == ["TGO", "KEN"], "the office with most to gain comes first"
    assert {name: row["activities"] for name, row in rows.items()} == {"TGO": 4, "KEN": 3}
    assert rows["KEN"]["corrections"] == len({x["fix_code"] for x in table.to_pylist() if x["office_code"] == "KEN"})
    assert len(rows["KEN"]["first"]) == 3
    assert [fix["activities"] for fix in rows["KEN"]["first"]] == [3, 3, 3]
    group = by_correction(tables["mart.readiness_fix"].to_pylist())
    first = next(row for row in group if row["activities"])
    assert rows["KEN"]["first"][0]["fix_name"] == first["fix_name"]
    store(connection, tables)
    assert offices(connection, {}) == list(rows.values()), "read from the warehouse as from a fresh answer"
    assert offices(empty_warehouse(), {}) == []
