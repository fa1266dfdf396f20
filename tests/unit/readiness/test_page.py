"""The top of the page: the verdict gives its reasons, gates lead to what they found, critical files qualify scores."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ilo_iati import readiness
from ilo_iati.cli.ready import _gate_line
from ilo_iati.readiness.gates import GateSet, Waiver, load_gates
from tests.unit.readiness.compared import finding, published_with, warehouse_with
from tests.unit.readiness.made import REPORTER, activity, fill

pytestmark = pytest.mark.slow
AS_OF = date(2026, 11, 20)


def _page(tmp_path, connection, answer):
    return readiness.render(connection, tmp_path / "page.html", AS_OF, answer.tables).read_text(encoding="utf-8")


def _verdict(text):
    box = text[text.index('<div class="verdict') :]
    inline = re.sub("</?(strong|span|a)[^>]*>", "", box[: box.index("</div>")])
    return " ".join(re.sub("<[^>]+>", " ", inline).split())


def test_hold_names_the_gates_that_failed_and_leads_to_what_they_found(tmp_path):
    path = published_with(tmp_path, activities=[activity(1), activity(2)])
    found = [finding("0.3.1", "critical"), finding("6.11.1")]
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], findings=found)
    answer = readiness.assess(connection, AS_OF, published=path)
    text = _page(tmp_path, connection, answer)
    said = _verdict(text)
    assert "No critical finding: 1 findings, allowed 0" in said
    assert "Activities kept: 50 % of published activities missing, allowed 5" in said
    assert "No identifier used twice" not in said
    links = dict(re.findall(r'<li><strong>([^<]+)</strong>[^\n]*?<a href="#(\w+)"', text))
    assert links["No critical finding"] == "findings"
    assert links["Activities kept"] == links["No new error against the published version"] == "changes"
    assert "critical findings" in text[text.index('id="scores"') :].split("</section>")[0]


def test_waivers_name_what_someone_has_to_accept(tmp_path):
    declared = [gate for gate in load_gates().gates if gate.id in ("no_duplicate_identifier", "activities_kept")]
    waiver = Waiver("no_duplicate_identifier", AS_OF, "Head of unit", "Known since May.")
    _, connection = warehouse_with(tmp_path, "now", [activity(1), activity(2, iati_identifier=f"{REPORTER}-A1")])
    answer = readiness.assess(connection, AS_OF, GateSet(tuple(declared), (waiver,)))
    said = _verdict(_page(tmp_path, connection, answer))
    accepted = "1 identifiers, allowed 0; waived: Known since May. (Head of unit, until 2026-11-20)"
    assert f"No identifier used twice: {accepted}" in said
    assert "Activities kept: not evaluated, no published version to compare with" in said


def test_a_candidate_is_named_as_what_is_under_review(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    public = {"source": "iati_ilo", "dataset": "stays", "is_current": True}
    fill(connection, {"audit.snapshot": [public, {"source": "candidate", "dataset": "new-file", "is_current": True}]})
    text = _page(tmp_path, connection, readiness.assess(connection, AS_OF, candidate=["new-file"]))
    assert "Under review, not yet published: <strong>new-file</strong>" in text
    connection.execute("DELETE FROM audit.snapshot WHERE source = 'candidate'")
    assert "Under review" not in _page(tmp_path, connection, readiness.assess(connection, AS_OF))


def test_publish_needs_no_reason(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1)])
    answer = readiness.assess(connection, AS_OF, GateSet(load_gates().gates[:1]))
    text = _page(tmp_path, connection, answer)
    assert _verdict(text) == "Verdict Publish Every gate was evaluated and passed."
    assert "critical findings" not in text


def test_what_is_no_activity_is_not_counted_as_one_and_the_alarm_is_told_once(tmp_path):
    _, connection = warehouse_with(tmp_path, "now", [activity(1)], findings=[finding("0.1.1", identifier="file")])
    alarm = {**finding("expect.column_values_to_be_null", "warning", "file", "expectation")}
    fill(connection, {"audit.finding": [alarm | {"dataset": "mart.readiness_timeliness"}]})
    text = _page(tmp_path, connection, readiness.assess(connection, AS_OF))
    rows = text[text.index('id="finding-rows"') :].split("</tbody>")[0]
    assert "expect." not in rows
    assert '<td data-label="Activities" class="number empty"></td>' in rows
    assert "1 finding under 1 rule." in text


def test_figures_of_gates_are_written_as_people_write_them():
    row = {
        "verdict": "pass",
        "check_name": "Kept",
        "value": 1234.0,
        "threshold": 0.01,
        "unit": "findings",
        "detail": "",
    }
    assert _gate_line(row).split(maxsplit=1)[1] == "Kept (1,234 findings, allowed 0.01)"
    lapsed = {**row, "verdict": "fail", "fix": "Mend it.", "detail": "the waiver of Ann lapsed on 2026-01-01"}
    assert _gate_line(lapsed).endswith("allowed 0.01): Mend it. (the waiver of Ann lapsed on 2026-01-01)")
    assert _gate_line({**row, "value": 9.996}).endswith("(10.00 findings, allowed 0.01)")
