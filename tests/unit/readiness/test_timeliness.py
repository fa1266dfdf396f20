"""Frequency and time lag: each grade and each boundary, and the forecast of a fall."""

from __future__ import annotations

import json
from datetime import date
from itertools import product

import pytest
from lxml import etree

from ilo_iati import readiness
from ilo_iati.readiness.facts import make_facts
from ilo_iati.readiness.frameworks import PUBLISHING
from ilo_iati.readiness.history import append_history, with_today
from ilo_iati.readiness.reading import prepare
from ilo_iati.readiness.scoring import Score
from ilo_iati.readiness.timeliness import assess, frequency, full_months, months_before, time_lag, update_months
from tests.unit.readiness import second_reading_time
from tests.unit.readiness.made import activity, empty_warehouse, fill

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


YOUNG = [date(2026, 9, 1), date(2026, 8, 20), date(2026, 8, 19), date(2026, 5, 20), date(2026, 5, 19),
         date(2025, 11, 20), date(2025, 11, 19), OLD]  # fmt: skip
"""First publication: under three months ago, three, six and twelve months ago to the day, and a day more."""


@pytest.mark.parametrize("first", YOUNG, ids=str)
def test_every_pattern_of_a_year_has_the_grade_of_a_second_reading(first):
    """All 4096 ways in which twelve months can have an update or none."""
    for hits in product((False, True), repeat=12):
        found = {month for month, hit in zip(MONTHS, hits, strict=True) if hit}
        read = {year * 12 + month + 1 for year, month in found}
        assert frequency(found, first, AS_OF) == second_reading_time.frequency(read, first, AS_OF), found
        if first == OLD:
            assert time_lag(found, AS_OF) == second_reading_time.time_lag(read, AS_OF), found


UPDATED = {2: "2025-11-30", 5: "2026-02-27", 9: "2026-07-15"}
"""By month of publication after September 2025, the latest transaction date then published."""


def test_frequency_of_a_year_of_publications(tmp_path):
    """Fourteen publications, three with newer transactions than ever before; one dates a transaction ahead."""
    connection, snapshots = empty_warehouse(), []
    fill(connection, {"core.iati_activity": [activity(1)]})
    prepare(connection, AS_OF)
    make_facts(connection)
    for number in range(14):
        day = second_reading_time.later(date(2025, 10, 20), number)
        _publish(connection, UPDATED.get(number, "2025-09-01"), *(["2030-01-01"] if number == 3 else []))
        snapshots.append((day, [_as_published(connection)]))
        prepare(connection, day)
        lines = [(PUBLISHING, Score("total", "", "", "total", 0, 100, 0))]
        append_history(tmp_path, day, with_today(connection, [], lines, day))
    rows = readiness.assess(connection, AS_OF, history=tmp_path).tables["mart.readiness_score"].to_pylist()
    line = next(row for row in rows if row["framework_code"] == PUBLISHING and row["check_code"] == "frequency")
    updates = second_reading_time.update_months(snapshots)
    # The first publication is an update as well, and the date ahead counts on no day before it.
    assert updates == {year * 12 + month for year, month in ((2025, 10), (2025, 12), (2026, 3), (2026, 7))}
    assert json.loads(line["inputs"])["basis"] == "observed"
    assert json.loads(line["inputs"])["update_months"] == ["2025-10", "2025-12", "2026-03", "2026-07"]
    # Of the full months from November 2025 to October 2026 three have an update, and July is one of the last four.
    assert second_reading_time.frequency(updates, OLD, AS_OF) == "Quarterly"
    assert line["score"] == 75


def _as_published(connection):
    days = connection.execute("SELECT transaction_date::VARCHAR FROM core.iati_transaction").fetchall()
    found = "".join(f"<transaction><transaction-date iso-date='{day}'/></transaction>" for (day,) in days)
    return etree.fromstring(f"<iati-activity>{found}</iati-activity>")


def _publish(connection, *days):
    rows = [{"activity_key": "made#1", "transaction_type_code": "4", "transaction_date": day} for day in days]
    fill(connection, {"core.iati_transaction": rows})
