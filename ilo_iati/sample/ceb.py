"""UN CEB's published revenue of the ILO, real and complete for 2011-2024: kept in our tables, served as CSV.

Source: United Nations System Chief Executives Board for Coordination, financial statistics, entity ILO. The facts
are restated in `data/ceb_revenue_by_type.csv` (a line a type and year) and `data/ceb_revenue_by_donor.csv` (a line a
contributor and kind A assessed, E earmarked, U un-earmarked, a column a year). Amounts are US dollars.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from ilo_iati.paths import SAMPLE

KINDS = {"A": "Assessed", "E": "Voluntary earmarked", "U": "Voluntary un-earmarked"}


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one CSV file of `data/`, every value as text."""
    with (SAMPLE / "data" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def as_csv(header: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV file in UTF-8 with plain line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


@lru_cache(maxsize=1)
def by_donor() -> dict[tuple[int, str, str], Decimal]:
    """US dollars by (year, contributor, kind A, E or U), 2013-2024; negative amounts are as published."""
    return {
        (int(year), row["contributor"], row["type"]): Decimal(amount)
        for row in read_rows("ceb_revenue_by_donor.csv")
        for year, amount in row.items()
        if year.isdigit() and amount
    }


@lru_cache(maxsize=1)
def by_type() -> dict[tuple[int, str], Decimal]:
    """US dollars by (year, revenue code R01, R02A, R03 ...), 2011-2024; a code twice in a year is added up."""
    totals: dict[tuple[int, str], Decimal] = {}
    for row in read_rows("ceb_revenue_by_type.csv"):
        key = (int(row["year"]), row["sub_type"])
        totals[key] = totals.get(key, Decimal(0)) + Decimal(row["amount_usd"])
    return totals


def voluntary(year: int) -> Decimal:
    """Voluntary contributions of a year, US dollars: codes R02 and R03 together."""
    return sum(
        (usd for (when, code), usd in by_type().items() if when == year and code[:3] in ("R02", "R03")), Decimal(0)
    )


def total(year: int) -> Decimal:
    """All revenue of a year, US dollars."""
    return sum((usd for (when, _), usd in by_type().items() if when == year), Decimal(0))


def revenue_by_type_csv() -> bytes:
    """The file of revenue by type: year, rev_type, sub_type, sub_type_name, amount_usd."""
    header = ["year", "rev_type", "sub_type", "sub_type_name", "amount_usd"]
    rows = sorted(read_rows("ceb_revenue_by_type.csv"), key=lambda row: (row["year"], row["sub_type"]))
    return as_csv(header, ([row[name] for name in header] for row in rows))


@lru_cache(maxsize=1)
def governments() -> frozenset[str]:
    """Contributors that are states: those that ever paid dues."""
    return frozenset(who for _, who, kind in by_donor() if kind == "A")


def revenue_by_donor_csv(of_governments: bool) -> bytes:
    """One of the two files by contributor, governments or all others: year, contributor, type, amount_usd."""
    lines = ((year, kind, who, usd) for (year, who, kind), usd in by_donor().items())
    rows = sorted(line for line in lines if (line[2] in governments()) == of_governments)
    return as_csv(["year", "contributor", "type", "amount_usd"], ((y, who, KINDS[k], usd) for y, k, who, usd in rows))
