"""What readers without DuckDB get: Parquet, the dictionary, datapackage.json."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from ilo_iati.extract import extract_dataset, file_sha256
from ilo_iati.load import stage
from ilo_iati.publish import describe, dictionary, export_parquet, write_datapackage
from ilo_iati.spec.table import load_tables

TABLES = load_tables()
DOCUMENT = Path(__file__).parents[2] / "golden" / "tables" / "full_203.xml"


def test_every_table_is_exported_and_described(tmp_path):
    part = extract_dataset(DOCUMENT, "d", file_sha256(DOCUMENT), tmp_path / "parts")
    counts = stage(tmp_path / "w.duckdb", [part], TABLES)
    for _ in range(2):  # the second time in the place of the first
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
    assert [f.name for f in tmp_path.iterdir() if f.name.startswith(".parquet")] == []


def test_the_dictionary_says_path_list_and_unit():
    text = describe(TABLES["core.iati_budget"])
    assert "| `value_amount` | DECIMAL(24,4) |" in text
    assert "From `value`." in text
    assert "Code list: BudgetType." in text
    assert "| [`core.iati_budget`](#coreiati_budget) |" in dictionary(TABLES)
