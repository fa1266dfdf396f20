"""What is kept and handed out: history, corrections, work lists, workbook, JSON, an empty warehouse."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml

from ilo_iati import readiness
from ilo_iati.cli import main
from ilo_iati.errors import SnapshotError, WarehouseError
from ilo_iati.readiness import chart
from ilo_iati.readiness.frameworks import FRAMEWORKS
from ilo_iati.readiness.history import seen_since
from ilo_iati.spec.table import load_tables
from tests.unit.readiness.made import activity, demo, empty_warehouse, fill, store

pytestmark = pytest.mark.slow
AS_OF = date(2026, 11, 20)
PUBLISHERS = Path(__file__).resolve().parents[2] / "golden" / "publishers"


@pytest.fixture(scope="module")
def complete():
    connection = empty_warehouse()
    fill(connection, yaml.safe_load((PUBLISHERS / "complete.yml").read_text(encoding="utf-8"))["tables"])
    return connection


@pytest.fixture(scope="module")
def answer(complete):
    complete.execute("UPDATE core.iati_activity SET capital_spend_pct = NULL")
    yield readiness.assess(complete, AS_OF)
    complete.execute("UPDATE core.iati_activity SET capital_spend_pct = 0")


def _table(answer, name):
    return answer.tables[f"mart.readiness_{name}"].to_pylist()


def test_totals_of_the_complete_publisher(complete):
    # Transactions of August to October: three months of the estimate, so Quarterly (3) and One month (4): 87.5.
    # Budgets for 2026, 2027 and 2028: 100. All elements: 100. Mean of 87.5, 100 and 100 is 95.83.
    scores = {(r["framework_code"], r["check_code"]): r for r in _table(readiness.assess(complete, AS_OF), "score")}
    assert scores[("publishing_statistics", "total")]["score"] == pytest.approx(95.83)
    assert scores[("un_data_standards", "total")]["score"] == pytest.approx(100)
    # Quarterly with a lag of one month: factor 0.963. Full percentages: organisation-level indicators (3 to
    # 10: 6 x 1.875 + 2 x 25/6) bring their whole weight, activity-level ones 50 + 48.15 per cent; 3.75 are survey.
    expected = 6 * 1.875 + 2 * 25 / 6 + (100 - 15 - 2 * 25 / 6) * 0.9815
    assert scores[("transparency_index", "total")]["score"] == pytest.approx(expected, abs=0.01)


def test_lost_point_leads_to_the_activity(answer):
    found = {(row["framework_code"], row["test_code"]): row for row in _table(answer, "score_activity")}
    assert set(found) == {("publishing_statistics", "value_added.capital-spend"), ("transparency_index", "15.a")}
    row = found[("publishing_statistics", "value_added.capital-spend")]
    assert (row["activity_key"], row["source_line"], row["office_code"]) == ("made#1", 3, "TGO")


def test_gain_of_a_correction_is_the_difference_of_the_totals(answer):
    fixes = {row["framework_code"]: row for row in _table(answer, "fix") if row["fix_code"] == "capital"}
    # One of nine value-added elements, a quarter of comprehensive, a third of the score: 100 / 9 / 4 / 3 = 0.93.
    assert fixes["publishing_statistics"]["gain_points"] == pytest.approx(0.93, abs=0.011)
    # Indicator 15 goes from 50 to 100 per cent: 3.3333 x 50 x 0.963 / 2 / 100.
    assert fixes["transparency_index"]["gain_points"] == pytest.approx(10 / 3 * 0.24075, abs=0.011)
    assert fixes["publishing_statistics"]["activity_count"] == 1


def test_history_is_appended_and_read_again(answer, tmp_path):
    rows = _table(answer, "history")
    readiness.append_history(tmp_path, AS_OF, rows)
    readiness.append_history(tmp_path, AS_OF, rows)
    assert len((tmp_path / "readiness.jsonl").read_text().splitlines()) == 1
    kept = readiness.read_history(tmp_path)
    assert kept == rows
    assert kept[0]["latest_transaction_date"] == date(2026, 10, 5)


def test_history_survives_a_torn_last_line_and_reports_any_other(answer, tmp_path):
    rows = _table(answer, "history")
    readiness.append_history(tmp_path, AS_OF, rows)
    path = tmp_path / "readiness.jsonl"
    path.write_text(path.read_text() + '{"as_of_')
    assert readiness.read_history(tmp_path) == rows
    path.write_text("nonsense\n" + path.read_text())
    with pytest.raises(SnapshotError, match="line 1"):
        readiness.read_history(tmp_path)


def test_history_feeds_the_frequency_grade_and_the_trend(complete, tmp_path):
    for month in range(1, 12):
        row = {"framework_code": "publishing_statistics", "check_code": "total", "score": 50.0, "points": 50.0,
               "latest_transaction_date": date(2026, month, 1), "data_sha256": None}  # fmt: skip
        readiness.append_history(tmp_path, date(2026, month, 10), [row])
    first = {**row, "latest_transaction_date": date(2025, 9, 1)}
    readiness.append_history(tmp_path, date(2025, 10, 1), [first])
    found = readiness.assess(complete, AS_OF, history=tmp_path)
    frequency = next(row for row in _table(found, "score") if row["check_code"] == "frequency")
    assert "Monthly (4 of 4)" in frequency["explanation"]
    assert json.loads(frequency["inputs"])["basis"] == "observed"
    assert len({row["as_of_date"] for row in _table(found, "history")}) == 13


def test_workbook_and_json_hold_every_table(answer, tmp_path):
    book = openpyxl.load_workbook(readiness.workbook(answer, tmp_path / "ready.xlsx"))
    assert book.sheetnames == ["Gates", "Scores", "Fix first", "Offices", "Office fixes", "Activities", "Findings",
                               "Changes", "Timeliness", "History"]  # fmt: skip
    # Each correction once, with its gains side by side: capital investment is the only one besides the rhythm.
    first = list(book["Fix first"].values)
    assert first[0][:5] == ("fix code", "fix name", *(f"{code} gain".replace("_", " ") for code in FRAMEWORKS))
    gains = {row[0]: row[2:5] for row in first[1:]}
    assert gains["capital"] == (pytest.approx(0.93, abs=0.011), pytest.approx(10 / 3 * 0.24075, abs=0.011), 0)
    assert set(gains) == {"publish_monthly", "capital"}
    assert book["Scores"].freeze_panes == "A2"
    document = json.loads(readiness.as_json(answer))
    assert document["decision"] == "publish with waivers"
    assert {"check", "score", "fix", "change", "history", "score_activity"} <= set(document)


def test_alarm_when_a_grade_is_about_to_fall(complete):
    # In January the months with transactions are October, September and August, one full month back and more. On
    # 1 February November to January hold none: the time lag falls from A quarter to Six months. Three of twelve months
    # with one of the last four make Quarterly until 1 March, when October is the fifth month back; September and August
    # then stand in different halves of the year, which is Six-Monthly.
    answer = readiness.assess(complete, date(2027, 1, 20))
    grades = {row["grade_code"]: row for row in _table(answer, "timeliness")}
    assert (grades["time_lag"]["grade"], grades["time_lag"]["falls_to"]) == ("A quarter", "Six months")
    assert grades["time_lag"]["falls_on_date"] == date(2027, 2, 1)
    assert grades["time_lag"]["publish_by_date"] == date(2027, 1, 31)
    assert (grades["frequency"]["grade"], grades["frequency"]["falls_to"]) == ("Quarterly", "Six-Monthly")
    assert grades["frequency"]["falls_on_date"] == date(2027, 3, 1)
    assert grades["frequency"]["months"] == "2026-10, 2026-09, 2026-08"
    assert {alarm.rule_id for alarm in answer.alarms} == {"readiness.grade_at_risk"}
    assert [alarm.severity for alarm in answer.alarms] == ["warning", "warning"]
    assert "by 2027-01-31" in answer.alarms[1].message


def test_no_alarm_while_a_fall_is_far_away(complete):
    # On 20 November the frequency holds until 1 March, 101 days on; the time lag of one month needs two of the last
    # three full months, which on 1 January are October to December: 42 days on.
    answer = readiness.assess(complete, AS_OF)
    grades = {row["grade_code"]: row for row in _table(answer, "timeliness")}
    assert (grades["frequency"]["falls_on_date"], grades["frequency"]["alarm"]) == (date(2027, 3, 1), None)
    assert (grades["time_lag"]["falls_on_date"], grades["time_lag"]["falls_to"]) == (date(2027, 1, 1), "A quarter")
    assert [alarm.value for alarm in answer.alarms] == ["One month"]


def test_the_alarm_is_a_check_of_the_graph():
    table = load_tables()["mart.readiness_timeliness"]
    found = [(check.name, check.arguments["column"], check.severity) for check in table.expectations]
    assert found == [("column_values_to_be_null", "alarm", "warning")]


def test_warehouse_without_any_table_still_gives_a_page(tmp_path):
    page = readiness.render(duckdb.connect(), tmp_path / "page.html", AS_OF)
    assert "The gates have not been evaluated" in page.read_text()
    assert readiness.assess(duckdb.connect(), AS_OF).tables["mart.readiness_score"].num_rows == 0


def test_missing_database_says_what_to_do(tmp_path):
    with pytest.raises(WarehouseError, match="ilo-iati refresh"):
        readiness.render(tmp_path / "none.duckdb", tmp_path / "page.html", AS_OF)


def test_published_texts_are_escaped(tmp_path):
    connection = demo()
    nasty = '<script>alert("x")</script>'
    connection.execute("UPDATE audit.finding SET message = ?, dataset = ?", [nasty, '"><img src=x>'])
    fill(connection, {"core.iati_activity": [activity(9, reporting_org_name=nasty) for _ in range(9)]})
    store(connection, readiness.evaluate(connection, AS_OF))
    text = readiness.render(connection, tmp_path / "page.html", AS_OF).read_text()
    assert nasty not in text
    assert "<img" not in text


def test_chart_steps_and_gaps():
    assert chart.nice_step(452.4) == 100
    assert chart.nice_step(0.9) == 0.2
    assert chart.nice_step(0) == 1
    drawn = chart.bars(["2012", "<b>"], [1.0, None], title="t", reference=chart.Reference(2.0, "mean"))
    assert drawn.count('class="bar') == 1
    assert "&lt;b&gt;" in drawn


def test_cli_exit_status_follows_the_gates(tmp_path, capsys):
    build = tmp_path / "build"
    build.mkdir()
    connection = empty_warehouse(str(build / "ilo_iati.duckdb"))
    run = {"run_id": "r", "started_at": "2026-11-20 00:00", "as_of": AS_OF, "mode": "load", "status": "done"}
    fill(connection, {"core.iati_activity": [activity(1)], "audit.run": [run]})
    connection.close()
    assert main(["ready", "--home", str(tmp_path)]) == 0
    assert "Verdict: publish with waivers" in capsys.readouterr().out
    connection = duckdb.connect(str(build / "ilo_iati.duckdb"))
    fill(connection, {"core.iati_activity": [activity(2, iati_identifier=activity(1)["iati_identifier"])]})
    connection.close()
    assert main(["ready", "--home", str(tmp_path), "--format", "json", "--quiet"]) == 1
    assert json.loads(capsys.readouterr().out)["decision"] == "hold"
    assert main(["ready", "--home", str(tmp_path), "--format", "html", "--output", str(tmp_path / "p.html")]) == 1
    assert (tmp_path / "p.html").exists()
    assert main(["ready", "--home", str(tmp_path), "--format", "xlsx"]) == 2
    assert main(["ready", "--home", str(tmp_path / "nowhere")]) == 2


def test_findings_are_kept_by_rule_and_dated_from_when_they_stay(tmp_path):
    def kept(day, *codes):
        return [{"as_of_date": day, "framework_code": "findings", "check_code": code, "score": 1.0} for code in codes]

    history = [*kept(date(2026, 9, 1), "a error", "b error"), *kept(date(2026, 10, 1), "b error"),
               *kept(date(2026, 11, 1), "a error", "b error")]  # fmt: skip
    assert seen_since(history) == {"a error": date(2026, 11, 1), "b error": date(2026, 9, 1)}
    found = [row for row in _table(readiness.assess(demo(), AS_OF), "history") if row["framework_code"] == "findings"]
    assert sum(row["score"] for row in found) == 12
