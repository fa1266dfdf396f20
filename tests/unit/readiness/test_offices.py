"""What each office's part of a correction is worth, against figures worked out by hand, and the lists that say so."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import yaml

from ilo_iati import readiness
from ilo_iati.errors import SpecError
from ilo_iati.readiness.evaluation import to_arrow
from ilo_iati.readiness.fixes import load_fixes
from ilo_iati.readiness.frameworks import FRAMEWORKS, PUBLISHING, TRANSPARENCY, load_framework
from ilo_iati.readiness.leads import offices
from tests.unit.readiness.made import activity, empty_warehouse, fill

pytestmark = pytest.mark.slow
AS_OF = date(2026, 11, 20)
PUBLISHER = Path(__file__).resolve().parents[2] / "golden" / "publishers" / "complete.yml"
FACTOR = 0.963
"""Of the index, for transactions every quarter with a lag of a month."""


def _bare(number, office):
    return activity(number, iati_identifier=f"XM-DAC-41302-IP26-{office}{100 + number}", activity_status_code="2")


def _finding(rule, index, **columns):
    return {"run_id": "r", "stage": "validate", "dataset": "made", "rule_id": rule, "severity": "error",
            "activity_index": index, "line": 7, "message": f"m {rule}", "fix": f"f {rule}", **columns}  # fmt: skip


@pytest.fixture(scope="module")
def made():
    """The complete publisher's activity of TGO, two more of TGO and one of KEN with next to nothing in them.

    No activity says whether conditions are attached, so indicator 24 of the index stands at nought.
    """
    connection = empty_warehouse()
    fill(connection, yaml.safe_load(PUBLISHER.read_text(encoding="utf-8"))["tables"])
    connection.execute("UPDATE core.iati_activity SET has_conditions = NULL")
    fill(
        connection,
        {
            "core.iati_activity": [_bare(2, "TGO"), _bare(3, "TGO"), _bare(4, "KEN")],
            "audit.finding": [
                _finding("9.76.1", 4),  # a rule of the correction of sectors
                _finding("11.1.3", 2, value="=1+1", fix=None),  # a rule of none
                _finding("0.3.1", None, identifier="file"),
                _finding("expect.x", 4, stage="expectation"),  # about our tables, not about a file
            ],
        },
    )
    return connection


@pytest.fixture(scope="module")
def answer(made):
    return readiness.assess(made, AS_OF)


@pytest.fixture(scope="module")
def lists(answer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    return folder, readiness.office_lists(answer.tables, folder)


def _rows(answer, name):
    return answer.tables[f"mart.readiness_{name}"].to_pylist()


def _gains(answer, fix, framework):
    """Of an office its part, its gain alone and the group's gain."""
    return {
        row["office_code"]: [row["gain_points"], row["alone_points"], row["group_gain_points"]]
        for row in _rows(answer, "fix_office")
        if (row["fix_code"], row["framework_code"]) == (fix, framework)
    }


def _totals(answer):
    return {row["framework_code"]: row["score"] for row in _rows(answer, "score") if row["check_code"] == "total"}


def _near(figures):
    return {office: pytest.approx(values, abs=0.00011) for office, values in figures.items()}


def test_an_office_gains_in_proportion_where_a_score_is_a_share(answer):
    # Three of four activities state no share of capital: one of nine elements, a quarter of a third of the score.
    each = 100 / 108 / 4
    expected = {"TGO": [2 * each, 2 * each, 3 * each], "KEN": [each, each, 3 * each]}
    assert _gains(answer, "capital", PUBLISHING) == _near(expected)
    # One of the two tests of indicator 15: a quarter of half of 10/3 points, of which the upper half is by percentage.
    each = 10 / 3 * 0.25 / 2 * FACTOR / 2
    expected = {"TGO": [2 * each, 2 * each, 3 * each], "KEN": [each, each, 3 * each]}
    assert _gains(answer, "capital", TRANSPARENCY) == _near(expected)


def test_the_first_to_correct_an_indicator_at_nought_brings_half_of_it(answer):
    # Indicator 24 brings 3.5 points: 50 % for any activity at all, the other half by percentage. 24.a is one of its two
    # tests; 24.b fails with it for an activity that says nothing about conditions.
    group = 3.5 * (0.5 + 0.5 * FACTOR / 2)
    tgo, ken = 3.5 * (0.5 + 0.75 / 2 * FACTOR / 2), 3.5 * (0.5 + 0.25 / 2 * FACTOR / 2)
    expected = {"TGO": [0.75 * group, tgo, group], "KEN": [0.25 * group, ken, group]}
    assert _gains(answer, f"{TRANSPARENCY}.24.a", TRANSPARENCY) == _near(expected)
    assert tgo + ken > group


@pytest.mark.parametrize(("office", "where"), [("KEN", "activity_key = 'made#4'"), ("TGO", "activity_key <> 'made#4'")])
def test_an_office_that_corrects_its_own_gains_what_it_was_told(made, answer, office, where):
    before = _totals(answer)
    made.execute("BEGIN")
    made.execute(f"UPDATE core.iati_activity SET capital_spend_pct = 0, has_conditions = false WHERE {where}")
    after = _totals(readiness.assess(made, AS_OF))
    made.execute("ROLLBACK")
    told = defaultdict(float)
    for row in _rows(answer, "fix_office"):
        if row["office_code"] == office and row["fix_code"] in ("capital", f"{TRANSPARENCY}.24.a"):
            told[row["framework_code"]] += row["alone_points"]
    assert {code: after[code] - before[code] for code in told} == {
        code: pytest.approx(points, abs=0.02) for code, points in told.items()
    }


def test_budgets_ahead_are_shared_by_the_activities_without(answer):
    # A quarter has budgets in each of the three years: 75 of 100 are missing, of a third of the score.
    expected = {"TGO": [50 / 3, 50 / 3, 25], "KEN": [25 / 3, 25 / 3, 25]}
    assert _gains(answer, "forward_budgets", PUBLISHING) == _near(expected)
    where = [row["activity_key"] for row in _rows(answer, "score_activity") if row["test_code"] == "forward_looking.2"]
    assert where == ["made#2", "made#3", "made#4"]


def test_the_offices_parts_add_up_to_every_group(answer):
    sums, group = defaultdict(float), {}
    for row in _rows(answer, "fix_office"):
        key = (row["fix_code"], row["framework_code"])
        sums[key] += row["gain_points"]
        group[key] = row["group_gain_points"]
    assert dict(sums) == {key: pytest.approx(gain, abs=0.0002) for key, gain in group.items()}
    named = {(row["fix_code"], row["framework_code"]): row["gain_points"] for row in _rows(answer, "fix")}
    assert {key: gain for key, gain in group.items() if gain} == {key: named[key] for key in group if key in named}


def test_an_office_in_all_is_the_sum_of_its_corrections(answer):
    rows = {(row["office_code"], row["framework_code"]): row for row in _rows(answer, "office")}
    assert set(rows) == {(office, framework) for office in ("TGO", "KEN") for framework in FRAMEWORKS}
    for (office, framework), row in rows.items():
        own = [one for one in _rows(answer, "fix_office") if one["office_code"] == office]
        own = [one for one in own if one["framework_code"] == framework]
        assert row["gain_points"] == pytest.approx(sum(one["gain_points"] for one in own), abs=0.0001)
        assert row["correction_count"] == len(own)
    # The complete activity of TGO lacks nothing but the conditions, which only the index asks for.
    assert rows["TGO", PUBLISHING]["activity_count"] == 2
    assert rows["TGO", TRANSPARENCY]["activity_count"] == 3
    assert rows["KEN", PUBLISHING]["activity_count"] == 1
    # Where nothing stands at nought, everything alone is the sum of the parts as well.
    row = rows["KEN", PUBLISHING]
    assert row["alone_points"] == pytest.approx(row["gain_points"], abs=0.005)


def test_findings_go_to_the_office_of_their_activity_and_to_their_correction(answer):
    found = {row["rule_id"]: row for row in _rows(answer, "finding_activity")}
    assert {rule: (row["office_code"], row["fix_code"]) for rule, row in found.items()} == {
        "9.76.1": ("KEN", "sector"),
        "11.1.3": ("TGO", "rule.11.1.3"),
        "0.3.1": (None, "rule.0.3.1"),
    }
    assert found["9.76.1"]["iati_identifier"] == "XM-DAC-41302-IP26-KEN104"
    counts = {
        row["office_code"]: row["finding_count"] for row in _rows(answer, "fix_office") if row["fix_code"] == "sector"
    }
    assert counts == {"KEN": 1, "TGO": 0}


def test_lists_say_what_each_line_is_worth(lists):
    folder, files = lists
    names = ["offices.csv", "offices.xlsx"]
    names += [f"{office}{end}" for office in ("KEN", "TGO", "none") for end in (".csv", "-summary.csv", ".xlsx")]
    assert [file.name for file in files] == names
    work = _read(folder / "KEN.csv")
    assert {row["office_code"] for row in work} == {"KEN"}
    capital = [row for row in work if row["fix_code"] == "capital"]
    assert [row["framework_code"] for row in capital] == [PUBLISHING, TRANSPARENCY]
    assert {row[f"{PUBLISHING}_group_gain"] for row in capital} == {"0.6944"}
    assert {row[f"{PUBLISHING}_office_gain"] for row in capital} == {"0.2315"}
    finding = next(row for row in work if row["rule_id"] == "9.76.1")
    assert (finding["severity"], finding["message"], finding["fix"]) == ("error", "m 9.76.1", "f 9.76.1")
    assert float(finding[f"{PUBLISHING}_office_gain"]) > 0
    assert (finding["iati_identifier"], finding["source_line"]) == ("XM-DAC-41302-IP26-KEN104", "7")


def test_summaries_begin_with_the_most_valuable(lists, answer):
    folder, _ = lists
    summary = _read(folder / "KEN-summary.csv")
    worth = [sum(float(row[f"{code}_office_gain"] or 0) for code in FRAMEWORKS) for row in summary]
    assert worth == sorted(worth, reverse=True)
    # Nothing else brings 25/3: no UN standard of this activity alone does, being a quarter of a sixth of 100.
    assert (summary[0]["fix_code"], summary[0]["activity_count"]) == ("forward_budgets", "1")
    sector = next(row for row in summary if row["fix_code"] == "sector")
    assert (sector["activity_count"], sector["finding_count"]) == ("1", "1")
    book = openpyxl.load_workbook(folder / "KEN.xlsx")
    assert book.sheetnames == ["Fix first", "KEN"]
    assert book["Fix first"].max_row == len(summary) + 1
    assert book["KEN"].freeze_panes == "A2"


def test_overview_names_every_office_and_its_list(lists, answer):
    folder, _ = lists
    overview = {row["office_code"]: row for row in _read(folder / "offices.csv")}
    assert list(overview) == ["TGO", "KEN", "none"]
    assert [row["list"] for row in overview.values()] == ["TGO.xlsx", "KEN.xlsx", "none.xlsx"]
    assert all((folder / row["list"]).exists() for row in overview.values())
    assert [overview["KEN"][name] for name in ("activity_count", "finding_count")] == ["1", "1"]
    for row in _rows(answer, "office"):
        gain = float(overview[row["office_code"]][f"{row['framework_code']}_office_gain"])
        assert gain == pytest.approx(row["gain_points"], abs=0.00011)


def test_the_page_counts_as_the_overview_does(made, answer, lists):
    """An office with findings alone is on both: a clean activity whose file breaks a rule is work as well."""
    overview = _read(lists[0] / "offices.csv")
    counted = {row["office_code"]: (int(row["activity_count"]), int(row["finding_count"])) for row in overview}
    shown = {row["office"]: (row["activities"], row["findings"]) for row in offices(made, answer.tables)}
    assert shown == counted
    findings = answer.tables["mart.readiness_finding_activity"].to_pylist()
    alone = [row | {"office_code": "EGY"} for row in findings if row["rule_id"] == "11.1.3"]
    given = answer.tables | {"mart.readiness_finding_activity": to_arrow("finding_activity", [*findings, *alone])}
    egypt = next(row for row in offices(made, given) if row["office"] == "EGY")
    assert (egypt["activities"], egypt["findings"], egypt["corrections"], egypt["first"]) == (1, 1, 0, [])


def test_a_text_is_never_a_formula(lists):
    folder, _ = lists
    assert "'=1+1" in [row["value"] for row in _read(folder / "TGO.csv")]
    sheet = openpyxl.load_workbook(folder / "TGO.xlsx")["TGO"]
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"] == ["s"]


def test_a_test_or_rule_belongs_to_one_correction(tmp_path):
    frameworks = [load_framework(code) for code in FRAMEWORKS]
    twice = tmp_path / "fixes.yml"
    for body in ({PUBLISHING: ["core.title"]}, {"rules": ["4.3.1"]}):
        twice.write_text(yaml.safe_dump({"groups": [{"id": name, "name": name, **body} for name in ("a", "b")]}))
        with pytest.raises(SpecError, match="two corrections"):
            load_fixes(frameworks, twice)


def _read(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
