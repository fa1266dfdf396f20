"""The readiness page in a real browser: no console error, every section, filters that work, links that resolve."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from ilo_iati import readiness
from ilo_iati.readiness.questions import answer_all, load_sections
from ilo_iati.readiness.reading import relations
from tests.pipeline.browser import WIDTHS, assert_reachable, assert_well_built, look
from tests.unit.readiness.made import activity, demo, empty_warehouse, fill, store

AS_OF = date(2026, 11, 20)
SECTIONS = ("verdict", "changes", "contributions", "indicators", "scores", "fixes", "offices", "findings", "timeliness",
            "freshness", "basis", "lineage", *(section.id for section in load_sections()))  # fmt: skip
PUBLISHER = Path(__file__).resolve().parents[1] / "golden" / "publishers" / "complete.yml"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """A page with something in every section: changes against an earlier warehouse, two days of history, an office."""
    folder = tmp_path_factory.mktemp("page")
    connection, before = demo(), empty_warehouse(str(folder / "before.duckdb"))
    fill(connection, yaml.safe_load(PUBLISHER.read_text(encoding="utf-8"))["tables"])
    fill(before, {"core.iati_activity": [activity(7)]})
    before.close()
    connection.execute("UPDATE core.iati_activity SET capital_spend_pct = NULL WHERE activity_key = 'made#1'")
    earlier = readiness.evaluate(connection, date(2026, 10, 20))["mart.readiness_history"].to_pylist()
    readiness.append_history(folder, date(2026, 10, 20), earlier)
    answer = readiness.assess(connection, AS_OF, published=folder / "before.duckdb", history=folder)
    store(connection, answer.tables)
    return readiness.render(connection, folder / "readiness.html", AS_OF)


def test_sections_landmarks_links_and_headers(page):
    assert_well_built(page.read_text(encoding="utf-8"), SECTIONS)


def test_sample_and_real_are_told_apart(page):
    text = page.read_text(encoding="utf-8")
    banner = text[text.index('id="illustrative-banner"') : text.index("<header>")]
    assert "IATI activities" in banner.split("Real, as published")[0]
    assert "UN CEB revenue" in banner.split("Real, as published")[1]
    assert "USD 266.8 million a year" in text


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [("ink", "paper"), ("soft", "paper"), ("soft", "wash"), ("blue", "paper"), ("good", "goodwash"),
     ("warn", "warnwash"), ("bad", "badwash"), ("soft", "goodwash"), ("soft", "warnwash"), ("soft", "badwash")],
)  # fmt: skip
def test_contrast(page, text, ground):
    colours = _colours(page.read_text(encoding="utf-8"))
    assert _contrast(colours[text], colours[ground]) >= 4.5


# -- in a browser: one Chromium shows the page at three widths, and the page of fifty thousand findings ----------------

OWN = """
  function shown(id) {
    var rows = list(document.querySelectorAll('#' + id + ' tr'));
    return rows.filter(function (row) { return row.offsetParent !== null; });
  }
  function set(form, name, value) {
    form.elements[name].value = value;
    var began = performance.now();
    form.dispatchEvent(new Event('input', {bubbles: true}));
    return performance.now() - began;
  }
  var form = document.getElementById('finding-filters');
  out.all = shown('finding-rows').length;
  out.milliseconds = set(form, 'severity', 'error');
  out.severities = shown('finding-rows').map(function (row) { return row.dataset.severity; });
  out.said = document.getElementById('finding-count').textContent;
  out.csv = window.csvOf(document.querySelector('table[data-name="findings"]')).split('\\r\\n').length;
  set(form, 'severity', '');
  set(form, 'dataset', 'made-1');
  out.datasets = shown('finding-rows').map(function (row) { return row.dataset.datasets; });
  set(form, 'dataset', '');
  set(form, 'words', '6.3.1');
  out.rules = shown('finding-rows').map(function (row) { return row.cells[0].textContent; });
  set(form, 'words', '');
  var offices = document.querySelector('form[data-filters="office-rows"]');
  if (offices) {
    set(offices, 'words', 'tgo');
    out.offices = shown('office-rows').map(function (row) { return row.textContent.replace(/\\s+/g, ' ').trim(); });
    set(offices, 'words', '');
  }
  window.dispatchEvent(new Event('beforeprint'));
  window.dispatchEvent(new Event('resize'));
  out.folded = document.querySelectorAll('details:not([open])').length;
  measure();
  window.dispatchEvent(new Event('afterprint'));
  out.folded_again = document.querySelectorAll('details:not([open])').length > 0;
"""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory) -> Path:
    """The page of a warehouse with fifty thousand findings under 120 rules in 5,000 activities."""
    connection = demo()
    connection.execute(
        "INSERT INTO audit.finding (run_id, stage, dataset, rule_id, severity, identifier, activity_index, line, "
        "xpath, message, fix) SELECT 'r1', 'validation', 'made-' || i % 14, '9.' || i % 120 || '.1', "
        "['error', 'warning', 'advisory'][1 + i % 3], 'XM-DAC-41302-' || i % 5000, i % 5000, i, '/iati-activities', "
        "'The code is not on its list.', 'Use a code of the list.' FROM range(50000) AS t(i)"
    )
    store(connection, readiness.evaluate(connection, AS_OF))
    return readiness.render(connection, tmp_path_factory.mktemp("crowded") / "readiness.html", AS_OF)


@pytest.fixture(scope="module")
def seen(page, crowded, tmp_path_factory) -> tuple[dict[str, dict], str]:
    """What a script at the end of each page found, by name of the view; and what the browser logged."""
    views = {name: (page, width) for name, width in WIDTHS.items()} | {"crowded": (crowded, 1280)}
    return look(views, OWN, tmp_path_factory.mktemp("browser"))


def test_browser_shows_every_view_without_an_error(seen):
    found, log = seen
    assert set(found) == {*WIDTHS, "crowded"}, log
    assert "CONSOLE" not in log, log


@pytest.mark.parametrize("view", WIDTHS)
def test_filters_work(seen, view):
    found = seen[0][view]
    assert found["all"] == 12
    assert found["severities"] == ["error"] * 4
    assert found["said"] == "4 of 12 rules shown"
    assert found["csv"] == 1 + 4, "the CSV holds the heading and what is shown"
    assert found["datasets"]
    assert all("made-1" in datasets for datasets in found["datasets"])
    assert found["rules"]
    assert set(found["rules"]) == {"6.3.1"}
    assert len(found["offices"]) == 1
    assert found["offices"][0].startswith("TGO+0.93+0.80"), "an office's row tells what its corrections gain"


@pytest.mark.parametrize("view", WIDTHS)
def test_nothing_sticks_out_and_everything_is_reached_by_keyboard(seen, view):
    assert_reachable(seen[0][view], "Skip to the verdict")


def test_print_unfolds_and_folds_again(seen):
    assert seen[0]["desktop"]["folded"] == 0
    assert seen[0]["desktop"]["folded_again"]


def test_fifty_thousand_findings_leave_the_page_usable(seen, crowded):
    assert crowded.stat().st_size < 1_000_000
    text = crowded.read_text(encoding="utf-8")
    assert "50,012 findings" in text
    found = seen[0]["crowded"]
    assert found["all"] == 120 + 12
    assert set(found["severities"]) == {"error"}
    assert found["milliseconds"] < 250


def test_sample_page_tells_of_the_alarm(warehouse):
    """The graph's own warehouse: the alarm stands in the findings and in its table; the gates see the validator."""
    alarms = warehouse.execute("SELECT message FROM audit.finding WHERE rule_id = 'readiness.grade_at_risk'").fetchall()
    kept = warehouse.execute("SELECT alarm FROM mart.readiness_timeliness WHERE alarm IS NOT NULL").fetchall()
    assert alarms
    assert sorted(alarms) == sorted(kept)
    checked = "SELECT count(*) FROM audit.finding WHERE rule_id = 'expect.column_values_to_be_null' AND dataset = "
    assert warehouse.execute(checked + "'mart.readiness_timeliness'").fetchall() == [(1,)]
    critical = "SELECT count(*) FROM audit.finding WHERE severity = 'critical' AND stage = 'validation'"
    gate = "SELECT value FROM mart.readiness_check WHERE check_id = 'no_critical'"
    assert warehouse.execute(gate).fetchall() == warehouse.execute(critical).fetchall()


def test_parts_of_the_offices_add_up_in_the_sample(warehouse):
    """Over all offices of the sample, correction by correction; what is rounded is each office's part."""
    apart = warehouse.execute(
        "SELECT fix_code, framework_code, sum(gain_points), any_value(gain) FROM mart.readiness_fix_office "
        "JOIN (SELECT fix_code, framework_code, gain_points AS gain FROM mart.readiness_fix) "
        "USING (fix_code, framework_code) GROUP BY ALL HAVING abs(sum(gain_points) - any_value(gain)) > 0.005"
    ).fetchall()
    assert apart == []
    counted = "SELECT count(*), count(DISTINCT office_code) FROM mart.readiness_fix_office"
    lines, offices = warehouse.execute(counted).fetchone()
    assert lines > 500
    assert offices > 20
    # Every line of an office's work leads to its gain.
    lost = warehouse.execute(
        "SELECT count(*) FROM mart.readiness_score_activity AS a ANTI JOIN mart.readiness_fix_office AS o "
        "ON o.office_code = coalesce(a.office_code, 'none') AND o.fix_code = a.fix_code "
        "AND o.framework_code = a.framework_code"
    ).fetchone()
    assert lost == (0,)


def test_every_question_of_the_page_is_answered_from_the_sample(warehouse):
    answered = answer_all(warehouse, date(2026, 11, 23), relations(warehouse))
    assert [(section.id, one.missing) for section, tables in answered for one in tables if one.missing] == []
    for _, tables in answered:
        for one in tables:
            assert one.rows, one.question.caption
            assert {column.name for column in one.question.columns} <= set(one.rows[0])
