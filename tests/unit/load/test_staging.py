"""From parts to a published database: what is guaranteed, and that a reader is not disturbed."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ilo_iati.errors import LockError, WarehouseError
from ilo_iati.extract import extract_dataset, file_sha256
from ilo_iati.load import create_database, open_for_reading, publish, stage, writer_lock
from ilo_iati.paths import Home
from ilo_iati.spec.table import load_tables

TABLES = load_tables()
DOCUMENTS = Path(__file__).parents[2] / "golden" / "tables"


def _part(name, tmp_path, dataset=None):
    path = DOCUMENTS / f"{name}.xml"
    return extract_dataset(path, dataset or name, file_sha256(path), tmp_path / "parts")


def _value(database, query):
    with open_for_reading(database) as connection:
        return connection.execute(query).fetchall()[0][0]


def test_every_declared_table_stands_with_its_types(tmp_path):
    counts = stage(tmp_path / "s.duckdb", [_part("full_203", tmp_path)], TABLES)
    assert counts["core.iati_transaction"] == 2
    assert set(counts) == set(TABLES)
    with open_for_reading(tmp_path / "s.duckdb") as connection:
        for name, table in TABLES.items():
            described = connection.execute(f"DESCRIBE {name}").fetchall()
            assert [row[0] for row in described] == [column.name for column in table.columns]
        origin = connection.execute("SELECT DISTINCT dataset, snapshot_sha256 FROM core.iati_narrative").fetchall()
    assert origin == [("full_203", file_sha256(DOCUMENTS / "full_203.xml"))]


def test_elements_and_rows_stand_beside_each_other(tmp_path):
    stage(tmp_path / "s.duckdb", [_part("defects_203", tmp_path)], TABLES)
    assert _value(tmp_path / "s.duckdb", "SELECT count(*) FROM audit.element_count WHERE elements <> row_count") == 0
    assert _value(tmp_path / "s.duckdb", "SELECT count(*) FROM audit.element_count") > 3
    assert _value(tmp_path / "s.duckdb", "SELECT count(*) FROM audit.unclaimed") == 6


@pytest.mark.slow
def test_extra_tables_are_cast_and_unknown_ones_refused(tmp_path):
    rows = pa.table({"run_id": ["r"], "mode": ["load"], "status": ["done"]})
    counts = stage(tmp_path / "s.duckdb", [], TABLES, {"audit.run": rows})
    assert counts["audit.run"] == 1
    with pytest.raises(WarehouseError, match="No spec declares"):
        stage(tmp_path / "s.duckdb", [], TABLES, {"core.nothing": rows})
    with pytest.raises(WarehouseError, match="no column surplus"):
        stage(tmp_path / "s.duckdb", [], TABLES, {"audit.run": rows.append_column("surplus", rows["mode"])})


@pytest.mark.slow
def test_appending_replaces_the_datasets_that_come_anew(tmp_path):
    database = tmp_path / "w.duckdb"
    stage(database, [_part("full_203", tmp_path), _part("old_104", tmp_path)], TABLES)
    counts = stage(tmp_path / "s.duckdb", [_part("full_203", tmp_path)], TABLES, base=database)
    assert counts["core.iati_activity"] == 2
    assert counts["core.iati_transaction"] == 4


@pytest.mark.slow
def test_a_reader_keeps_the_old_database_and_the_next_sees_the_new(tmp_path):
    database = tmp_path / "w.duckdb"
    stage(tmp_path / "a.duckdb", [_part("full_203", tmp_path)], TABLES)
    publish(tmp_path / "a.duckdb", database)
    with duckdb.connect(str(database), read_only=True) as reader:
        stage(tmp_path / "b.duckdb", [], TABLES)
        publish(tmp_path / "b.duckdb", database)
        assert reader.execute("SELECT count(*) FROM core.iati_transaction").fetchall() == [(2,)]
    assert _value(database, "SELECT count(*) FROM core.iati_transaction") == 0
    assert not (tmp_path / "b.duckdb").exists()


def test_a_half_built_staging_file_is_not_published(tmp_path):
    create_database(tmp_path / "a.duckdb")
    (tmp_path / "a.duckdb.wal").write_bytes(b"left by a kill")
    with pytest.raises(WarehouseError, match="not closed cleanly"):
        publish(tmp_path / "a.duckdb", tmp_path / "w.duckdb")


def test_reading_says_what_is_missing(tmp_path):
    with pytest.raises(WarehouseError, match="ilo-iati refresh"):
        open_for_reading(tmp_path / "none.duckdb")
    (tmp_path / "bad.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match="cannot be read"):
        open_for_reading(tmp_path / "bad.duckdb")


def _hold(root, ready, release):
    with writer_lock(Home.at(root)):
        ready.set()
        release.wait(20)


def test_one_writer_at_a_time_even_after_a_kill(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, ready, release))
    other.start()
    assert ready.wait(20)
    with pytest.raises(LockError, match=str(other.pid)), writer_lock(Home.at(tmp_path)):
        pass
    other.kill()
    other.join()
    with writer_lock(Home.at(tmp_path)):
        pass
