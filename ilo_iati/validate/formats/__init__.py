"""Reports to text, JSON, CSV, SARIF and HTML: each a function that writes datasets one by one as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TextIO

from ilo_iati.validate.formats.csv_rows import write_csv
from ilo_iati.validate.formats.html import write_html
from ilo_iati.validate.formats.json_contract import write_json
from ilo_iati.validate.formats.occasion import Occasion
from ilo_iati.validate.formats.sarif import write_sarif
from ilo_iati.validate.formats.text import write_text
from ilo_iati.validate.report import DatasetReport

Writer = Callable[[Iterable[DatasetReport], Occasion, TextIO], None]

FORMATS: dict[str, Writer] = {
    "text": write_text,
    "json": write_json,
    "csv": write_csv,
    "sarif": write_sarif,
    "html": write_html,
}

__all__ = ["FORMATS", "Occasion", "Writer"]
