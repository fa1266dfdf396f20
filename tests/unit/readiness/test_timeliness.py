"""Frequency and time lag: each grade and each boundary, and the forecast of a fall."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.readiness.timeliness import assess, frequency, full_months, months_before, time_lag, update_months

AS_OF = date(2026, 11, 20)
MONTHS = full_months(AS_OF)  # October 2026 back to November 2025
OLD = date(2016, 4, 18)


def months(*back: int) -> set[tuple[int, int]]:
    """Months so many full months before AS_OF, 1 being October 2026."""
    return {MONTHS[number - 1] for number in back}


def test_full_months_leave_the_running_month_out():
    assert MONTHS[0] == (2026, 9)
    assert MONTHS[-1] == (2025, 10)


@pytest.mark.parametrize(
    ("updates", "grade"),
    [
        (months(1, 3, 4, 5, 6, 7, 8), "Monthly"),  # seven of twelve, one in the last two
        (months(1, 3, 4, 5, 6, 7), "Quarterly"),  # six only
        (months(3, 4, 5, 6, 7, 8, 9), "Quarterly"),  # seven, but none in the last two
        (months(4, 8, 12), "Quarterly"),  # three, the newest four months back
        (months(5, 8, 12), "Six-Monthly"),  # three, none in the last four, one in each half
        (months(6, 7), "Six-Monthly"),
        (months(1, 2), "Annual"),  # one half only
        (months(12), "Annual"),
        (set(), "Less than Annual"),
    ],
)
def test_frequency_of_a_publisher_of_a_year_or_more(updates, grade):
    assert frequency(updates, OLD, AS_OF) == grade


@pytest.mark.parametrize(
    ("first", "updates", "grade"),
    [
        (date(2026, 8, 20), months(1, 2, 3), "Annual"),  # exactly three months: nothing can be said yet
        (date(2026, 8, 19), months(1, 2, 3), "Monthly"),
        (date(2026, 5, 20), months(1, 2), "Annual"),
        (date(2026, 5, 19), months(1, 2, 3, 4), "Monthly"),
        (date(2026, 5, 19), months(1, 4), "Quarterly"),
        (date(2025, 11, 20), months(1, 2), "Annual"),
        (date(2025, 11, 19), months(1, 2), "Annual"),  # a year: the rule of old publishers, one half only
        (date(2025, 11, 19), months(1, 2, 3, 4), "Quarterly"),
    ],
)
def test_frequency_of_younger_publishers(first, updates, grade):
    assert frequency(updates, first, AS_OF) == grade


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        (months(1, 2), "One month"),
        (months(2, 3), "One month"),
        (months(3), "A quarter"),
        (months(4, 5, 6), "Six months"),
        (months(7), "One year"),
        (set(), "More than one year"),
        ({(2026, 10)}, "More than one year"),  # the running month does not count
    ],
)
def test_time_lag(found, grade):
    assert time_lag(found, AS_OF) == grade


def test_an_update_is_a_later_transaction_date_than_ever_before():
    seen = [
        (date(2026, 1, 5), date(2025, 12, 31)),
        (date(2026, 2, 5), date(2025, 12, 31)),  # nothing new
        (date(2026, 3, 5), date(2025, 11, 30)),  # a step back
        (date(2026, 4, 5), date(2026, 3, 31)),
        (date(2026, 4, 25), date(2026, 4, 1)),  # twice in a month counts once
    ]
    assert update_months(seen) == {(2026, 0), (2026, 3)}


def test_observed_only_after_a_year():
    short = [(date(2025, 11, 21), date(2025, 10, 1))]
    assert assess(short, months(1, 2), OLD, AS_OF).basis == "estimated from transaction dates"
    long = [(date(2025, 11, 20), date(2025, 10, 1)), (date(2026, 10, 1), date(2026, 9, 1))]
    found = assess(long, months(1, 2), OLD, AS_OF)
    assert found.basis == "observed"
    assert found.frequency == "Six-Monthly"  # November 2025 and October 2026: one update in each half


def test_fall_is_foretold():
    # Updates in months 4, 8 and 12 back: in December the newest is five months back and the oldest thirteen.
    found = assess([], months(4, 8, 12), OLD, AS_OF)
    assert found.frequency == "Quarterly"
    assert found.frequency_falls == (date(2026, 12, 1), "Six-Monthly")
    assert found.time_lag == "Six months"
    assert found.time_lag_falls == (date(2027, 2, 1), "One year")  # July is then seven months back


def test_nothing_left_to_lose():
    found = assess([], set(), OLD, AS_OF)
    assert found.frequency_falls is None
    assert found.time_lag_falls is None


def test_months_before_clamps_to_the_month():
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)
    assert months_before(date(2026, 12, 1), -1) == date(2027, 1, 1)
