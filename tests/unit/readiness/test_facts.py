"""Facts that turn on the day of the scores."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.readiness.facts import FACTS, make_facts
from ilo_iati.readiness.reading import prepare
from tests.unit.readiness.made import activity, empty_warehouse, fill
from tests.unit.readiness.second_reading_index import whole_months


@pytest.mark.parametrize(
    ("end", "is_asked"),
    [(date(2027, 2, 27), False), (date(2027, 2, 28), False), (date(2027, 3, 1), True), (date(2027, 3, 31), True)],
)
def test_six_months_ahead_are_counted_by_the_calendar(end, is_asked):
    """From 31 August: February has no 31st, so that its last day is not six months ahead."""
    connection, today = empty_warehouse(), date(2026, 8, 31)
    rows = [{"activity_key": "made#1", "activity_date_number": 1, "type_code": "3", "iso_date": end}]
    fill(connection, {"core.iati_activity": [activity(1)], "core.iati_activity_date": rows})
    prepare(connection, today)
    make_facts(connection)
    assert connection.execute(f"SELECT is_forward_budget_asked FROM {FACTS}").fetchone() == (is_asked,)
    assert (whole_months(today, end) >= 6) is is_asked
