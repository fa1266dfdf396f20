"""`check --format csv`: one row a finding, for spreadsheets."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TextIO

from ilo_iati.findings import Finding
from ilo_iati.validate.formats.occasion import Occasion
from ilo_iati.validate.report import DatasetReport

COLUMNS = (
    "path",
    "rule_id",
    "severity",
    "category",
    "identifier",
    "activity_index",
    "line",
    "xpath",
    "value",
    "message",
    "fix",
    "waived",
)


_NUMBER = re.compile(r"[+-]\d+(\.\d+)?")


def write_csv(reports: Iterable[DatasetReport], occasion: Occasion, out: TextIO) -> None:
    """Writes a header and one row a finding; `waived` holds the reason of the waiver, else nothing."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        for finding in report.findings:
            writer.writerow(_row(report.path, finding, ""))
        for finding in report.waived:
            writer.writerow(_row(report.path, finding, (occasion.waiver_of(finding) or {}).get("reason", "")))


def _row(path: str, finding: Finding, waived: str) -> list[object]:
    cells = [path, *(getattr(finding, name) for name in COLUMNS[1:-1]), waived]
    return [_safe(cell) if isinstance(cell, str) else cell for cell in cells]


def _safe(text: str) -> str:
    """Spreadsheets run a cell that begins like a formula, and these texts come from files: an apostrophe stops it."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
