"""OECD-DAC files to core.dac_flow: which layout a file has, which of its rows are about the ILO, one row a measure.

Only rows about the ILO are kept: an ILO channel, a parent channel under which the ILO is named, or the ILO as reporter
(donor 940). A CRS year has a quarter of a million rows, so a cheap look at the bytes comes before any parsing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ilo_iati.errors import InputError
from ilo_iati.extract.tabular.dac_layout import LAYOUTS, LOOKS, SDMX_NEEDED, Layout, find_layout
from ilo_iati.extract.tabular.dac_parquet import parquet_rows
from ilo_iati.extract.tabular.dac_row import REPORTER, about_ilo, flows, is_same_money, reporter, source_of
from ilo_iati.extract.tabular.lines import text_members
from ilo_iati.extract.tabular.records import Tally, read_header, records
from ilo_iati.extract.tabular.table import make_table, say_layout, say_lost, say_rejected, say_unreadable
from ilo_iati.findings import Finding, Severity

__all__ = ["LAYOUTS", "read_dac"]

MILLIONS = "6"
"""UNIT_MULT of every DAC answer seen: amounts in millions of US dollars."""
MOST_FINDINGS = 20
"""Beyond this many lost values of one file a single finding counts the rest."""


def read_dac(
    path: Path,
    *,
    dataset: str,
    sha256: str,
    release: str | None = None,
    is_illustrative: bool = False,
    own_in: str | None = None,
    table: str | None = None,
) -> tuple[pa.Table, list[Finding]]:
    """Rows of core.dac_flow in one file, and what could not be read.

    `path`: SDMX CSV with labels, Multisystem, CRS, DAC1 or DAC2A text, plain or in a zip, or CRS Parquet.
    `release`: the OECD's release date, YYYYMMDD, where known. `own_in`: the dataset that brings the rows the ILO itself
    reports; they are left out here and counted. `table`: multisystem, crs, dac1 or dac2a where the file must be of that
    one; rows of another are left out and counted. An unreadable file gives no rows and a finding.
    """
    findings: list[Finding] = []
    facts = {"dataset": dataset, "snapshot_sha256": sha256, "release": release, "is_illustrative": is_illustrative}
    rows: list[dict[str, Any]] = []
    units: Counter[str] = Counter()
    left: Counter[str] = Counter()
    try:
        for line, layout, record in _records(path, dataset, findings):
            why = _left_out(layout, record, own_in, table)
            if why or not about_ilo(layout, record):
                left[why] += 1
                continue
            units[record.get("multiplier", MILLIONS)] += 1
            _add(rows, findings, facts, line, layout, record)
    except InputError as error:
        findings.append(say_unreadable(dataset, error))
    told = [*_capped(findings, dataset), *_odd_units(units, dataset), *_say_left(left, dataset, own_in, bool(rows))]
    return make_table("core.dac_flow", rows), told


def _left_out(layout: Layout, record: dict[str, str], own_in: str | None, table: str | None) -> str:
    """The finding under which a record is counted that must not be added to the others; empty: it may."""
    if table is not None and source_of(layout, record) != table:
        return "extract.other_table"
    if own_in is not None and reporter(record) == REPORTER:
        return "extract.elsewhere"
    return "extract.same_money" if is_same_money(layout, record) else ""


def _say_left(left: Counter[str], dataset: str, own_in: str | None, is_any_read: bool) -> list[Finding]:
    texts = {
        "extract.elsewhere": (
            Severity.ADVISORY, f"rows that the ILO itself reports stand in {own_in} too and are read from there",
            "Nothing."),
        "extract.same_money": (
            Severity.ADVISORY if is_any_read else Severity.WARNING,
            "rows are totals or parts of the same money as the rows that are read, and are left out",
            "Nothing, if others were read; else ask for the rows that schemas/sources names in `key`."),
        "extract.other_table": (
            Severity.ERROR, "rows are of another table of the OECD than this source, and are left out",
            "Put the file into the drop folder of its own source."),
    }  # fmt: skip
    return [
        Finding(rule, severity, f"{dataset}: {left[rule]:,} {text}.", fix, "extraction", dataset, value=str(left[rule]))
        for rule, (severity, text, fix) in texts.items()
        if left[rule]
    ]


def _odd_units(units: Counter[str], dataset: str) -> list[Finding]:
    """A finding where an SDMX answer states amounts in anything but millions: read as stated, but unheard of."""
    odd = sum(count for unit, count in units.items() if unit not in (MILLIONS, ""))
    if not odd:
        return []
    text = f"{dataset}: {odd:,} rows state another unit than millions (UNIT_MULT 6); they were read as they state."
    fix = "Compare a few amounts with the OECD's data explorer before trusting them."
    return [Finding("extract.unit", Severity.WARNING, text, fix, "extraction", dataset, value=str(odd))]


def _add(
    rows: list[dict[str, Any]], findings: list[Finding], facts: dict[str, Any], line: int, layout: Layout,
    record: dict[str, str],
) -> None:  # fmt: skip
    try:
        rows += ({**facts, "source_line": line, **row} for row in list(flows(layout, record)))
    except ValueError as error:
        findings.append(say_lost(facts["dataset"], line, "number", str(error)))


def _records(path: Path, dataset: str, findings: list[Finding]) -> Iterator[tuple[int, Layout, dict[str, str]]]:
    """Every record that may be about the ILO: its line, its layout, its fields by canonical name."""
    with path.open("rb") as stream:
        is_parquet = stream.read(4) == b"PAR1"
    if is_parquet:
        yield from parquet_rows(path, dataset, findings)
        return
    for member in text_members(path):
        yield from _text_records(path, member, dataset, findings)


def _text_records(
    path: Path, member: str, dataset: str, findings: list[Finding]
) -> Iterator[tuple[int, Layout, dict[str, str]]]:
    delimiter, names = read_header(path, member)
    if names and not names[-1]:
        names = names[:-1]
    layout, positions = find_layout(names)
    missing = [field for field in layout.needed if field not in positions] if layout else []
    if layout is None or missing:
        findings.append(say_layout(dataset, names, missing))
        return
    tally = Tally()
    look = LOOKS.get(layout.name)
    for record in records(path, member, delimiter, len(names), tally, look and look.search):
        fields = {field: record.fields[at].strip() for field, at in positions.items()}
        if layout.name == "sdmx" and (lacking := _lacking(layout, fields)):
            findings.append(say_layout(dataset, names, lacking))
            return
        yield record.line, layout, fields
    findings += say_rejected(dataset, tally)


def _lacking(layout: Layout, fields: dict[str, str]) -> list[str]:
    """What an SDMX answer of this table lacks; which table it is, only its rows say."""
    return [name for name in SDMX_NEEDED.get(source_of(layout, fields), ()) if name not in fields]


def _capped(findings: list[Finding], dataset: str) -> list[Finding]:
    lost = [item for item in findings if item.rule_id == "cast.lost"]
    if len(lost) <= MOST_FINDINGS:
        return findings
    rest = [item for item in findings if item.rule_id != "cast.lost"] + lost[:MOST_FINDINGS]
    text = f"{dataset}: {len(lost) - MOST_FINDINGS:,} more rows are left out for values that are no numbers."
    fix = "The layout may have changed: look at the first of them."
    return [*rest, Finding("cast.lost", Severity.ERROR, text, fix, "extraction", dataset, value=str(len(lost)))]
