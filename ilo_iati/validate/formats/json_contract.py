"""`check --format json`: the shape that scripts rely on, written as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from ilo_iati.validate.formats.occasion import Occasion
from ilo_iati.validate.report import DatasetReport, finding_dict
from ilo_iati.validate.waivers import expired

VERSION = 1


def write_json(reports: Iterable[DatasetReport], occasion: Occasion, out: TextIO) -> None:
    """Writes one JSON object; findings stand one a line, so that even very long reports can be read as text."""
    head: dict[str, object] = {"version": VERSION, "profile": occasion.profile, "standard": occasion.standard}
    if occasion.waivers:
        head["expired_waivers"] = [waiver.describe() for waiver in expired(occasion.waivers, occasion.today)]
    out.write(_dump(head)[:-1] + ',\n "datasets": [')
    for number, report in enumerate(reports):
        out.write(",\n" if number else "\n")
        out.write(_dump(report.head())[:-1] + ',\n "findings": [')
        _stream((finding_dict(finding) for finding in report.findings), out)
        if occasion.waivers:
            out.write(',\n "waived": [')
            _stream((occasion.waived_dict(finding) for finding in report.waived), out)
        out.write("}")
    out.write("\n]}\n")


def _stream(rows: Iterable[dict[str, object]], out: TextIO) -> None:
    for number, row in enumerate(rows):
        out.write((",\n  " if number else "\n  ") + _dump(row))
    out.write("]")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
