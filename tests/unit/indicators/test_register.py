"""The register as shipped, what it refuses, every SELECT on an empty warehouse, and the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import duckdb
import pytest

from ilo_iati.cli import main
from ilo_iati.errors import SpecError, UsageError, WarehouseError
from ilo_iati.indicators import compute, store
from ilo_iati.indicators.lineage import rows_behind
from ilo_iati.spec.indicator import FORMULAS, REGISTER, load_register, parse_what_if
from tests.unit.indicators.conftest import AS_OF
from tests.unit.marts.warehouse import build, empty_warehouse

IDS = [
    *(f"F{n:02d}" for n in range(1, 12)), *(f"D{n:02d}" for n in range(1, 5)), "O01", "O02",
    *(f"S{n:02d}" for n in range(1, 9)), *(f"R{n:02d}" for n in range(1, 4)), *(f"T{n:02d}" for n in range(1, 8)),
]  # fmt: skip


@pytest.fixture(scope="module")
def empty():
    db = empty_warehouse()
    build(db)
    return db


def test_all_thirty_five_are_registered_and_no_select_is_orphaned():
    register = load_register()
    assert [one.id for one in register] == IDS
    assert {path.stem for path in FORMULAS.glob("*.sql")} == set(IDS)
    assert all(one.paragraphs and one.basis and one.definition for one in register)


def test_every_select_of_rows_binds_and_is_used(empty):
    """On an empty warehouse each answers no row: it binds, with exactly the agreed columns."""
    series = [series for one in load_register() for series in one.series]
    assert {one.rows for one in series} == set((FORMULAS / "rows").glob("*.sql"))
    for one in {one.rows: one for one in series}.values():
        assert rows_behind(empty, one, 2020) == []


def test_a_series_without_rows_or_with_a_missing_select_is_said(empty, tmp_path):
    bare = replace(load_register()[0].headline, rows=None)
    with pytest.raises(UsageError, match="names no rows"):
        rows_behind(empty, bare, 2020)
    (tmp_path / "X01.sql").write_text("SELECT 1")
    path = tmp_path / "indicators.yml"
    path.write_text(
        "indicators:\n  - {id: X01, name: n, definition: d, unit: u, direction: up, basis: b, paragraphs: [1],"
        " series: {one: {label: l, inputs: [x], rows: nowhere}}}\n"
    )
    with pytest.raises(SpecError, match=r"write nowhere\.sql"):
        load_register(path, tmp_path)


def test_targets_nobody_has_verified_say_so():
    assert {one.id: one.target.status for one in load_register() if one.target} == {
        "F03": "unverified",
        "F05": "unverified",
    }


def test_an_empty_warehouse_gives_a_reason_for_each(empty):
    rows = compute(empty, load_register(), AS_OF)["mart.indicator_status"].to_pylist()
    assert [row["indicator_id"] for row in rows] == IDS
    assert {row["status"] for row in rows} == {"no_data"}
    assert all(row["reason"] for row in rows)


def test_a_wrong_select_names_the_file_and_what_to_do(empty, tmp_path):
    formulas = tmp_path / "formulas"
    formulas.mkdir()
    register = tmp_path / "indicators.yml"
    register.write_text(
        "indicators:\n  - {id: X01, name: n, definition: d, unit: u, direction: up, basis: b, paragraphs: [1],"
        " series: {one: {label: l, inputs: [ceb_revenue]}}}\n"
    )
    with pytest.raises(SpecError, match=r"X01 has no SELECT"):
        load_register(register, formulas)
    good = (
        "SELECT 'one' AS series, 2020 AS year, 1 AS value, 1 AS numerator, 1 AS denominator, 1 AS n,"
        " 100 AS coverage_pct, '' AS basis"
    )
    for text, message in [
        ("SELECT 1 AS year", "it must answer series"),
        ("SELECT * FROM mart.nothing", "correct the SELECT"),
        (good.replace("'one'", "'two'"), "series two is not in the register"),
    ]:
        (formulas / "X01.sql").write_text(text)
        with pytest.raises(WarehouseError, match=message):
            compute(empty, load_register(register, formulas), AS_OF)
    (formulas / "X01.sql").write_text(good)
    assert compute(empty, load_register(register, formulas), AS_OF)["mart.indicator_value"].num_rows == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("direction: sideways", "direction 'sideways'"),
        ("target: {value: 1, year: 2030, source: s, status: verified}", "names its approver"),
        ("target: {value: 1, year: 2030, source: s, status: what_if}", "target status"),
        ("baseline: {window: [2018, 2018]}", "4 baseline years"),
        ("breaks: [{series: two, first_year: 2019, note: n}]", "series two"),
        ("colour: red", "unknown key colour"),
    ],
)
def test_the_register_refuses(tmp_path, change, message):
    (tmp_path / "X01.sql").write_text("SELECT 1")
    lines = ["id: X01", "name: n", "definition: d", "unit: u", "direction: up", "basis: b", "paragraphs: [1]"]
    lines = [line for line in lines if line.split(":")[0] != change.split(":")[0]] + [change]
    text = "indicators:\n  - series: {one: {label: l, inputs: [x]}}\n" + "".join(f"    {line}\n" for line in lines)
    path = tmp_path / "indicators.yml"
    path.write_text(text)
    with pytest.raises(SpecError, match=message):
        load_register(path, tmp_path)


def test_a_target_can_be_tried_without_touching_the_register(ceb):
    before = REGISTER.read_bytes()
    register = load_register()
    name, target = parse_what_if("F05=15@2030", register)
    assert (name, target.value, target.year, target.status) == ("F05", 15.0, 2030, "what_if")
    for wrong in ("F05", "F05=15", "F99=1@2030", "F05=x@2030"):
        with pytest.raises(UsageError):
            parse_what_if(wrong, register)
    tables = compute(ceb, register, AS_OF, {name: target})
    row = next(r for r in tables["mart.indicator_status"].to_pylist() if r["indicator_id"] == "F05")
    # From 7.598356 in 2018 to 15 in 2030, half of the way in 2024: 11.299178; 10.556205 of it is 93.4 per cent.
    assert row["path_value"] == pytest.approx(11.299178, abs=1e-6)
    assert row["path_ratio"] == pytest.approx(0.934245, abs=1e-6)
    assert (row["status"], row["target_status"]) == ("at_risk", "what_if")
    assert REGISTER.read_bytes() == before
    assert load_register() == register


def run(capsys, home, *words: str) -> tuple[int, str]:
    status = main(["indicators", "--home", str(home), "--as-of", "2026-11-23", *words])
    return status, capsys.readouterr().out


@pytest.fixture(scope="module")
def home(ceb, tables, tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    (root / "build").mkdir()
    ceb.execute(f"ATTACH '{root / 'build' / 'ilo_iati.duckdb'}' AS copy")
    ceb.execute("COPY FROM DATABASE memory TO copy")
    ceb.execute("DETACH copy")
    with duckdb.connect(str(root / "build" / "ilo_iati.duckdb")) as db:
        store(db, tables)
    return root


def test_the_command_line_prints_text_csv_and_json(capsys, home):
    status, text = run(capsys, home)
    assert status == 0
    assert "F01  Voluntary contributions received" in text
    assert "266.8" in text
    assert "38.7" in text
    _, table = run(capsys, home, "--format", "csv")
    rows = {row["indicator_id"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows["F03"]["status"] == "on_track"
    _, document = run(capsys, home, "--format", "json", "--target", "F05=10@2024")
    found = {row["indicator_id"]: row for row in json.loads(document)["indicators"]}
    assert (found["F05"]["status"], found["F05"]["target_status"]) == ("on_track", "what_if")
    assert run(capsys, home, "--values")[1].count("F01") == 14
    assert run(capsys, home, "--fail-off-track")[0] == 1


def test_the_command_line_says_what_is_wrong(capsys, tmp_path):
    assert main(["indicators", "--home", str(tmp_path)]) == 2
    assert "ilo-iati refresh" in capsys.readouterr().err


def test_the_command_line_leads_a_figure_to_its_rows(capsys, home):
    status, text = run(capsys, home, "--rows", "F05/ceb/2024")
    assert status == 0
    # 16,432,268 of R02A stands first; the five instruments of the year are all there.
    assert text.startswith("     16,432,268.00  R02A")
    assert "F05/ceb/2024: 5 rows" in text
    _, table = run(capsys, home, "--rows", "F03/2012", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {row["dataset"] for row in rows} == {"ceb_revenue_by_type"}
    assert sum(float(row["amount_usd"]) for row in rows) == 721458100
    assert run(capsys, home, "--rows", "F05/ceb/2012")[0] == 0
    assert run(capsys, home, "--rows", "F05/ceb/1999") == (
        1,
        "F05/ceb/1999: 0 rows; the figures of money are US dollars\n",
    )
    for wrong, said in (("F99/2024", "no indicator F99"), ("F05/x/2024", "no series x"), ("F05", "ID/SERIES/YEAR")):
        assert main(["indicators", "--home", str(home), "--rows", wrong]) == 2
        assert said in capsys.readouterr().err


def test_stored_tables_replace_what_stood_there(home, tables):
    with duckdb.connect(str(home / "build" / "ilo_iati.duckdb")) as db:
        store(db, tables)
        store(db, tables)
        assert db.execute("SELECT count(*) FROM mart.indicator_status").fetchone() == (35,)
