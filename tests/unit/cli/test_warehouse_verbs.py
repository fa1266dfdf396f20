"""load, query, tables, dictionary and trace, as a user calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ilo_iati.cli import main

GOLDEN = Path(__file__).parents[2] / "golden" / "tables"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("loaded") / "iati.duckdb"
    assert main(["load", str(GOLDEN), "--database", str(path), "--workers", "1", "--quiet"]) == 0
    return str(path)


@pytest.mark.slow
def test_load_says_what_it_loaded_and_what_it_could_not(tmp_path, capsys):
    command = ["load", str(GOLDEN), "--database", str(tmp_path / "d.duckdb"), "--workers", "1"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "4 datasets (0 unchanged" in said
    assert "4 core.iati_activity, 1 core.iati_organisation, 6 core.iati_transaction" in said
    assert "1 read.malformed" in said
    assert main(command) == 0
    assert "4 datasets (4 unchanged" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == [".d.duckdb.parts", "d.duckdb"]


@pytest.mark.slow
def test_load_append_keeps_the_others(database, tmp_path, capsys):
    copy = shutil.copy(database, tmp_path / "iati.duckdb")
    assert main(["load", str(GOLDEN / "full_203.xml"), "--database", str(copy), "--append", "--quiet"]) == 0
    assert "4 core.iati_activity" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["nowhere.xml", "."])
def test_load_of_nothing_is_bad_usage(tmp_path, capsys, monkeypatch, missing):
    monkeypatch.chdir(tmp_path)
    assert main(["load", missing, "--database", "d.duckdb"]) == 2
    assert "name IATI files" in capsys.readouterr().err


def test_query_prints_text_csv_and_json(database, capsys):
    sql = "SELECT dataset, count(*) AS n FROM core.iati_transaction GROUP BY 1 ORDER BY 1"
    assert main(["query", sql, "--database", database]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["dataset      n", "-----------  -"]
    main(["query", sql, "--database", database, "--format", "csv"])
    assert capsys.readouterr().out.splitlines()[1] == "defects_203,2"
    main(["query", sql, "--database", database, "--format", "json"])
    assert json.loads(capsys.readouterr().out)[0] == {"dataset": "defects_203", "n": 2}


@pytest.mark.parametrize(
    "sql", ["DROP TABLE core.iati_tag", "COPY core.iati_tag TO 'x.csv'", "SELECT nothing FROM core.iati_tag", "SELEC"]
)
def test_query_can_change_nothing_and_explains_errors(database, capsys, sql):
    assert main(["query", sql, "--database", database]) == 2
    assert "ilo-iati tables" in capsys.readouterr().err


def test_without_a_warehouse_the_next_step_is_named(tmp_path, capsys):
    assert main(["query", "SELECT 1", "--home", str(tmp_path)]) == 2
    assert "ilo-iati refresh" in capsys.readouterr().err


def test_tables_lists_rows_and_grain(database, capsys):
    assert main(["tables", "--layer", "core", "--database", database]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("core.iati_transaction") and " 6  One row per transaction" in line for line in lines)
    assert not any(line.startswith("audit.") for line in lines)


def test_dictionary_describes_writes_and_suggests(tmp_path, capsys):
    assert main(["dictionary", "iati_tag"]) == 0
    assert "### core.iati_tag" in capsys.readouterr().out
    assert main(["dictionary", "--write", "--home", str(tmp_path)]) == 0
    assert "core.iati_tag" in (tmp_path / "build" / "DICTIONARY.md").read_text()
    capsys.readouterr()
    assert main(["dictionary", "iati_tags"]) == 2
    assert "is it iati_tag" in capsys.readouterr().err


def test_trace_shows_a_start_tag_of_several_lines_whole(tmp_path, capsys):
    file, database = tmp_path / "odd.xml", str(tmp_path / "odd.duckdb")
    file.write_text(
        '<iati-activities version="2.03"><iati-activity>\n<iati-identifier>XX-1</iati-identifier>\n'
        '<transaction\n  ref="R1"\n  humanitarian="1">\n<value>1</value></transaction>\n<transaction ref="R2"/>\n'
        "</iati-activity></iati-activities>\n"
    )
    assert main(["load", str(file), "--database", database, "--workers", "1", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["trace", "odd#1/transaction/1", "--database", database]) == 0
    said = capsys.readouterr().out
    assert "3 | <transaction\n" in said
    assert '4 |   ref="R1"' in said
    assert "R2" not in said


def test_trace_shows_file_line_and_xml(database, capsys):
    assert main(["trace", "XX-OLD-1", "--database", database]) == 0
    said = capsys.readouterr().out
    assert "dataset   old_104" in said
    assert "old_104.xml" in said
    assert "| " in said and "<iati-activity xml:lang" in said  # noqa: PT018
    assert main(["trace", "old_104#1/transaction/2", "--database", database]) == 0
    assert '<transaction-type code="3"/>' in capsys.readouterr().out
    assert main(["trace", "XX-NOT-THERE", "--database", database]) == 1
