"""The readiness page in a real browser: no console error, every section, filters that work, links that resolve."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from ilo_iati import readiness
from ilo_iati.readiness.questions import answer_all, load_sections
from ilo_iati.readiness.reading import relations
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


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag in ("a", "link", "script", "img"):
            self.links += [found[key] for key in ("href", "src") if found.get(key)]


def test_sections_landmarks_and_links(page):
    found = _Reader(page.read_text(encoding="utf-8"))
    assert [name for name in SECTIONS if name not in found.ids] == []
    assert len(found.ids) == len(set(found.ids))
    assert {"header", "main", "nav", "footer"} <= {tag for tag, _ in found.tags}
    assert [link for link in found.links if not link.startswith(("#", "data:,"))] == [], "the page needs no network"
    assert [link for link in found.links if link.startswith("#") and link[1:] not in found.ids] == []


def test_tables_have_headers_with_scope_and_headings_do_not_jump(page):
    found = _Reader(page.read_text(encoding="utf-8"))
    assert [attrs for tag, attrs in found.tags if tag == "th" and attrs.get("scope") not in ("col", "row")] == []
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


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

WIDTHS = {"desktop": 1280, "tablet": 700, "phone": 390}
PROBE = """
<script>(function () {
  function list(found) { return Array.prototype.slice.call(found); }
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
  var form = document.getElementById('finding-filters'), out = {name: document.body.dataset.probe};
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
  if (offices) { set(offices, 'words', 'tgo'); out.offices = shown('office-rows').length; }
  window.dispatchEvent(new Event('beforeprint'));
  window.dispatchEvent(new Event('resize'));
  out.folded = document.querySelectorAll('details:not([open])').length;
  var wide = document.documentElement;
  out.over = wide.scrollWidth - wide.clientWidth;
  out.unreachable = list(document.querySelectorAll('.scroll')).filter(function (box) {
    return box.scrollWidth > box.clientWidth + 1 && box.tabIndex < 0;
  }).map(function (box) { return box.querySelector('table').dataset.name || box.textContent.trim().slice(0, 40); });
  out.nameless = list(document.querySelectorAll('a, button, select, input, summary')).filter(function (one) {
    var label = one.id && document.querySelector('label[for="' + one.id + '"]');
    return !(one.textContent.trim() || one.getAttribute('aria-label') || label);
  }).length;
  out.first = document.querySelector('a, button, select, input').textContent;
  window.dispatchEvent(new Event('afterprint'));
  out.folded_again = document.querySelectorAll('details:not([open])').length > 0;
  parent.postMessage(JSON.stringify(out), '*');
}());</script></body>
"""


def _browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip("needs Chromium, which is not installed here")
    return found


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
    folder, frames = tmp_path_factory.mktemp("browser"), []
    views = {name: (page, width) for name, width in WIDTHS.items()} | {"crowded": (crowded, 1280)}
    for name, (file, width) in views.items():
        text = file.read_text(encoding="utf-8").replace("<body>", f'<body data-probe="{name}">')
        (folder / f"{name}.html").write_text(text.replace("</body>", PROBE), encoding="utf-8")
        frames.append(f'<iframe src="{name}.html" width="{width}" height="800" style="border:0"></iframe>')
    host = folder / "host.html"
    host.write_text(
        "<body><pre id='found'></pre><script>addEventListener('message', function (event) {"
        "document.getElementById('found').textContent += event.data + '\\n'; });</script>" + "".join(frames)
    )
    done = subprocess.run(
        [_browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
         f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900", "--virtual-time-budget=5000", "--dump-dom",
         host.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    found = [json.loads(unescape(line)) for line in told.group(1).splitlines()] if told else []
    return {one["name"]: one for one in found}, done.stderr


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
    assert found["offices"] == 1


@pytest.mark.parametrize("view", WIDTHS)
def test_nothing_sticks_out_and_everything_is_reached_by_keyboard(seen, view):
    found = seen[0][view]
    assert found["over"] <= 0
    assert found["unreachable"] == [], "a box that scrolls must take the focus"
    assert found["nameless"] == 0
    assert found["first"] == "Skip to the verdict"


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


def test_every_question_of_the_page_is_answered_from_the_sample(warehouse):
    answered = answer_all(warehouse, date(2026, 11, 23), relations(warehouse))
    assert [(section.id, one.missing) for section, tables in answered for one in tables if one.missing] == []
    for _, tables in answered:
        for one in tables:
            assert one.rows, one.question.caption
            assert {column.name for column in one.question.columns} <= set(one.rows[0])
