"""Gates, waivers, the verdict, and the comparison of a candidate with what is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ilo_iati import readiness
from ilo_iati.errors import SpecError
from ilo_iati.readiness.gates import GateSet, Waiver, load_gates
from ilo_iati.readiness.reading import replaced_datasets
from tests.unit.readiness.compared import checks_of, finding, published_with, transaction, warehouse_with
from tests.unit.readiness.made import REPORTER, activity, fill, store

pytestmark = pytest.mark.slow
AS_OF = date(2026, 11, 20)


@pytest.fixture
def before(tmp_path):
    twenty = [activity(number) for number in range(1, 21)]
    money = [transaction(number, 100) for number in range(1, 21)]
    return published_with(tmp_path, activities=twenty, transactions=money, findings=[finding("6.11.1")])


def test_without_anything_to_compare_nothing_is_called_a_pass(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    answer = readiness.assess(connection, AS_OF)
    checks = checks_of(answer)
    assert checks["activities_kept"]["verdict"] == "not_evaluated"
    assert checks["activities_kept"]["detail"] == "no published version to compare with"
    assert checks["no_critical"]["verdict"] == "pass"
    assert answer.decision == "publish with waivers"
    assert not answer.has_failed


def test_critical_finding_holds_and_only_of_the_newest_run(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], findings=[finding("0.3.1", "critical", run="old")])
    assert checks_of(readiness.assess(connection, AS_OF))["no_critical"]["verdict"] == "fail"
    runs = [{"run_id": name, "started_at": f"2026-11-0{day} 00:00", "mode": "load", "status": "done"}
            for day, name in enumerate(("old", "new"), 1)]  # fmt: skip
    fill(connection, {"audit.run": runs})
    answer = readiness.assess(connection, AS_OF)
    assert checks_of(answer)["no_critical"]["verdict"] == "pass"


def test_duplicate_identifier_holds(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2, iati_identifier=f"{REPORTER}-A1")])
    answer = readiness.assess(connection, AS_OF)
    assert answer.decision == "hold"
    assert answer.has_failed
    assert checks_of(answer)["no_duplicate_identifier"]["value"] == 1


@pytest.mark.parametrize(("kept", "verdict", "lost"), [(20, "pass", 0), (19, "pass", 5), (18, "fail", 10)])
def test_shrinkage_of_activities_and_value(tmp_path, before, kept, verdict, lost):
    activities = [activity(number) for number in range(1, kept + 1)]
    money = [transaction(number, 100) for number in range(1, kept + 1)]
    _, connection = warehouse_with(tmp_path, "now", activities, money)
    checks = checks_of(readiness.assess(connection, AS_OF, published=before))
    for name in ("activities_kept", "value_kept"):
        assert (checks[name]["verdict"], checks[name]["value"]) == (verdict, pytest.approx(lost))


def test_money_without_a_currency_is_not_called_lost(tmp_path):
    bare = [transaction(1, 100) | {"value_currency_code": None}]
    path = published_with(tmp_path, activities=[activity(1)], transactions=bare)
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], bare)
    check = checks_of(readiness.assess(connection, AS_OF, published=path))["value_kept"]
    assert (check["verdict"], check["value"]) == ("pass", 0)


def test_loss_of_one_transaction_type_is_not_hidden_by_another(tmp_path):
    both = [transaction(1, 100), {**transaction(1, 100, kind="4"), "transaction_number": 2}]
    path = published_with(tmp_path, activities=[activity(1)], transactions=both)
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], [transaction(1, 500)])
    checks = checks_of(readiness.assess(connection, AS_OF, published=path))
    assert checks["value_kept"]["value"] == pytest.approx(100)


def test_part_of_the_publication_is_compared_with_what_it_replaces(tmp_path):
    others = [activity(n, dataset="other", activity_key=f"other#{n}") for n in (5, 6)]
    path = published_with(tmp_path, activities=[activity(1), *others])
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    all_of_it = checks_of(readiness.assess(connection, AS_OF, published=path))
    assert all_of_it["activities_kept"]["verdict"] == "fail"
    fill(connection, {"core.iati_activity": others})  # what stays published stands beside the candidate
    part = checks_of(readiness.assess(connection, AS_OF, published=path, candidate=["made"]))
    assert part["activities_kept"]["value"] == 0


def _elsewhere(number, identifier=None):
    named = {"iati_identifier": identifier} if identifier else {}
    return activity(number, dataset="other", activity_key=f"other#{number}", **named)


def test_findings_of_files_that_stay_are_not_called_fixed(tmp_path):
    stays = {**finding("2.1.2", identifier=f"{REPORTER}-A5"), "dataset": "other"}
    known = {**finding("6.11.1", stage="validation"), "dataset": "made"}
    path = published_with(tmp_path, activities=[activity(1), _elsewhere(5)], findings=[stays, known])
    _, connection = warehouse_with(tmp_path, "now", [activity(1), _elsewhere(5)], findings=[known])
    answer = readiness.assess(connection, AS_OF, published=path, candidate=["made"])
    changes = answer.tables["mart.readiness_change"].to_pylist()
    assert [row["item"] for row in changes if row["change_type"] == "finding_unchanged"] == ["6.11.1 (error)"]
    assert [row for row in changes if row["change_type"] == "finding_fixed"] == []
    assert {row["item"]: row["after_value"] for row in changes if row["item"].startswith("findings ")} == {
        "findings new": 0, "findings fixed": 0, "findings withdrawn": 0, "findings unchanged": 1,
    }  # fmt: skip


def test_stages_of_the_graph_and_of_the_command_line_are_the_same_to_a_gate(tmp_path):
    stages = ("validate", "validation", "extract", "extraction", "expectation")
    found = [finding("0.3.1", "critical", stage=stage) for stage in stages]
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], findings=found)
    assert checks_of(readiness.assess(connection, AS_OF))["no_critical"]["value"] == 4  # the last is no validator's


def test_duplicates_among_files_that_stay_do_not_stop_a_candidate(tmp_path):
    twice = [_elsewhere(5, "X"), activity(6, dataset="third", activity_key="third#6", iati_identifier="X")]
    _, connection = warehouse_with(tmp_path, "now", [activity(1), *twice])
    assert checks_of(readiness.assess(connection, AS_OF))["no_duplicate_identifier"]["value"] == 1
    alone = checks_of(readiness.assess(connection, AS_OF, candidate=["made"]))
    assert alone["no_duplicate_identifier"]["value"] == 0
    fill(connection, {"core.iati_activity": [_elsewhere(7, f"{REPORTER}-A1")]})
    shared = checks_of(readiness.assess(connection, AS_OF, candidate=["made"]))
    assert shared["no_duplicate_identifier"]["verdict"] == "fail"


@pytest.mark.parametrize(("shared", "replaced"), [(1, []), (2, ["other"])])
def test_half_of_the_activities_make_a_replacement_fewer_are_duplicates(tmp_path, shared, replaced):
    others = [
        _elsewhere(number, f"{REPORTER}-A{number - 4}" if number - 4 <= shared else None) for number in range(5, 9)
    ]
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2), *others])
    assert replaced_datasets(connection, ["made"]) == replaced


def test_files_that_came_went_changed_or_moved(tmp_path):
    def snapshot(dataset, sha, url):
        return {"dataset": dataset, "source": "iati_ilo", "sha256": sha, "bytes": 10, "url": url, "is_current": True}

    names = ("kept", "gone", "new", "changed", "moved")
    activities = {name: activity(n, dataset=name, activity_key=f"{name}#{n}") for n, name in enumerate(names)}
    before = [("kept", "1", "a"), ("gone", "2", "b"), ("changed", "3", "c"), ("moved", "4", "d")]
    path, published = warehouse_with(tmp_path, "published", [activities[name] for name, *_ in before])
    fill(published, {"audit.snapshot": [snapshot(*one) for one in before]})
    published.close()
    now = [("kept", "1", "a"), ("new", "5", "b"), ("changed", "6", "file:///c"), ("moved", "4", "e")]
    _, connection = warehouse_with(tmp_path, "now", [activities[name] for name, *_ in now])
    fill(connection, {"audit.snapshot": [snapshot(*one) for one in now]})
    rows = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    found = {(row["change_type"], row["item"]) for row in rows if row["change_type"].startswith(("file", "address"))}
    assert found == {("file_added", "new"), ("file_removed", "gone"), ("file_changed", "changed"),
                     ("address_changed", "moved: d is now e")}  # fmt: skip


def test_scores_are_set_beside_the_published_ones(tmp_path):
    path, published = warehouse_with(tmp_path, "published", [activity(1, activity_status_code="2")])
    store(published, readiness.evaluate(published, AS_OF))
    published.close()
    titled = activity(1, activity_status_code="2", title="A title of some length")
    _, connection = warehouse_with(tmp_path, "now", [titled])
    rows = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    scores = {row["item"]: row["difference"] for row in rows if row["change_type"] == "score"}
    # One of ten core elements, which are half of comprehensive, which is a third of the score: 100 / 10 / 2 / 3.
    assert scores["IATI Publishing Statistics: Title"] == pytest.approx(100 / 60)
    assert scores["IATI Publishing Statistics"] == pytest.approx(1.67, abs=0.011)
    assert scores["UN Data Standards completeness"] == 0


def test_new_errors_hold_and_known_ones_do_not(tmp_path, before):
    activities = [activity(number) for number in range(1, 21)]
    money = [transaction(number, 100) for number in range(1, 21)]
    known = [finding("6.11.1"), finding("9.1.1", "warning")]
    _, connection = warehouse_with(tmp_path, "now", activities, money, known)
    assert checks_of(readiness.assess(connection, AS_OF, published=before))["no_new_errors"]["verdict"] == "pass"
    fill(connection, {"audit.finding": [finding("6.11.1")]})  # once more in the same activity
    answer = readiness.assess(connection, AS_OF, published=before)
    assert checks_of(answer)["no_new_errors"]["value"] == 1


def test_changes_are_told_one_by_one(tmp_path):
    path = published_with(
        tmp_path,
        activities=[activity(1), activity(2), activity(3)],
        transactions=[transaction(1, 100), transaction(2, 50, "Donor B", year=2025)],
        findings=[finding("6.11.1"), finding("2.1.2"), finding("4.3.1")],
    )
    _, connection = warehouse_with(
        tmp_path,
        "now",
        [activity(1), activity(2, title="Renamed"), activity(4)],
        [transaction(1, 130), transaction(2, 50, "Donor B", year=2025)],
        [finding("6.11.1"), finding("2.1.2"), finding("2.1.2", identifier=f"{REPORTER}-A4")],
    )
    changes = readiness.assess(connection, AS_OF, published=path).tables["mart.readiness_change"].to_pylist()
    found = {(row["change_type"], row["item"]): row["difference"] for row in changes}
    assert found[("summary", "activity added")] == 1
    assert ("activity_added", f"{REPORTER}-A4") in found
    assert ("activity_removed", f"{REPORTER}-A3") in found
    changed = {item for kind, item in found if kind == "activity_changed"}
    assert changed == {f"{REPORTER}-A1", f"{REPORTER}-A2"}  # the amount of one, the title of the other
    assert found[("money_by_year", "2026, incoming funds (type 1)")] == 30
    assert ("money_by_year", "2025, incoming funds (type 1)") not in found
    assert found[("money_by_donor", "Donor A, incoming funds (type 1)")] == 30
    assert found[("finding_new", "2.1.2 (error)")] == 1
    assert found[("finding_fixed", "4.3.1 (error)")] == -1
    assert found[("finding_unchanged", "6.11.1 (error)")] == 0


def _waived(until):
    declared = load_gates()
    return GateSet(declared.gates, (Waiver("no_duplicate_identifier", until, "Head of unit", "Known since May."),))


def test_waiver_until_its_day(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2, iati_identifier=f"{REPORTER}-A1")])
    waived = readiness.assess(connection, AS_OF, _waived(AS_OF))
    assert checks_of(waived)["no_duplicate_identifier"]["verdict"] == "waived"
    assert waived.decision == "publish with waivers"
    lapsed = readiness.assess(connection, AS_OF, _waived(date(2026, 11, 19)))
    assert checks_of(lapsed)["no_duplicate_identifier"]["verdict"] == "fail"
    assert "lapsed" in checks_of(lapsed)["no_duplicate_identifier"]["detail"]


def test_gate_that_does_not_hold_asks_for_a_waiver(tmp_path):
    declared = load_gates()
    soft = replace(declared.gates[2], holds=False)
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2, iati_identifier=f"{REPORTER}-A1")])
    answer = readiness.assess(connection, AS_OF, GateSet((soft,)))
    assert answer.decision == "publish with waivers"
    assert answer.has_failed


def test_all_gates_passed_means_publish(tmp_path):
    declared = load_gates()
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    assert readiness.assess(connection, AS_OF, GateSet(declared.gates[:1])).decision == "publish"


@pytest.mark.parametrize(
    ("gate", "waivers", "words"),
    [
        ("on_fail: stop", "waivers: []", "write hold or waive"),
        ("on_fail: hold, at_most: many", "waivers: []", "must be a number"),
        ("on_fail: hold", "waivers: [{gate: other, until: 2026-01-01, approved_by: x, why: y}]", "no gate"),
        ("on_fail: hold", "waivers: [{gate: g, until: soon, approved_by: x, why: y}]", "must be a date"),
        ("on_fail: hold", "waivers: [{gate: g, until: 2026-01-01, approved_by: x, why: y, up_to: all}]", "a number"),
        ("on_fail: hold, look_at: money", "waivers: []", "changes, findings, reconciliation"),
    ],
)
def test_malformed_declarations_name_the_file(tmp_path, gate, waivers, words):
    rest = "" if "at_most" in gate else ", at_most: 1"
    body = f"gates:\n  - {{id: g, name: n, needs: [t], sql: s, unit: u, why: w, fix: f, {gate}{rest}}}\n"
    (tmp_path / "gates.yml").write_text(body)
    (tmp_path / "waivers.yml").write_text(waivers)
    with pytest.raises(SpecError, match=words):
        load_gates(tmp_path)


def test_a_file_of_another_publisher_is_held(tmp_path, before):
    strange = {"reporting_org_ref": "XM-DAC-41114"}
    others = [activity(n, dataset="other", activity_key=f"other#{n}", **strange) for n in (31, 32)]
    _, connection = warehouse_with(tmp_path, "now", [*(activity(n) for n in range(1, 21)), *others])
    answer = readiness.assess(connection, AS_OF, published=before, candidate=["other"])
    assert (checks_of(answer)["same_publisher"]["value"], answer.decision) == (2, "hold")
    own = readiness.assess(connection, AS_OF, published=before, candidate=["made"])
    assert checks_of(own)["same_publisher"]["verdict"] == "pass"


def test_without_another_version_at_hand_the_comparison_of_the_refresh_stands(tmp_path, before):
    _, connection = warehouse_with(tmp_path, "now", [activity(number) for number in range(1, 19)])
    refreshed = readiness.assess(connection, AS_OF, published=before)
    store(connection, refreshed.tables)
    again = readiness.assess(connection, AS_OF)
    assert checks_of(again)["activities_kept"]["value"] == 10
    assert again.tables["mart.readiness_check"] == refreshed.tables["mart.readiness_check"]
    assert again.tables["mart.readiness_change"] == refreshed.tables["mart.readiness_change"]
    # Another day is another question: the refresh did not answer it.
    later = readiness.assess(connection, date(2026, 11, 21))
    assert checks_of(later)["activities_kept"]["verdict"] == "not_evaluated"
    assert later.tables["mart.readiness_change"].num_rows == 0


@pytest.mark.parametrize(("up_to", "verdict"), [(None, "waived"), (2, "waived"), (1, "fail")])
def test_a_waiver_covers_what_was_accepted_and_not_more(tmp_path, up_to, verdict):
    twice = [activity(n, iati_identifier=f"{REPORTER}-A{n % 2}") for n in range(1, 5)]
    _, connection = warehouse_with(tmp_path, "now", twice)
    waiver = Waiver("no_duplicate_identifier", AS_OF, "Head of unit", "Known since May.", up_to)
    check = checks_of(readiness.assess(connection, AS_OF, GateSet(load_gates().gates, (waiver,))))[waiver.gate]
    assert (check["value"], check["verdict"]) == (2, verdict)
    assert verdict != "fail" or check["detail"] == "the waiver of Head of unit covers up to 1"


def test_of_two_waivers_the_one_in_force_counts_wherever_it_stands(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2, iati_identifier=f"{REPORTER}-A1")])
    in_force, lapsed = (_waived(day).waivers[0] for day in (AS_OF, date(2026, 1, 1)))
    for waivers in ((in_force, lapsed), (lapsed, in_force)):
        answer = readiness.assess(connection, AS_OF, GateSet(load_gates().gates, waivers))
        assert checks_of(answer)["no_duplicate_identifier"]["verdict"] == "waived"
