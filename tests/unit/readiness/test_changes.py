"""What changed against the published version: activities by element, organisations, findings and files."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati import readiness
from tests.unit.readiness.compared import finding, published_with, transaction, warehouse_with
from tests.unit.readiness.made import REPORTER, activity, fill

pytestmark = pytest.mark.slow
AS_OF = date(2026, 11, 20)


def test_a_change_of_any_element_is_a_change_of_the_activity_and_named(tmp_path):
    country = {"activity_key": "made#2", "dataset": "made", "recipient_country_number": 1}
    path, published = warehouse_with(tmp_path, "published", [activity(n) for n in (1, 2, 3)], [transaction(1, 100)])
    fill(published, {"core.iati_recipient_country": [country | {"code": "TG"}]})
    published.close()
    # The file is written anew in another order: places in it do not count, and who paid does.
    moved = [activity(n) | {"activity_number": 9 - n, "source_line": 1000} for n in (1, 2, 3)]
    _, connection = warehouse_with(tmp_path, "now", moved, [transaction(1, 100, "Donor B")])
    fill(connection, {"core.iati_recipient_country": [country | {"code": "BJ", "source_line": 7}]})
    changes = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    told = {row["item"]: row["detail"] for row in changes if row["change_type"] == "activity_changed"}
    assert told == {f"{REPORTER}-A1": "transaction", f"{REPORTER}-A2": "recipient country"}


def test_an_organisation_file_that_changes_is_told(tmp_path):
    def budgets(amount):
        row = {"dataset": "org", "organisation_key": "org#1"}
        return {
            "core.iati_organisation": [row | {"organisation_identifier": REPORTER, "reporting_org_ref": REPORTER}],
            "core.iati_organisation_total_budget": [row | {"total_budget_number": 1, "value_amount": amount}],
        }

    path, published = warehouse_with(tmp_path, "published", [activity(1)])
    fill(published, budgets(1_000))
    published.close()
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    fill(connection, budgets(1))
    changes = readiness.assess(connection, AS_OF, published=path, candidate=["org"]).tables["mart.readiness_change"]
    told = [(row["change_type"], row["item"], row["detail"]) for row in changes.to_pylist() if row["detail"]]
    assert told == [("organisation_changed", REPORTER, "total budget")]


def test_findings_that_went_with_their_activity_are_not_called_fixed(tmp_path):
    findings = [finding("6.11.1"), finding("4.3.1", identifier=f"{REPORTER}-A2")]
    path = published_with(tmp_path, activities=[activity(1), activity(2)], findings=findings)
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    changes = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    found = {(row["change_type"], row["item"]): row["difference"] for row in changes}
    assert found[("finding_fixed", "6.11.1 (error)")] == -1
    assert found[("finding_withdrawn", "4.3.1 (error)")] == -1
    assert found[("summary", "findings fixed")] == found[("summary", "findings withdrawn")] == 1


def test_of_a_file_that_cannot_be_read_nothing_is_called_fixed(tmp_path):
    path = published_with(tmp_path, activities=[activity(1), activity(2)], findings=[finding("6.11.1")])
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], findings=[finding("0.1.1", "critical", "file")])
    changes = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    kinds = {row["change_type"] for row in changes if row["change_type"].startswith("finding")}
    assert kinds == {"finding_new", "finding_withdrawn"}


def test_a_new_finding_names_its_places_and_comes_before_the_known_ones(tmp_path):
    known = finding("1.1.1")
    path = published_with(tmp_path, activities=[activity(1), activity(2)], findings=[known])
    new = [{**finding("6.11.1", identifier=f"{REPORTER}-A{n}"), "line": 40 + n, "dataset": "made"} for n in (1, 2)]
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2)], findings=[known, *new])
    changes = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    kinds = [row["change_type"] for row in changes if row["change_type"].startswith("finding")]
    assert kinds == ["finding_new", "finding_unchanged"]
    told = next(row["detail"] for row in changes if row["change_type"] == "finding_new")
    assert told == f"{REPORTER}-A1 (made, line 41), {REPORTER}-A2 (made, line 42)"


def test_a_file_under_review_without_an_activity_is_changed_and_not_gone(tmp_path):
    def snapshot(sha, size):
        return {"dataset": "made", "source": "iati_ilo", "sha256": sha, "bytes": size, "is_current": True}

    path, published = warehouse_with(tmp_path, "published", [activity(1)])
    fill(published, {"audit.snapshot": [snapshot("1", 900)]})
    published.close()
    _, connection = warehouse_with(tmp_path, "now", [])
    fill(connection, {"audit.snapshot": [snapshot("2", 30)]})
    rows = readiness.assess(connection, AS_OF, published=path, candidate=["made"]).tables["mart.readiness_change"]
    files = [(row["change_type"], row["after_value"]) for row in rows.to_pylist() if "file" in row["change_type"]]
    assert files == [("file_changed", 30)]


def test_a_rule_that_gains_and_loses_findings_says_how_many_there_are(tmp_path):
    path = published_with(tmp_path, activities=[activity(1), activity(2)], findings=[finding("4.3.1")])
    other = finding("4.3.1", identifier=f"{REPORTER}-A2")
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2)], findings=[other])
    changes = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    told = {row["change_type"]: row for row in changes if row["item"] == "4.3.1 (error)"}
    assert {kind: row["difference"] for kind, row in told.items()} == {"finding_new": 1, "finding_fixed": -1}
    assert {(row["before_value"], row["after_value"]) for row in told.values()} == {(1, 1)}, "one before, one now"
