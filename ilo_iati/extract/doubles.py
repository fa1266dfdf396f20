"""Years that two datasets of a source hold: read from the better one, left out of the other and counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from ilo_iati.findings import Finding, Severity
from ilo_iati.spec.source import Source

Read = Mapping[str, tuple[pa.Table, list[Finding]]]
"""Rows (with a column `year`) and findings by dataset."""


def each_year_once(
    source: Source, read: Read, came: Mapping[str, datetime]
) -> dict[str, tuple[pa.Table, list[Finding]]]:
    """The same without rows of a year that a better dataset of the source holds, each such dataset with a finding.

    `came`: when each dataset arrived. Of the OECD a file goes before blocks of the API, and of a year's file and a
    whole table the one that came later: an officer's file or a half-reachable bulk host may leave them side by side.
    Elsewhere a file goes before those it declares as replaced.
    """
    return {name: _without(source, read, came, name) for name in read}


def _without(source: Source, read: Read, came: Mapping[str, datetime], name: str) -> tuple[pa.Table, list[Finding]]:
    table, found = read[name]
    for other in read:
        if other == name or not _goes_before(source, came, other, name):
            continue
        is_held = pc.is_in(table["year"], pc.unique(read[other][0]["year"]))
        if lost := pc.sum(is_held).as_py():
            text = f"{name}: {lost:,} rows of years that stand in {other} too are read from there."
            told = Finding(
                "extract.elsewhere", Severity.ADVISORY, text, "Nothing.", "extraction", name, value=str(lost)
            )
            table, found = table.filter(pc.invert(is_held)), [*found, told]
    return table, found


def _goes_before(source: Source, came: Mapping[str, datetime], one: str, other: str) -> bool:
    if source.kind != "oecd":
        return any(file.dataset == one and other in file.replaces for file in source.files)
    if "_api_" in one or "_api_" in other:
        # Two blocks never hold the same rows: the ILO's own are told apart by the reader.
        return "_api_" not in one
    # Of two that came together, as in the first refresh of a sample, the file of the year.
    return (came[one], one != source.dataset) > (came[other], other != source.dataset)
