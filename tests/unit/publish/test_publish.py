"""What readers without DuckDB get: Parquet, the dictionary, datapackage.json."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ilo_iati.extract import extract_dataset, file_sha256
from ilo_iati.load import stage
from ilo_iati.publish import describe, dictionary, export_parquet, parquet, swap_folder, write_datapackage
from ilo_iati.spec.table import load_tables

TABLES = load_tables()
DOCUMENT = Path(__file__).parents[2] / "golden" / "tables" / "full_203.xml"


def test_every_table_is_exported_and_described(tmp_path):
    part = extract_dataset(DOCUMENT, "d", file_sha256(DOCUMENT), tmp_path / "parts")
    counts = stage(tmp_path / "w.duckdb", [part], TABLES)
    sizes = export_parquet(tmp_path / "w.duckdb", tmp_path / "parquet")
    assert set(sizes) == set(TABLES)
    rows = pq.read_table(tmp_path / "parquet" / "core.iati_transaction")
    assert rows.num_rows == 2
    path = write_datapackage(TABLES, counts, tmp_path / "parquet")
    package = json.loads(path.read_text())
    resource = next(r for r in package["resources"] if r["title"] == "core.iati_transaction")
    assert resource["rows"] == 2
    assert [f["name"] for f in resource["schema"]["fields"]] == rows.column_names
    assert (tmp_path / "parquet" / resource["path"][0]).exists()


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_folder_takes_the_place_of_the_former_one(tmp_path, monkeypatch, in_one_step):
    if not in_one_step:
        monkeypatch.setattr(parquet, "_exchange", lambda *_: False)
    for text in ("first", "second"):
        built = tmp_path / "built"
        built.mkdir()
        (built / text).touch()
        swap_folder(built, tmp_path / "published" / "parquet")
        assert [f.name for f in (tmp_path / "published" / "parquet").iterdir()] == [text]
    assert [f.name for f in tmp_path.iterdir()] == ["published"]
    assert [f.name for f in (tmp_path / "published").iterdir()] == ["parquet"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux exchanges two names in one step")
def test_a_reader_never_misses_the_folder(tmp_path):
    """While folders are exchanged a thousand times, the published name is always there."""
    published, other = tmp_path / "published", tmp_path / "other"
    published.mkdir()
    other.mkdir()
    missed, is_done = [], threading.Event()

    def look():
        while not is_done.is_set():
            missed.extend([] if published.exists() else [1])

    reader = threading.Thread(target=look)
    reader.start()
    assert all(parquet._exchange(other, published) for _ in range(1000))
    is_done.set()
    reader.join()
    assert missed == []


def test_the_dictionary_says_path_list_and_unit():
    text = describe(TABLES["core.iati_budget"])
    assert "| `value_amount` | DECIMAL(24,4) |" in text
    assert "From `value`." in text
    assert "Code list: BudgetType." in text
    assert "| [`core.iati_budget`](#coreiati_budget) |" in dictionary(TABLES)
