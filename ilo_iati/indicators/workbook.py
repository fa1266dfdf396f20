"""The indicator tables as one Excel workbook: a sheet to read, a sheet a table, and what it rests on."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ilo_iati.indicators.paper import Paper

SUMMARY = {
    "indicator_id": "Id", "indicator_name": "Indicator", "unit": "Unit", "baseline_value": "Baseline",
    "baseline_status": "Baseline status", "target_value": "Target", "target_year": "Target year",
    "target_status": "Target status", "actual_value": "Latest", "actual_year": "Latest year",
    "path_value": "Path asks", "path_ratio": "Share of path", "change_pct": "Change on baseline, %",
    "status": "Status", "reason": "Reason", "basis": "Basis", "coverage_pct": "Coverage, %", "n": "n",
    "is_illustrative": "Illustrative", "snapshot_set": "Snapshot set",
}  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can carry: the clock must not show in the bytes."""
WIDEST = 60


def workbook(paper: Paper) -> bytes:
    """The .xlsx file. Its dates of creation and change are `as_of`: the same figures give the same bytes."""
    book = Workbook()
    first = book.active
    first.title = "Summary"
    status = paper.tables["mart.indicator_status"].to_pylist()
    _fill(first, list(SUMMARY.values()), ([row[name] for name in SUMMARY] for row in status))
    for name, table in paper.tables.items():
        sheet = book.create_sheet(name.split(".")[1][:31])
        _fill(sheet, table.column_names, (list(row.values()) for row in table.to_pylist()))
    _fill(book.create_sheet("About"), ["What", "Said"], _about(paper))
    sink = io.BytesIO()
    book.save(sink)
    return _without_clock(sink.getvalue(), paper.as_of)


def _about(paper: Paper) -> Iterable[Sequence[Any]]:
    yield ["As of", paper.as_of]
    for row in paper.sources:
        kind = "illustrative sample, nobody's published record" if row["is_illustrative"] else "real, as published"
        yield [row["source"], f"{kind}; {row['datasets']} datasets, fetched {row['first_date']} to {row['last_date']}"]
    for card in paper.tried:
        target = card.target or {}
        yield [
            card.indicator.id,
            f"target {target['target_value']} by {target['target_year']} is tried, not registered",
        ]


def _fill(sheet: Worksheet, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    widths = [len(name) for name in names]
    sheet.append(list(names))
    for values in rows:
        sheet.append([None] * len(names) if not values else list(values))
        for place, cell in enumerate(sheet[sheet.max_row]):
            _dress(cell)
            widths[place] = max(widths[place], min(len(str(cell.value or "")), WIDEST))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E4EDF5")
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width + 2
    sheet.freeze_panes = "C2" if names[0] == "Id" else "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _dress(cell: Cell) -> None:
    if isinstance(cell.value, str):
        # A text that begins with "=" is a text here, never a formula.
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=len(cell.value) > WIDEST, vertical="top")
    elif isinstance(cell.value, float):
        cell.number_format = "#,##0.0" if abs(cell.value) >= 1 else "0.000"


def _without_clock(content: bytes, as_of: date) -> bytes:
    """openpyxl writes the time of saving into the file and into each zip entry; both become fixed."""
    moment = datetime(as_of.year, as_of.month, as_of.day).isoformat() + "Z"
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in given.namelist():
            data = given.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(?<=>)\d{4}-\d\d-\d\dT[\d:.]+Z(?=<)", moment.encode(), data)
            kept.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return sink.getvalue()
