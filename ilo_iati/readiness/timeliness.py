"""Timeliness by the Publishing Statistics: how often new transactions appear, and how late; and the forecast."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

Month = tuple[int, int]
Observation = tuple[date, date]
"""The day a snapshot was taken, and the latest transaction date not after it."""
Fall = tuple[date, str]
"""The first day of a worse grade, and that grade."""

FREQUENCIES = ("Monthly", "Quarterly", "Six-Monthly", "Annual", "Less than Annual")
LAGS = ("One month", "A quarter", "Six months", "One year", "More than one year")


def full_months(as_of: date, count: int = 12) -> list[Month]:
    """The `count` full months before the month of `as_of`, newest first."""
    first = as_of.year * 12 + as_of.month - 1
    return [divmod(first - back, 12) for back in range(1, count + 1)]


def months_before(as_of: date, count: int) -> date:
    """The same day `count` months earlier, or that month's last day where it is shorter."""
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - count, 12)
    return _clamped(year, month + 1, as_of.day)


def _clamped(year: int, month: int, day: int) -> date:
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def update_months(observations: Sequence[Observation]) -> set[Month]:
    """Months (0-based month number) in which a snapshot first showed a later transaction date than any before."""
    newest, months = date.min, set()
    for taken, latest in sorted(observations):
        if latest > newest:
            newest = latest
            months.add((taken.year, taken.month - 1))
    return months


def frequency(updates: Collection[Month], first_published: date, as_of: date) -> str:
    """The frequency grade; which rule applies depends on how long ago `first_published` was."""
    months = full_months(as_of)
    hits = [month in updates for month in months]
    if first_published >= months_before(as_of, 3):
        return "Annual"
    if first_published >= months_before(as_of, 6):
        return "Monthly" if all(hits[:3]) else "Annual"
    if first_published >= months_before(as_of, 12):
        if sum(hits[:6]) >= 4:
            return "Monthly"
        return "Quarterly" if any(hits[:3]) and any(hits[3:6]) else "Annual"
    return _settled_frequency(hits)


def _settled_frequency(hits: Sequence[bool]) -> str:
    if sum(hits) >= 7 and any(hits[:2]):
        return "Monthly"
    if sum(hits) >= 3 and any(hits[:4]):
        return "Quarterly"
    if any(hits[:6]) and any(hits[6:]):
        return "Six-Monthly"
    return "Annual" if any(hits) else "Less than Annual"


def time_lag(transaction_months: Collection[Month], as_of: date) -> str:
    """The time-lag grade from the months (0-based month number) that hold any transaction date."""
    hits = [month in transaction_months for month in full_months(as_of)]
    if sum(hits[:3]) >= 2:
        return "One month"
    if any(hits[:3]):
        return "A quarter"
    if any(hits[:6]):
        return "Six months"
    return "One year" if any(hits) else "More than one year"


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Both grades on the day, and the first day within a year on which each falls if nothing more is published."""

    frequency: str
    time_lag: str
    frequency_falls: Fall | None
    time_lag_falls: Fall | None
    basis: str
    updates: tuple[Month, ...]
    transactions: tuple[Month, ...] = ()


def assess(
    observations: Sequence[Observation], transaction_months: Collection[Month], first_published: date, as_of: date
) -> Timeliness:
    """Grades for `as_of`. With less than a year of observations the updates are estimated from transaction dates.

    The estimate takes each month with a transaction date as a month with an update: the best case, and said so.
    """
    start = min((taken for taken, _ in observations), default=as_of)
    is_observed = start <= months_before(as_of, 12)
    known = [item for item in observations if item[0] <= as_of]
    updates = update_months(known) if is_observed else set(transaction_months)
    now_frequency, now_lag = frequency(updates, first_published, as_of), time_lag(transaction_months, as_of)
    later = [months_before(date(as_of.year, as_of.month, 1), -ahead) for ahead in range(1, 13)]
    frequency_falls = _fall(
        FREQUENCIES, now_frequency, [(day, frequency(updates, first_published, day)) for day in later]
    )
    lag_falls = _fall(LAGS, now_lag, [(day, time_lag(transaction_months, day)) for day in later])
    basis = "observed" if is_observed else "estimated from transaction dates"
    updated, held = tuple(sorted(updates)), tuple(sorted(transaction_months))
    return Timeliness(now_frequency, now_lag, frequency_falls, lag_falls, basis, updated, held)


def _fall(grades: Sequence[str], now: str, later: Sequence[tuple[date, str]]) -> Fall | None:
    worse = ((day, grade) for day, grade in later if grades.index(grade) > grades.index(now))
    return next(worse, None)
