"""Tables of what the ILO reports to the CRS as donor 940, added up by recipient, to core.dac_flow (crs_aggregate).

Three layouts: D-Portal's table of a year (recipients down, reporters across), a list at current prices, a list at
constant prices. A list names the donor in a column or is of the ILO alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from ilo_iati.extract.tabular.dac_row import MILLION, NAMED, REPORTER, reviewed
from ilo_iati.extract.tabular.records import Record, Tally, plain_name, plain_places, read_header, records
from ilo_iati.extract.tabular.table import number, read_table, say_layout, say_lost, say_rejected
from ilo_iati.findings import Finding

_NAME = "International Labour Organisation"
_FLOWS = {
    "ODA Grants": "11",
    "ODA Loans": "13",
    "Equity Investment": "19",
    "Other Official Flows (non Export Credit)": "14",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each field stands in a record; `year` is set where the table is of one year, V or Q are its prices."""

    places: Mapping[str, int]
    prices: str
    year: int | None = None


def read_outflow(
    path: Path, *, dataset: str, sha256: str, release: str | None = None, is_illustrative: bool = False
) -> tuple[pa.Table, list[Finding]]:
    """Rows of core.dac_flow, one a line with an amount, and what could not be read.

    The table of a year says its year in its name only: `dataset` ends with it. Files say millions of US dollars.
    """
    facts = {"dataset": dataset, "snapshot_sha256": sha256, "release": release, "is_illustrative": is_illustrative}
    return read_table("core.dac_flow", path, _rows, facts)


def _rows(path: Path, member: str, dataset: str, findings: list[Finding]) -> Iterator[dict[str, Any]]:
    delimiter, names = read_header(path, member)
    layout = _layout(names, dataset)
    if layout is None:
        findings.append(say_layout(dataset, names))
        return
    tally = Tally()
    for record in records(path, member, delimiter, len(names), tally):
        if layout.year is not None and plain_name(record.fields[0]) in ("donorname", "recipientname"):
            layout = _with_code(layout, record)
            continue
        try:
            row = _row(layout, {name: record.fields[at].strip() for name, at in layout.places.items()})
        except ValueError as error:
            findings.append(say_lost(dataset, record.line, "number", str(error)))
            continue
        if row is not None:
            yield row | {"source_line": record.line}
    findings += say_rejected(dataset, tally)


def _layout(names: list[str], dataset: str) -> _Layout | None:
    known = plain_places(names)
    year = dataset[-4:]
    if REPORTER in known and "donorcode" in known and year.isdigit():
        return _Layout({"recipient_name": 0, "amount": known[REPORTER]}, "V", int(year))
    fields = {
        "year": "year", "donor_name": "donorname", "recipient_code": "recipientcode",
        "recipient_name": "recipientname", "flow_name": "flowname",
    }  # fmt: skip
    places = {field: known[name] for field, name in fields.items() if name in known}
    for name, prices in (("usdmillion", "V"), ("usddisbursementdeflated", "Q")):
        if name in known and "year" in places and "recipient_name" in places:
            return _Layout(places | {"amount": known[name]}, prices)
    return None


def _with_code(layout: _Layout, second: Record) -> _Layout:
    """The second header line of a year's table says whether a column holds the recipients' codes."""
    code = next((at for at, name in enumerate(second.fields) if plain_name(name) == "recipientcode"), None)
    places = layout.places if code is None else {**layout.places, "recipient_code": code}
    return _Layout(places, layout.prices, layout.year)


def _row(layout: _Layout, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """One row; None for a line without amount or of another donor. Raises ValueError with the text that is none."""
    if not NAMED.search(fields.get("donor_name", _NAME)):
        return None
    amount, year = number(fields["amount"]), layout.year or number(fields["year"])
    if year is None or year != int(year):
        raise ValueError(fields.get("year", ""))
    if amount is None:
        return None
    return {
        "source": "crs_aggregate",
        "year": int(year),
        "donor_code": REPORTER,
        "donor_name": _NAME,
        "recipient_code": fields.get("recipient_code") or _recipients().get(fields["recipient_name"]),
        "recipient_name": fields["recipient_name"],
        "flow_code": _FLOWS.get(fields.get("flow_name", "")),
        "flow_type_code": "D",
        "price_base_code": layout.prices,
        "is_core": False,
        "amount_usd": (amount * MILLION).quantize(Decimal("0.000001")),
    }


@cache
def _recipients() -> dict[str, str]:
    """DAC code by name of the reviewed list of recipients: tables before 2016 have names only."""
    return {row["name"]: row["recipient_code"] for row in reviewed("dac_recipient")}
