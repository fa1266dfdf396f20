"""The indicator page in a real browser: no console error, every section and chart, links that resolve."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ilo_iati.indicators import compute
from ilo_iati.indicators.page import render
from ilo_iati.indicators.paper import compose
from ilo_iati.spec.indicator import load_register
from tests.pipeline.browser import WIDTHS, assert_reachable, assert_well_built, look
from tests.unit.indicators.ceb import warehouse_with_ceb
from tests.unit.marts.warehouse import build

AS_OF = date(2026, 11, 23)
REGISTER = load_register()
SECTIONS = ("summary", "results-in-iati", "method", "evidence", *(one.id for one in REGISTER))
OWN = """
  out.folded = document.querySelectorAll('details').length;
  list(document.querySelectorAll('details')).forEach(function (part) { part.open = true; });
  out.charts = list(document.querySelectorAll('article svg[role="img"]')).filter(function (chart) {
    return chart.getBoundingClientRect().width > 250 && chart.getBoundingClientRect().height > 100;
  }).length;
  // A label must not lie on a dot: its halo would hide the figure.
  out.hidden = list(document.querySelectorAll('article svg')).filter(function (chart) {
    var label = chart.querySelector('.label.aim');
    if (!label) { return false; }
    var box = label.getBBox();
    return list(chart.querySelectorAll('circle')).some(function (dot) {
      var x = dot.cx.baseVal.value, y = dot.cy.baseVal.value;
      return x > box.x && x < box.x + box.width && y > box.y + 2 && y < box.y + box.height;
    });
  }).map(function (chart) { return chart.getAttribute('aria-label').slice(0, 3); });
  out.small = Math.min.apply(null, list(document.querySelectorAll('article svg text')).map(function (text) {
    var chart = text.ownerSVGElement;
    return parseFloat(getComputedStyle(text).fontSize) * chart.clientWidth / chart.viewBox.baseVal.width;
  }));
  measure();
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The page of UN CEB's real figures, with the whole register."""
    connection = warehouse_with_ceb()
    build(connection)
    paper = compose(connection, REGISTER, compute(connection, REGISTER, AS_OF), AS_OF)
    file = tmp_path_factory.mktemp("page") / "indicators.html"
    file.write_text(render(paper), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def seen(page, tmp_path_factory):
    """What the browser found at each width, and what it logged."""
    return look({name: (page, width) for name, width in WIDTHS.items()}, OWN, tmp_path_factory.mktemp("browser"))


def test_sections_landmarks_links_and_headers(page):
    assert_well_built(page.read_text(encoding="utf-8"), SECTIONS)


def test_browser_shows_every_view_without_an_error(seen):
    found, log = seen
    assert set(found) == set(WIDTHS), log
    assert "CONSOLE" not in log, log


@pytest.mark.parametrize("view", WIDTHS)
def test_nothing_sticks_out_and_everything_is_reached_by_keyboard(seen, view):
    assert_reachable(seen[0][view], "Skip to the summary")


@pytest.mark.parametrize("view", WIDTHS)
def test_charts_can_be_read(seen, page, view):
    found = seen[0][view]
    assert found["charts"] == page.read_text(encoding="utf-8").count('<svg viewBox="0 0 440 240" role="img')
    assert found["hidden"] == [], "a label covers a dot"
    assert found["small"] >= 9.5, "letters of a chart, in pixels"
