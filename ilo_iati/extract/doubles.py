"""Years that two datasets of a source hold: read from the better one, left out of the other and counted."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ilo_iati.findings import Finding, Severity
from ilo_iati.spec.source import Source

Read = Mapping[str, tuple[pa.Table, list[Finding]]]
"""Rows (with a column `year`) and findings by dataset."""


def each_year_once(source: Source, read: Read) -> dict[str, tuple[pa.Table, list[Finding]]]:
    """The same without rows of a year that a better dataset of the source holds, each such dataset with a finding.

    Of the OECD a file of one year goes before a whole table and that before blocks of the API: an officer's file or a
    half-reachable bulk host may leave them side by side. Elsewhere a file goes before those it declares as replaced.
    """
    return {name: _without(source, read, name) for name in read}


def _without(source: Source, read: Read, name: str) -> tuple[pa.Table, list[Finding]]:
    table, found = read[name]
    for other in read:
        if other == name or not _goes_before(source, other, name):
            continue
        is_held = pc.is_in(table["year"], pc.unique(read[other][0]["year"]))
        if lost := pc.sum(is_held).as_py():
            text = f"{name}: {lost:,} rows of years that stand in {other} too are read from there."
            told = Finding(
                "extract.elsewhere", Severity.ADVISORY, text, "Nothing.", "extraction", name, value=str(lost)
            )
            table, found = table.filter(pc.invert(is_held)), [*found, told]
    return table, found


def _goes_before(source: Source, one: str, other: str) -> bool:
    if source.kind == "oecd":
        return _rank(source, one) < _rank(source, other)
    return any(file.dataset == one and other in file.replaces for file in source.files)


def _rank(source: Source, dataset: str) -> int:
    """0 a file of a year, 1 a whole table, 2 a block of the API."""
    return 2 if "_api_" in dataset else int(dataset == source.dataset)
