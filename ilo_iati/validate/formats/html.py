"""`check --format html`: one self-contained page, readable without network, without script and by a screen reader."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ilo_iati.findings import Severity
from ilo_iati.validate.formats.groups import Group, by_rule
from ilo_iati.validate.formats.occasion import Occasion
from ilo_iati.validate.report import DatasetReport
from ilo_iati.validate.waivers import expired

PLACES = 25
"""Places shown of one rule in one dataset; the page says how many there are beyond."""


class Block(NamedTuple):
    """One dataset on the page."""

    report: DatasetReport
    groups: list[Group]
    waived: list[Group]


def write_html(reports: Iterable[DatasetReport], occasion: Occasion, out: TextIO) -> None:
    """Writes the page. Only the first places of each rule are kept, so that the page stays light for any number."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(default=True),
    )  # fmt: skip
    blocks = [_block(report) for report in reports]
    totals = {severity.value: sum(block.report.summary[severity.value] for block in blocks) for severity in Severity}
    page = environment.get_template("report.html").stream(
        blocks=blocks, occasion=occasion, totals=totals, valid=sum(block.report.valid for block in blocks),
        expired=expired(occasion.waivers, occasion.today),
    )  # fmt: skip
    for chunk in page:
        out.write(chunk)


def _block(report: DatasetReport) -> Block:
    """One dataset on the page."""
    groups, waived = by_rule(report.findings, PLACES), by_rule(report.waived, PLACES)
    report.findings.let_go()
    report.waived.let_go()
    return Block(report, groups, waived)
