"""Work lists for country offices and departments: what to correct, most valuable first, and what it is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from ilo_iati.readiness.export import FIX_FIRST, Grid, write_csv, write_workbook
from ilo_iati.readiness.fixes import DIGITS
from ilo_iati.readiness.frameworks import FRAMEWORKS
from ilo_iati.readiness.offices import NO_OFFICE
from ilo_iati.readiness.reading import Row
from ilo_iati.readiness.work import ACTIVITIES, FINDINGS

OVERVIEW = "offices"
"""Name of the files that list all offices; an office's code is in capital letters or `none`."""
SHOWN = 3
"""Corrections named in the overview of all offices."""
PLACE = ("office_code", "fix_code", "fix_name", "iati_identifier", "dataset", "source_line")
WORDS = ("framework_code", "test_name", "rule_id", "severity", "message", "value", "xpath", "fix")
GROUP, PART, ALONE = "group_gain_points", "gain_points", "alone_points"
SAID = {GROUP: "group_gain", PART: "office_gain", ALONE: "alone_gain"}
"""Gains of mart.readiness_fix_office and what their columns are called, after the framework."""


@dataclass(slots=True)
class Correction:
    """A correction as one office sees it; `gains` by kind of gain and framework."""

    code: str
    name: str
    activities: set[str] = field(default_factory=set)
    findings: int = 0
    gains: dict[tuple[str, str], float] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)

    def worth(self) -> tuple[float, int, str]:
        """Sorts the most valuable first, then by findings."""
        return -sum(gain for (kind, _), gain in self.gains.items() if kind == PART), -self.findings, self.code


def office_lists(tables: Mapping[str, pa.Table], folder: Path) -> list[Path]:
    """For each office a CSV of its work, a CSV summary and a workbook of both; and an overview of all offices.

    `tables` as evaluation.assess gives them. Returns the files in order of office, the overview first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    offices = {office: sorted(found, key=Correction.worth) for office, found in sorted(_offices(tables).items())}
    overview = _overview(offices)
    files = [
        write_csv(folder / f"{OVERVIEW}.csv", overview),
        write_workbook(folder / f"{OVERVIEW}.xlsx", {"Offices": overview}),
    ]
    for office, corrections in offices.items():
        work, summary = _work(office, corrections), _summary(corrections)
        files += [
            write_csv(folder / f"{office}.csv", work),
            write_csv(folder / f"{office}-summary.csv", summary),
            write_workbook(folder / f"{office}.xlsx", {FIX_FIRST: summary, office: work}),
        ]
    return files


def _offices(tables: Mapping[str, pa.Table]) -> dict[str, Iterable[Correction]]:
    found: dict[str, dict[str, Correction]] = defaultdict(dict)
    for row in (*tables[ACTIVITIES].to_pylist(), *tables[FINDINGS].to_pylist()):
        own = found[row["office_code"] or NO_OFFICE]
        correction = own.setdefault(row["fix_code"], Correction(row["fix_code"], row["fix_name"]))
        correction.lines.append(row)
        correction.findings += "rule_id" in row
        correction.activities |= {row["activity_key"]} - {None}
        correction.texts |= {row["fix"]: None} if row["fix"] else {}
    for row in tables["mart.readiness_fix_office"].to_pylist():
        gains = found[row["office_code"]][row["fix_code"]].gains
        gains |= {(kind, row["framework_code"]): row[kind] for kind in SAID}
    return {office: own.values() for office, own in found.items()}


def _gain_columns(*kinds: str) -> list[str]:
    return [f"{code}_{SAID[kind]}" for kind in kinds for code in FRAMEWORKS]


def _gain_cells(correction: Correction, *kinds: str) -> list[float | None]:
    return [correction.gains.get((kind, code)) for kind in kinds for code in FRAMEWORKS]


def _work(office: str, corrections: Sequence[Correction]) -> Grid:
    """A line for each test an activity fails and each finding, those of one correction together, by file and line."""
    columns = (*PLACE, *_gain_columns(GROUP, PART), *WORDS)
    cells = []
    for correction in corrections:
        gains = _gain_cells(correction, GROUP, PART)
        for row in sorted(correction.lines, key=lambda row: (row["dataset"] or "", row["source_line"] or 0)):
            place = [office if name == "office_code" else row[name] for name in PLACE]
            cells.append([*place, *gains, *(row.get(name) for name in WORDS)])
    return columns, cells


def _summary(corrections: Sequence[Correction]) -> Grid:
    kinds = (PART, ALONE, GROUP)
    columns = ("fix_code", "fix_name", "activity_count", "finding_count", *_gain_columns(*kinds), "fix")
    return columns, [
        [one.code, one.name, len(one.activities), one.findings, *_gain_cells(one, *kinds), " ".join(one.texts)]
        for one in corrections
    ]


def _overview(offices: Mapping[str, Sequence[Correction]]) -> Grid:
    """A row an office, the most valuable first: how much there is to do, its parts of the gains, and where to begin."""
    counts = ("activity_count", "finding_count", "correction_count")
    columns = ("office_code", *counts, *_gain_columns(PART), "most_valuable", "list")
    cells = []
    for office, corrections in offices.items():
        activities = len(set().union(*(one.activities for one in corrections)))
        gains = [round(sum(one.gains.get((PART, code), 0.0) for one in corrections), DIGITS) for code in FRAMEWORKS]
        first = "; ".join(one.name for one in corrections[:SHOWN] if one.gains)
        findings = sum(one.findings for one in corrections)
        cells.append([office, activities, findings, len(corrections), *gains, first, f"{office}.xlsx"])
    gain = slice(len(counts) + 1, len(counts) + 1 + len(FRAMEWORKS))
    return columns, sorted(cells, key=lambda row: (-sum(row[gain]), row[0]))
