"""Small documents beside the rows, findings and unclaimed paths expected of them (`<document>.yml`)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from ilo_iati.extract import extract_dataset, file_sha256

HERE = Path(__file__).parent
DOCUMENTS = sorted(HERE.glob("*.xml"))
CONSTANT = ("dataset", "snapshot_sha256", "is_illustrative")


def outcome(document: Path, folder: Path) -> dict[str, object]:
    """What an extraction gives: rows without their empty columns, findings, unclaimed paths."""
    part = extract_dataset(document, document.stem, file_sha256(document), folder)
    assert part.unreconciled == ()
    tables = {}
    for table in sorted(part.counts):
        files = [str(path) for path in part.files(table)]
        if files:
            rows = duckdb.read_parquet(files).df().astype(object)
            tables[table] = [_plain(row) for row in rows.to_dict("records")]
    findings = [[f.rule_id, f.identifier, f.activity_index, f.line, f.value] for f in part.findings]
    unclaimed = [[u.path, u.occurrences, u.first_line, u.sample] for u in part.unclaimed]
    return {"tables": tables, "findings": findings, "unclaimed": unclaimed}


def _plain(row: dict[str, object]) -> dict[str, object]:
    kept = {name: value for name, value in row.items() if name not in CONSTANT and value is not None and value == value}
    return {
        name: value if isinstance(value, bool | int | float | str) else _text(value) for name, value in kept.items()
    }


def _text(value: object) -> str:
    return str(value).removesuffix(" 00:00:00")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_rows_findings_and_unclaimed_are_as_expected(document, tmp_path):
    expected = yaml.safe_load(document.with_suffix(".yml").read_text(encoding="utf-8"))
    found = outcome(document, tmp_path)
    assert found["findings"] == expected["findings"]
    assert found["unclaimed"] == expected["unclaimed"]
    assert sorted(found["tables"]) == sorted(expected["tables"])
    for table, rows in expected["tables"].items():
        assert found["tables"][table] == rows, table
