"""Work lists for country offices and departments, and the whole answer as a workbook or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ilo_iati.readiness.evaluation import PREFIX, Readiness

NO_OFFICE = "none"
"""Stands for activities whose identifier names no office."""

COLUMNS = ("office_code", "iati_identifier", "dataset", "source_line", "framework_code", "test_name", "fix")
SHEETS = {
    "Gates": "check",
    "Scores": "score",
    "Fix first": "fix",
    "Activities": "score_activity",
    "Changes": "change",
    "Timeliness": "timeliness",
    "History": "history",
}
_WIDEST = 70
_EXCEL_ROWS = 1_048_576


def office_lists(activities: pa.Table, folder: Path) -> list[Path]:
    """One CSV and one workbook an office, of mart.readiness_score_activity; returns the files in order of office."""
    folder.mkdir(parents=True, exist_ok=True)
    offices: dict[str, list[Mapping[str, Any]]] = {}
    for row in activities.to_pylist():
        offices.setdefault(row["office_code"] or NO_OFFICE, []).append(row)
    files = []
    for office, rows in sorted(offices.items()):
        cells = [[row[name] for name in COLUMNS] for row in rows]
        files += [
            _csv(folder / f"{office}.csv", cells),
            _workbook(folder / f"{office}.xlsx", {office: (COLUMNS, cells)}),
        ]
    return files


def workbook(readiness: Readiness, path: Path) -> Path:
    """The answer as one workbook with a sheet a table."""
    sheets = {}
    for title, name in SHEETS.items():
        table = readiness.tables[PREFIX + name]
        columns = table.column_names
        sheets[title] = (columns, [[row[column] for column in columns] for row in table.to_pylist()])
    return _workbook(path, sheets)


def csv_files(readiness: Readiness, folder: Path) -> list[Path]:
    """The answer as one CSV file a table (UTF-8 with a mark, for spreadsheets); returns them in order of name."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, table in sorted(readiness.tables.items()):
        columns = table.column_names
        cells = [[row[column] for column in columns] for row in table.to_pylist()]
        files.append(_csv(folder / f"{name.removeprefix(PREFIX)}.csv", cells, columns))
    return files


def as_json(readiness: Readiness) -> str:
    """The answer as JSON: decision, alarms and every table as a list of objects; dates as text."""
    tables = {name.removeprefix(PREFIX): table.to_pylist() for name, table in readiness.tables.items()}
    alarms = [alarm.as_dict() for alarm in readiness.alarms]
    return json.dumps({"version": 1, "decision": readiness.decision.value, "alarms": alarms, **tables}, default=str)


def _csv(path: Path, cells: Sequence[Sequence[Any]], columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows([[_harmless(cell) for cell in row] for row in cells])
    return path


def _harmless(cell: Any) -> Any:
    # A published text that begins so would be run as a formula by a spreadsheet.
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _workbook(path: Path, sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, (columns, cells) in sheets.items():
        sheet = book.create_sheet(title[:31])
        sheet.append([name.replace("_", " ") for name in columns])
        for cell in sheet[1]:
            cell.font, cell.alignment = Font(bold=True), Alignment(vertical="top")
        for number, row in enumerate(cells[: _EXCEL_ROWS - 1], 2):
            for place, value in enumerate(row, 1):
                cell = sheet.cell(number, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # text stays text, also where it begins with an equals sign
        sheet.freeze_panes, sheet.auto_filter.ref = "A2", sheet.dimensions
        for place, name in enumerate(columns, 1):
            widest = max([len(name), *(len(str(row[place - 1] or "")) for row in cells[:200])])
            sheet.column_dimensions[get_column_letter(place)].width = min(widest + 2, _WIDEST)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path
