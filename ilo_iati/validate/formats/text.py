"""The report for a terminal: the verdict first, then each rule with its first places and what to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TextIO

from ilo_iati.findings import FILE_LEVEL, Finding, Severity
from ilo_iati.validate.formats.groups import Group, by_rule
from ilo_iati.validate.formats.occasion import Occasion
from ilo_iati.validate.report import DatasetReport
from ilo_iati.validate.waivers import expired

PLACES = 3
WIDTH = 110
_COLOURS = {Severity.CRITICAL: "1;31", Severity.ERROR: "31", Severity.WARNING: "33", Severity.ADVISORY: "36"}


def write_text(reports: Iterable[DatasetReport], occasion: Occasion, out: TextIO) -> None:
    """Writes one block a dataset and a closing line over all."""
    datasets, totals, valid = 0, Counter[str](), 0
    for report in reports:
        datasets += 1
        valid += report.valid
        totals.update(report.summary)
        for line in _dataset(report, occasion):
            print(line, file=out)
    for waiver in expired(occasion.waivers, occasion.today):
        print(f"The waiver of {waiver.describe()}, ended on {waiver.until}; what it covered counts again.", file=out)
    if datasets != 1:
        print(f"{datasets} datasets, {valid} valid: {_counts(totals)} (profile {occasion.profile})", file=out)


def _dataset(report: DatasetReport, occasion: Occasion) -> Iterator[str]:
    verdict = _paint("VALID", "1;32", occasion) if report.valid else _paint("NOT VALID", "1;31", occasion)
    what = f"{report.file_type or 'not an IATI file'} {report.iati_version or ''}".strip()
    thing = "organisation" if report.file_type == "iati-organisations" else "activity"
    yield f"{verdict}  {report.path}"
    yield f"  {what}, {_number(report.activities, thing)}, profile {occasion.profile}: {_counts(report.summary)}"
    if report.lost_activities or report.lost_bytes:
        lost = f"{_number(report.lost_activities, 'activity')}, {_number(report.lost_bytes, 'byte')}"
        yield _paint(f"  Not read: {lost}. What is left was read.", "1;31", occasion)
        if occasion.profile == "official":
            yield "  The official validator stops here; --profile strict also checks what could be read."
    for group in by_rule(report.findings, PLACES):
        yield from _group(group, occasion)
    if len(report.waived):
        yield f"  Waived: {_counts(report.waived.summary())}"
        for group in by_rule(report.waived, 1):
            reason = (occasion.waiver_of(group.first) or {}).get("reason", "")
            yield f"    {group.first.rule_id} x{group.count}  {reason}"
    if report.not_evaluated:
        yield from _wrap(f"Not evaluated: {', '.join(report.not_evaluated)}", "  ")
    yield ""


def _group(group: Group, occasion: Occasion) -> Iterator[str]:
    first = group.first
    label = _paint(first.severity.value.upper(), _COLOURS[first.severity], occasion)
    yield f"\n  {label} {first.rule_id}, {group.count:,} times" if group.count > 1 else f"\n  {label} {first.rule_id}"
    yield from _wrap(first.message, "    ")
    for place in group.places:
        yield f"      {_place(place)}"
    if group.more:
        yield f"      ... and {group.more:,} more"
    if first.fix:
        yield from _wrap(f"Fix: {first.fix}", "    ")


def _place(finding: Finding) -> str:
    line = f"line {finding.line:,}" if finding.line else "no line"
    name = "" if finding.identifier == FILE_LEVEL else f"  {_printable(finding.identifier)}"
    value = f"  = {_printable(finding.value)[:60]}" if finding.value is not None else ""
    return f"{line}{name}{value}"


def _printable(text: str) -> str:
    """Without control characters: the text comes from the file and must not steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _wrap(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(_printable(text), WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _counts(summary: dict[str, int] | Counter[str]) -> str:
    found = [_number(summary[each.value], each.value) for each in Severity if summary.get(each.value)]
    return ", ".join(found) or "no findings"


def _number(count: int, thing: str) -> str:
    plural = {"activity": "activities", "critical": "critical", "advisory": "advisories"}.get(thing, thing + "s")
    return f"{count:,} {thing if count == 1 else plural}"


def _paint(text: str, code: str, occasion: Occasion) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if occasion.colour else text
