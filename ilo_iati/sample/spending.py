"""Money in and out of one project from 2020: dated receipts, spending by month, corrections below zero."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ilo_iati.sample.amounts import CONTRIBUTION_SHARE, SPENDING_SHARE, rbsa_usd, voluntary_usd
from ilo_iati.sample.draws import between, draw, split
from ilo_iati.sample.plan import Share, shares

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LAST_MONTH = {2026: 6}


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount in cents on a day."""

    date: str
    cents: int


@cache
def spent_per_dollar(year: int) -> float:
    """Earmarked spending for each dollar received, so that with RBSA the year's spending is SPENDING_SHARE of CEB."""
    received = sum(share.usd for share in shares(year))
    target = voluntary_usd(year) * float(SPENDING_SHARE / CONTRIBUTION_SHARE) - rbsa_usd(year)
    return target / received


def receipts(share: Share) -> list[Entry]:
    """One or two receipts of a year's money; now and then five cents brought forward are a receipt of their own."""
    key = (share.project.number, share.year)
    months = LAST_MONTH.get(share.year, 12)
    weights = [1.0] if draw("one receipt", *key) < 0.6 else [0.5 + draw("first", *key), 0.5 + draw("second", *key)]
    parts = split(share.usd * 100, weights)
    days = sorted((between(1, months, "month", *key, n), between(1, 28, "day", *key, n)) for n in range(len(parts)))
    found = [Entry(f"{share.year}-{month:02d}-{day:02d}", part) for (month, day), part in zip(days, parts, strict=True)]
    if draw("forward", *key) < 0.04:
        found[0] = Entry(found[0].date, found[0].cents - 5)
        found.append(Entry(f"{share.year}-01-01", 5))
    return found


def monthly(total_cents: int, year: int, *key: object) -> list[Entry]:
    """`total_cents` over some months of the year, dated on their last days; a few months are below zero."""
    months = range(LAST_MONTH.get(year, 12))
    used = [month for month in months if draw("used", *key, year, month) < 0.5] or [months[-1]]
    weights = [0.3 + draw("spent", *key, year, month) for month in used]
    if len(used) > 3:
        correction = used.index(max(used, key=lambda month: draw("correction", *key, year, month)))
        weights[correction] = -0.08 if draw("below zero", *key, year) < 0.45 else weights[correction]
    leap = year % 4 == 0
    return [
        Entry(f"{year}-{month + 1:02d}-{DAYS[month] + (leap and month == 1):02d}", part)
        for month, part in zip(used, split(total_cents, weights), strict=True)
    ]


def month_label(date: str) -> str:
    """`2021-04-30` as `APR-21`."""
    return f"{MONTHS[int(date[5:7]) - 1]}-{date[2:4]}"


def by_label(entries: list[Entry]) -> list[Entry]:
    """Months in the order of their names, April first, as the ILO's files have them."""
    return sorted(entries, key=lambda entry: (month_label(entry.date), entry.date))
