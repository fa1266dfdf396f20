"""UN CEB revenue files to core.ceb_revenue: the ILO's lines, by instrument or by donor, the two never mixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from ilo_iati.extract.tabular.records import Tally, plain_places, read_header, records
from ilo_iati.extract.tabular.table import number, read_table, say_layout, say_lost, say_rejected
from ilo_iati.findings import Finding

ENTITY = "ILO"
_FIELDS = {
    "year": ("year", "calendaryear"),
    "amount_usd": ("amountusd", "amount", "usdamount"),
    "revenue_type_code": ("subtype",),
    "revenue_type_name": ("subtypename",),
    "revenue_type": ("revtype", "type", "revenuetype"),
    "contributor_name": ("contributor", "donor", "governmentdonor", "nongovernmentdonor", "government", "donorname"),
    "contributor_type_code": ("contribtype", "contributortype"),
    "entity": ("agency", "entity", "organization", "organisation"),
    "sub_entity": ("subagency",),
}
_CODES = (
    ("assessed", "R01"),
    ("un-earmarked", "R02"),
    ("unearmarked", "R02"),
    ("untied", "R02"),
    ("voluntary core", "R02"),
    ("earmarked", "R03"),
    ("non-core", "R03"),
    ("other", "R04"),
)
"""Words of a revenue type to its code; the first that fits, so un-earmarked stands before earmarked."""
_OLD_TRUST_FUNDS = range(2015, 2018)
"""In these years 'voluntary un-earmarked' of the files by donor is the old code R08, multi-donor trust funds."""


def read_ceb(path: Path, *, dataset: str, sha256: str, is_illustrative: bool = False) -> tuple[pa.Table, list[Finding]]:
    """Rows of core.ceb_revenue in one file, and what could not be read.

    A file with a contributor column is by donor, any other by instrument. Files of the whole UN system and extracts for
    the ILO alone are both read. `is_illustrative` is taken for the sake of one shape of reader; CEB figures are real.
    """
    del is_illustrative
    facts = {"dataset": dataset, "snapshot_sha256": sha256}
    return read_table("core.ceb_revenue", path, _rows, facts)


def _rows(path: Path, member: str, dataset: str, findings: list[Finding]) -> Iterator[dict[str, Any]]:
    delimiter, names = read_header(path, member)
    places = _places(names)
    missing = [name for name in ("year", "amount_usd") if name not in places]
    if "revenue_type" not in places and "revenue_type_code" not in places:
        missing.append("revenue_type")
    if missing:
        findings.append(say_layout(dataset, names, missing))
        return
    tally = Tally()
    for record in records(path, member, delimiter, len(names), tally):
        fields = {name: record.fields[at].strip() for name, at in places.items()}
        if ENTITY not in (fields.get("entity", ENTITY), fields.get("sub_entity")):
            continue
        try:
            row = _row(fields)
        except ValueError as error:
            findings.append(say_lost(dataset, record.line, "number or known revenue type", str(error)))
            continue
        if row is not None:
            yield row | {"source_line": record.line}
    findings += say_rejected(dataset, tally)


def _places(names: list[str]) -> dict[str, int]:
    known = plain_places(names)
    found = ((field, next((known[name] for name in spellings if name in known), None))
             for field, spellings in _FIELDS.items())  # fmt: skip
    return {field: at for field, at in found if at is not None}


def _row(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """One row; None for a line that states no amount. Raises ValueError with the text that cannot be read."""
    amount, year = number(fields["amount_usd"].replace(",", "")), number(fields["year"])
    if year is None:
        raise ValueError(fields["year"])
    if amount is None:
        return None
    by_donor = "contributor_name" in fields
    kind = fields.get("contributor_type_code", "")
    return {
        "granularity": "donor" if by_donor else "type",
        "year": int(year),
        "revenue_type_code": _code(fields, int(year), by_donor),
        "revenue_type_name": fields.get("revenue_type_name") or fields.get("revenue_type"),
        "contributor_name": fields.get("contributor_name") or None,
        "contributor_type_code": kind if kind.startswith("C") else None,
        "amount_usd": amount,
    }


def _code(fields: Mapping[str, str], year: int, by_donor: bool) -> str:
    stated = fields.get("revenue_type_code") or fields.get("revenue_type", "")
    if stated[:1] == "R" and stated[1:3].isdigit():
        return stated
    code = next((code for word, code in _CODES if word in stated.lower()), None)
    if code is None:
        raise ValueError(stated)
    return "R08" if by_donor and code == "R02" and year in _OLD_TRUST_FUNDS else code
