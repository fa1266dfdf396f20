"""The page, its charts and the files beside it: what they say, that they need nothing else, and that bytes repeat."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pyarrow.parquet as pq
import pytest
from lxml import etree, html
from openpyxl import load_workbook

from ilo_iati.indicators import compute
from ilo_iati.indicators.chart import HEIGHT, WIDTH, Mark, Plot, Point, draw
from ilo_iati.indicators.export import write
from ilo_iati.indicators.page import render
from ilo_iati.indicators.paper import compose
from ilo_iati.indicators.workbook import workbook
from ilo_iati.spec.indicator import load_register, parse_what_if
from tests.unit.indicators.conftest import AS_OF

PLOT = Plot(
    name="X01 Share <of> it, per cent",
    words="Baseline 2012–2017: 10.0.",
    actuals=[
        Point(2017, 10.0), Point(2018, 12.0), Point(2020, 13.0), Point(2021, 14.0, True, False),
        Point(2025, 9.0, False),
    ],
    others=[[Point(2018, 11.0), Point(2019, 11.5)]],
    window=(2012, 2017),
    baseline=10.0,
    path=[(2017, 10.0), (2027, 20.0)],
    target=(2027, 20.0),
    marks=[Mark("a", 2021, 2022)],
)  # fmt: skip


@pytest.fixture(scope="module")
def paper(ceb, tables):
    return compose(ceb, load_register(), tables, AS_OF)


@pytest.fixture(scope="module")
def text(paper):
    return render(paper)


@pytest.fixture(scope="module")
def page(text):
    return html.fromstring(text)


def drawn(plot: Plot) -> etree._Element:
    return etree.fromstring(draw(plot))


def test_the_chart_shows_band_path_actuals_target_and_breaks():
    chart = drawn(PLOT)
    assert chart.get("aria-label") == "X01 Share <of> it, per cent. Baseline 2012–2017: 10.0."
    assert len(chart.findall("rect[@class='window']")) == 1
    assert chart.find("path[@class='target']/title").text == "target 20.0 in 2027"
    assert len(chart.findall("line[@class='break']")) == 2
    assert "a" in [found.text for found in chart.findall("text[@class='letter']")]
    assert "baseline 10.0" in [found.text for found in chart.findall("text[@class='label']")]
    dots = {found.findtext("title"): found.get("class") for found in chart.findall("circle")}
    assert dots["2018: 12.0"] == "dot"
    assert (dots["2021: 14.0"], dots["2025: 9.0"]) == ("dot hollow", "dot hollow")


def test_no_line_is_drawn_over_a_gap_a_break_or_into_a_year_that_is_not_over():
    runs = [found.get("points").count(",") for found in drawn(PLOT).findall("polyline[@class='actual']")]
    # 2017-18 joined; 2020, 2021 (measured otherwise) and 2025 (not over) stand alone.
    assert runs == [2, 1, 1, 1]


def test_everything_stays_inside_the_picture():
    for plot in (PLOT, replace(PLOT, actuals=[Point(2013, -4.0), Point(2014, 1234567.0)], baseline=None, path=[])):
        chart = drawn(plot)
        xs = [float(x) for found in chart.iter() for x in (found.get("cx"), found.get("x")) if x]
        ys = [float(y) for found in chart.iter() for y in (found.get("cy"), found.get("y")) if y]
        assert 0 <= min(xs) <= max(xs) <= WIDTH
        assert 0 <= min(ys) <= max(ys) <= HEIGHT


def test_the_scale_puts_values_where_they_belong():
    # 0 to 20 in steps of 5: the target lies on the topmost line, the baseline in the middle.
    chart = drawn(PLOT)
    lines = {found.text: float(found.get("y")) for found in chart.findall("text[@class='tick']")}
    assert {"0", "5", "10", "15", "20"} <= set(lines)
    base = float(chart.find("line[@class='base']").get("y1"))
    assert base == pytest.approx(lines["10"] - 4)
    assert base == pytest.approx((lines["0"] + lines["20"]) / 2 - 4)


def test_the_target_label_moves_over_dots_just_above_the_target():
    # The dot of 2026 stands under the label and just above the target; the one of 2017 is far from it.
    plot = replace(PLOT, actuals=[Point(2026, 21.0), Point(2017, 24.0)], path=[(2017, 10.0), (2027, 20.0)])
    chart, lower = drawn(plot), drawn(replace(plot, actuals=[Point(2026, 19.0), Point(2017, 24.0)]))
    label, plain = (float(one.find("text[@class='label aim']").get("y")) for one in (chart, lower))
    dots = {found.findtext("title"): float(found.get("cy")) for found in chart.findall("circle")}
    assert label == pytest.approx(dots["2026: 21.0"] - 11)
    assert plain > label


def test_every_indicator_has_its_card_with_definition_sources_and_formula(page):
    for one in load_register():
        card = page.get_element_by_id(one.id)
        words = " ".join(card.text_content().split())
        assert one.definition in words
        assert f"warehouse/marts/indicators/{one.id}.sql" in words
        assert f"GB.334/INS/3/1, paragraph{'s' if len(one.paragraphs) > 1 else ''} {', '.join(one.paragraphs)}" in words
        assert all(name in words for name in one.headline.inputs)
        assert card.findall(".//svg") or "No value." in words


def test_the_summary_tells_baseline_target_path_and_status(page):
    rows = {
        row.find("th").text_content().split()[0]: [" ".join(cell.text_content().split()) for cell in row.findall("td")]
        for row in page.get_element_by_id("summary").iter("tr")
        if row.find("td") is not None
    }
    assert list(rows) == [one.id for one in load_register()]
    assert rows["F03"] == ["38.7", "45.0 by 2023 unverified", "43.1 (2024)", "45.0", "on track"]
    assert rows["F05"] == ["7.6 (2018)", "15.0 by 2023 unverified", "10.6 (2024)", "15.0", "off track"]
    assert rows["F04"][0] == "0 of 4 years"


def test_the_page_needs_no_network_and_no_script(text, page):
    assert not re.findall(r"(?:src|href)=[\"'](?!#|data:,)", text)
    assert not re.findall(r"url\(|@import|<script|<link rel=\"(?!icon)", text)
    assert "://" not in text


def test_the_page_can_be_read_by_a_screen_reader(page):
    assert page.get("lang") == "en"
    ids = [found.get("id") for found in page.iter() if found.get("id")]
    assert len(ids) == len(set(ids))
    assert all(link.get("href")[1:] in ids for link in page.iter("a"))
    assert all(
        found.get("aria-labelledby") in ids for found in page.iter("section", "article") if not found.get("aria-label")
    )
    assert all(found.get("aria-label") for found in page.iter("svg") if found.get("role") == "img")
    assert all(found.get("role") == "img" or found.get("aria-hidden") for found in page.iter("svg"))
    assert all(head.get("scope") for head in page.iter("th"))
    levels = [int(found.tag[1]) for found in page.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_a_target_under_discussion_is_told_apart(ceb, tables):
    register = load_register()
    tried = dict([parse_what_if("F05=15@2030", register)])
    paper = compose(ceb, register, compute(ceb, register, AS_OF, tried), AS_OF)
    page = html.fromstring(render(paper))
    assert "F05 15.0 by 2030: tried on the command line" in " ".join(
        page.get_element_by_id("tried-banner").text_content().split()
    )
    assert "what if" in page.get_element_by_id("F05").text_content()
    assert [card.indicator.id for card in paper.tried] == ["F05"]


def test_the_files_repeat_byte_by_byte_and_say_the_same(ceb, paper, tmp_path):
    first = write(paper, tmp_path / "first")
    second = write(compose(ceb, load_register(), compute(ceb, load_register(), AS_OF), AS_OF), tmp_path / "second")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    names = {path.relative_to(tmp_path / "first").as_posix() for path in first}
    assert {"indicators.html", "indicators.xlsx", "indicators.json", "csv/mart.indicator_value.csv"} <= names
    table = pq.read_table(tmp_path / "first" / "parquet" / "mart.indicator_value.parquet")
    assert table.to_pylist() == paper.tables["mart.indicator_value"].to_pylist()
    lines = (tmp_path / "first" / "csv" / "mart.indicator_value.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == table.num_rows + 1


def test_the_workbook_is_readable_and_has_no_clock(paper):
    content = workbook(paper)
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames[0] == "Summary"
    assert book.sheetnames[-1] == "About"
    sheet = book["Summary"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["F03"][3] == pytest.approx(38.668017)
    assert sheet.freeze_panes == "C2"
    assert book.properties.modified.date() == book.properties.created.date() == AS_OF
    with zipfile.ZipFile(io.BytesIO(content)) as kept:
        assert {entry.date_time for entry in kept.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_text_is_never_a_formula(paper):
    table = paper.tables["mart.result_summary"]
    row = {name: "=1+1" if name == "outcome_code" else None for name in table.column_names}
    poisoned = replace(paper, tables={**paper.tables, "mart.result_summary": type(table).from_pylist([row])})
    sheet = load_workbook(io.BytesIO(workbook(replace(poisoned, as_of=date(2026, 1, 1)))))["result_summary"]
    assert [cell.data_type for cell in sheet[2] if cell.value == "=1+1"] == ["s"]
