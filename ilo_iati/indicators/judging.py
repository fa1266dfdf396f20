"""The arithmetic of judgement, without a database: baseline of a series, path to a target, status on the path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilo_iati.spec.indicator import Baseline, Break, Target

ON_TRACK, AT_RISK = 0.95, 0.80
"""Shares of the path at which an indicator is on track, or at risk; below, it is off track."""

STATUSES = ("on_track", "at_risk", "off_track", "no_data", "not_comparable", "monitored")


@dataclass(frozen=True, slots=True)
class Value:
    """One yearly value of a series. `coverage_pct` says how much of the input money or rows the value rests on."""

    series: str
    year: int
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int | None
    coverage_pct: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class Base:
    """A computed baseline; `value` is None where `years_found` is short of what is needed."""

    value: float | None
    years_found: int
    status: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Status and why; `ratio` is the actual over the path (path over actual where less is better)."""

    status: str
    reason: str
    path_value: float | None = None
    ratio: float | None = None


def baseline_of(rule: Baseline, values: Sequence[Value]) -> Base:
    """Baseline of one series: mean of the yearly values in the window, or ratio of sums; `insufficient` if too few."""
    used = [one for one in values if rule.first_year <= one.year <= rule.last_year and one.value is not None]
    if len(used) < rule.minimum_years:
        return Base(None, len(used), "insufficient")
    if rule.method == "ratio":
        below = sum(one.denominator or 0.0 for one in used)
        above = sum(one.numerator or 0.0 for one in used)
        return Base(round(above / below, 6), len(used), "ok") if below else Base(None, len(used), "insufficient")
    return Base(round(sum(one.value or 0.0 for one in used) / len(used), 6), len(used), "ok")


def path_at(base: float | None, base_year: int, target: Target, year: int) -> float | None:
    """The value the path asks for in `year`: on the line from the baseline, or the old level until a step's year."""
    if year >= target.year:
        return target.value
    if base is None:
        return None
    if target.path == "step" or year <= base_year:
        return base
    return base + (target.value - base) * (year - base_year) / (target.year - base_year)


def share_of_path(actual: float, path: float, direction: str) -> float | None:
    """How much of the path is reached, 1 = all; None where zero or a negative number makes a share meaningless."""
    above, below = (path, actual) if direction == "down" else (actual, path)
    if below > 0:
        return above / below
    if direction == "down" and actual <= 0 <= path:
        return 1.0
    return 1.0 if direction != "down" and actual >= path else None


def is_barred(breaks: Iterable[Break], series: str, year: int, rule: Baseline) -> Break | None:
    """The break that makes `year` incomparable with the baseline, if one does: it covers one of the two and not both.

    A break within the baseline's own years bars every year: such a baseline mixes two ways of measuring.
    """
    window = range(rule.first_year, rule.last_year + 1)
    for one in breaks:
        apart = any(one.covers(year) != one.covers(other) for other in window)
        if one.series == series and not one.is_comparable and apart:
            return one
    return None


def judge(
    actual: Value | None, base: Base, rule: Baseline, target: Target | None, direction: str, breaks: Iterable[Break]
) -> Verdict:
    """Status of the latest value. A missing target is no failure: the indicator is then `monitored`."""
    if actual is None or actual.value is None:
        return Verdict("no_data", "no value of a complete year")
    barred = is_barred(breaks, actual.series, actual.year, rule) if base.value is not None else None
    if barred is not None:
        return Verdict("not_comparable", barred.note)
    if target is None:
        return Verdict("monitored", "no target set")
    path = path_at(base.value, rule.last_year, target, actual.year)
    if path is None:
        return Verdict("no_data", f"baseline insufficient: {base.years_found} of {rule.minimum_years} years needed")
    ratio = share_of_path(actual.value, path, direction)
    # Rounded first: 14.25 of 15 is 95 per cent, whatever binary fractions make of it.
    reached = round(ratio, 9) if ratio is not None else -1.0
    status = "on_track" if reached >= ON_TRACK else "at_risk" if reached >= AT_RISK else "off_track"
    return Verdict(status, "", round(path, 6), None if ratio is None else round(ratio, 6))
