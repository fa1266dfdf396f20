"""The whole answer as JSON, CSV files or a workbook; and the two writers of tables that do spreadsheets no harm."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ilo_iati.readiness.evaluation import PREFIX, Readiness
from ilo_iati.readiness.leads import by_correction

Grid = tuple[Sequence[str], Sequence[Sequence[Any]]]
"""Names of the columns, and the rows."""
FIX_FIRST = "Fix first"
SHEETS = {
    "Gates": "check",
    "Scores": "score",
    FIX_FIRST: "fix",
    "Offices": "office",
    "Office fixes": "fix_office",
    "Activities": "score_activity",
    "Findings": "finding_activity",
    "Changes": "change",
    "Timeliness": "timeliness",
    "History": "history",
}
_WIDEST = 70
_EXCEL_ROWS = 1_048_576


def workbook(readiness: Readiness, path: Path) -> Path:
    """The answer as one workbook with a sheet a table; what to fix first with the gain in each score side by side."""
    sheets = {title: _grid(readiness, name) for title, name in SHEETS.items()}
    return write_workbook(path, {**sheets, FIX_FIRST: _fix_first(readiness)})


def csv_files(readiness: Readiness, folder: Path) -> list[Path]:
    """The answer as one CSV file a table (UTF-8 with a mark, for spreadsheets); returns them in order of name."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [name.removeprefix(PREFIX) for name in sorted(readiness.tables)]
    return [write_csv(folder / f"{name}.csv", _grid(readiness, name)) for name in names]


def as_json(readiness: Readiness) -> str:
    """The answer as JSON: decision, alarms and every table as a list of objects; dates as text."""
    tables = {name.removeprefix(PREFIX): table.to_pylist() for name, table in readiness.tables.items()}
    alarms = [alarm.as_dict() for alarm in readiness.alarms]
    return json.dumps({"version": 1, "decision": readiness.decision.value, "alarms": alarms, **tables}, default=str)


def _grid(readiness: Readiness, name: str) -> Grid:
    table = readiness.tables[PREFIX + name]
    return table.column_names, [list(row.values()) for row in table.to_pylist()]


def _fix_first(readiness: Readiness) -> Grid:
    rows = by_correction(readiness.tables[f"{PREFIX}fix"].to_pylist())
    codes = list(rows[0]["gains"]) if rows else []
    names = ("fix_code", "fix_name", *(f"{code}_gain" for code in codes), "activity_count", "finding_count", "fix")
    return names, [
        [row["fix_code"], row["fix_name"], *row["gains"].values(), row["activities"], row["findings"], row["fix"]]
        for row in rows
    ]


def write_csv(path: Path, grid: Grid) -> Path:
    """A CSV file in UTF-8 with a mark, in which no text is run as a formula."""
    columns, cells = grid
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows([[_harmless(cell) for cell in row] for row in cells])
    return path


def _harmless(cell: Any) -> Any:
    # A published text that begins so would be run as a formula by a spreadsheet.
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell


def write_workbook(path: Path, sheets: Mapping[str, Grid]) -> Path:
    """A workbook with a sheet a table, its first row fixed and filtered; every text stays text."""
    book = Workbook()
    book.remove(book.active)
    for title, grid in sheets.items():
        _fill(book.create_sheet(title[:31]), *grid)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def _fill(sheet: Worksheet, columns: Sequence[str], cells: Sequence[Sequence[Any]]) -> None:
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
