"""The main job end to end on the bundled sample: what stands in the home afterwards, and what a second run does."""

from __future__ import annotations

import json
import shutil
from datetime import date

import duckdb
import pytest

from ilo_iati.indicators import compute
from ilo_iati.spec.indicator import load_register
from ilo_iati.spec.table import load_tables
from tests.pipeline.conftest import AS_OF, ilo_iati


def scalar(connection, sql):
    return connection.execute(sql).fetchall()[0][0]


def test_every_declared_table_stands_with_its_comments(warehouse):
    found = dict(
        warehouse.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables() where not internal"
        ).fetchall()
    )
    assert set(found) == set(load_tables())
    assert all(found.values())
    bare = warehouse.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and coalesce(comment, '') = ''"
    ).fetchall()
    assert bare == []


def test_the_sample_fills_the_core(warehouse):
    assert scalar(warehouse, "select count(distinct dataset) from core.iati_activity") == 12
    assert scalar(warehouse, "select count(*) from core.iati_organisation") == 2
    assert scalar(warehouse, "select count(*) from core.iati_activity") > 250
    assert scalar(warehouse, "select count(*) from core.iati_transaction") > 1000


def test_voluntary_contributions_2012_17_are_as_the_un_published_them(warehouse):
    rows = dict(warehouse.execute("select indicator_id, baseline_value from mart.indicator_baseline").fetchall())
    # UN CEB, ILO, R02 + R03, USD: the mean of 271.3, 281.2, 277.7, 225.0, 252.4, 293.0 million; revenue share 38.7 %.
    mean, share = scalar(
        warehouse,
        """select (avg(voluntary) / 1e6, avg(voluntary) / avg(total) * 100) from (
             select year, sum(amount_usd) filter (left(revenue_type_code, 3) in ('R02', 'R03')) as voluntary,
                    sum(amount_usd) as total
             from core.ceb_revenue where granularity = 'type' and year between 2012 and 2017 group by year)""",
    )
    assert mean == pytest.approx(266.8, abs=0.05)
    assert share == pytest.approx(38.7, abs=0.05)
    assert rows["F03"] == pytest.approx(38.7, abs=0.1)


def test_illustrative_rows_say_so(warehouse):
    assert scalar(warehouse, "select bool_and(is_illustrative) from core.iati_activity")
    by_source = warehouse.execute("select source, bool_and(is_illustrative) from core.dac_flow group by 1").fetchall()
    assert dict(by_source) == {
        "multisystem": True,
        "crs": True,
        "dac2a": True,
        "dac1": False,
        "crs_aggregate": False,
    }
    real = warehouse.execute("select distinct source from audit.snapshot where not is_illustrative").fetchall()
    assert {"ceb_revenue"} <= {name for (name,) in real}


def test_every_row_leads_to_its_snapshot(warehouse):
    lost = scalar(
        warehouse,
        """select count(*) from core.iati_transaction t
           anti join audit.snapshot s on s.dataset = t.dataset and s.sha256 = t.snapshot_sha256""",
    )
    assert lost == 0
    assert scalar(warehouse, "select min(source_line) from core.iati_transaction") > 1


def test_findings_of_several_stages_are_kept(warehouse):
    stages = {s for (s,) in warehouse.execute("select distinct stage from audit.finding").fetchall()}
    assert "validation" in stages
    rules = {r for (r,) in warehouse.execute("select distinct rule_id from audit.finding").fetchall()}
    assert "0.3.1" in rules  # the 2012-13 era is schema-invalid, as the ILO's own file is


def test_published_files_stand_beside_the_database(sample_home):
    build = sample_home / "build"
    for name in ("ilo_iati.duckdb", "readiness.html", "DICTIONARY.md", "datapackage.json", "PUBLISHED.json"):
        assert (build / name).is_file() or (build / "parquet" / name).is_file(), name
    assert json.loads((build / "PUBLISHED.json").read_text())["mode"] == "sample"
    assert list((build / "parquet" / "core.iati_transaction").glob("*.parquet"))
    assert not (build / ".staging" / "ilo_iati.duckdb").exists()


def test_a_second_refresh_builds_nothing(sample_home):
    database = sample_home / "build" / "ilo_iati.duckdb"
    before = database.stat().st_mtime_ns
    done = ilo_iati("refresh", "--sample", "--as-of", AS_OF, home=sample_home)
    assert done.returncode == 0
    assert "Nothing changed" in done.stdout
    assert done.stderr == ""
    assert database.stat().st_mtime_ns == before


def test_a_database_swapped_in_but_not_sealed_is_built_again(sample_home, tmp_path):
    """What a kill between the swap and the seal leaves: the seal speaks of another run than the database's."""
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    with duckdb.connect(str(home / "build" / "ilo_iati.duckdb")) as connection:
        connection.execute("update audit.run set run_id = 'killed', as_of = date '2020-01-01'")
    done = ilo_iati("refresh", "--sample", "--as-of", AS_OF, home=home)
    assert done.returncode == 0, done.stderr
    assert "Nothing changed" not in done.stdout
    with duckdb.connect(str(home / "build" / "ilo_iati.duckdb"), read_only=True) as again:
        assert scalar(again, "select max(as_of)::varchar from audit.run") == AS_OF


def test_every_indicator_has_a_value_or_a_reason_and_the_same_twice(warehouse):
    first = compute(warehouse, load_register(), date.fromisoformat(AS_OF))
    assert {one.id for one in load_register()} == {
        row["indicator_id"] for row in first["mart.indicator_status"].to_pylist()
    }
    for row in first["mart.indicator_status"].to_pylist():
        assert row["actual_value"] is not None or row["reason"], row["indicator_id"]
    warehouse.execute("set threads = 1")
    assert compute(warehouse, load_register(), date.fromisoformat(AS_OF)) == first


def test_a_figure_leads_to_its_rows_and_they_to_their_lines(sample_home):
    done = ilo_iati("trace", "F05/ceb/2023", home=sample_home)
    assert done.returncode == 0, done.stderr
    (lead,) = {line.split("trace ")[1].strip("'") for line in done.stdout.splitlines() if "R02A" in line}
    dataset, line = lead.split(":")
    place = ilo_iati("trace", lead, home=sample_home)
    assert place.returncode == 0
    assert f"dataset   {dataset}" in place.stdout
    assert f"{line} | " in place.stdout
    baseline = ilo_iati("trace", "F01/baseline", home=sample_home)
    assert "2012-2017" in baseline.stdout
    assert (sample_home / "build" / "indicators.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_query_from_the_command_line(sample_home):
    done = ilo_iati("query", "select count(*) from core.iati_transaction", home=sample_home)
    assert done.returncode == 0
    assert any(character.isdigit() for character in done.stdout)


def test_a_reader_of_the_old_file_is_not_disturbed(sample_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    reader = duckdb.connect(str(home / "build" / "ilo_iati.duckdb"), read_only=True)
    before = scalar(reader, "select max(started_at) from audit.run")
    done = ilo_iati("refresh", "--sample", "--as-of", "2026-11-24", home=home)
    assert done.returncode == 0, done.stderr
    assert scalar(reader, "select max(started_at) from audit.run") == before
    reader.close()
    with duckdb.connect(str(home / "build" / "ilo_iati.duckdb"), read_only=True) as again:
        assert scalar(again, "select max(as_of)::varchar from audit.run") == "2026-11-24"


def test_the_sample_never_replaces_a_live_warehouse(sample_home, tmp_path):
    home = tmp_path / "home"
    (home / "build").mkdir(parents=True)
    (home / "build" / "PUBLISHED.json").write_text('{"mode": "live", "bytes_of": "live"}')
    done = ilo_iati("refresh", "--sample", home=home)
    assert done.returncode == 2
    assert "live data" in done.stderr
