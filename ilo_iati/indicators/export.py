"""The indicator tables as files for a paper: page, workbook, CSV, JSON, Parquet; same figures, same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ilo_iati.indicators.page import render
from ilo_iati.indicators.paper import Paper
from ilo_iati.indicators.workbook import workbook


def write(paper: Paper, folder: Path) -> list[Path]:
    """Writes indicators.html, .xlsx and .json, and csv/ and parquet/ with a file a table; returns the paths.

    Each file is written aside and renamed, so a reader never sees half of one.
    """
    files: dict[str, bytes] = {
        "indicators.html": render(paper).encode("utf-8"),
        "indicators.xlsx": workbook(paper),
        "indicators.json": _json(paper).encode("utf-8"),
    }
    for name, table in paper.tables.items():
        files[f"csv/{name}.csv"] = csv_text(table.to_pylist(), table.column_names).encode("utf-8")
        files[f"parquet/{name}.parquet"] = _parquet(table)
    return [_put(folder / name, content) for name, content in files.items()]


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(content)
    return aside.replace(path)


def cell(value: Any) -> str:
    """A value as text: dates as ISO 8601, numbers with up to six decimals, NULL empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def csv_text(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """CSV with a header, LF at the line ends, UTF-8 when written."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return stream.getvalue()


def _json(paper: Paper) -> str:
    tables = {name: table.to_pylist() for name, table in paper.tables.items()}
    document = {"version": 1, "as_of": paper.as_of.isoformat(), "tables": tables}
    return json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n"


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
