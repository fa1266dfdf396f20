"""Forward-looking budgets, against figures worked out by hand; and the levels at which money is looked for."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.readiness.forward import forward_years
from ilo_iati.readiness.frameworks import PUBLISHING, load_framework
from ilo_iati.readiness.testing import Tally, empty_results, run_tests
from tests.unit.readiness.made import activity, budget, end, money, warehouse_of

AS_OF = date(2026, 11, 20)


def _warehouse(activities, **tables):
    return warehouse_of(activities, AS_OF, **tables)


def _forward(connection):
    return [(year.current, year.budgeted, year.pct) for year in forward_years(connection, AS_OF, has_usd=False)]


def test_current_activities_and_their_budgets():
    # 1 runs to 2028 with a budget for 2027; 2 has no end and none; 3 ends within six months and is left out.
    connection = _warehouse(
        [activity(1), activity(2), activity(3)],
        activity_date=[(1, end("2028-12-31")), (3, end("2027-05-19"))],
        budget=[(1, budget("2027-01-01", "2027-12-31"))],
    )
    assert _forward(connection) == [(2, 0, 0), (2, 1, 50), (2, 0, 0)]


@pytest.mark.parametrize(
    ("start", "end", "year"),
    [
        ("2026-07-01", "2027-06-30", 2026),  # ends in June: the year before
        ("2026-08-01", "2027-07-31", 2027),  # ends in July: that year
        ("2027-01-01", "2027-03-31", 2026),  # begins and ends in 2027, yet counts for 2026, as the code has it
        ("2027-01-01", "2028-01-06", 2027),  # 370 days
        ("2027-01-01", "2028-01-07", None),  # 371 days are ignored
    ],
)
def test_budget_year(start, end, year):
    connection = _warehouse([activity(1)], budget=[(1, budget(start, end))])
    found = {2026 + place: pct for place, (_, _, pct) in enumerate(_forward(connection))}
    assert found == {each: 100 if each == year else 0 for each in (2026, 2027, 2028)}


def test_six_months_ahead_to_the_day():
    connection = _warehouse([activity(1)], activity_date=[(1, end("2027-05-20"))])
    assert [current for current, _, _ in _forward(connection)] == [1, 1, 0]


@pytest.mark.parametrize(("spent", "current"), [(89, 1), (90, 0)])
def test_activity_that_has_spent_nine_tenths_is_left_out(spent, current):
    paid = [("2", "2026-01-01", 100), ("3", "2026-02-01", 50), ("4", "2026-03-01", spent - 50)]
    connection = _warehouse(
        [activity(1)],
        transaction=[
            (
                1,
                money(n, kind, day, amount),
            )
            for n, (kind, day, amount) in enumerate(paid)
        ],
    )
    assert _forward(connection)[0][0] == current


def test_share_spent_needs_a_date_and_takes_that_of_the_value():
    commitment, spending = money(1, "2", None, 100), money(2, "3", None, 95)
    undated = _warehouse([activity(1)], transaction=[(1, commitment), (1, spending)])
    assert _forward(undated)[0][0] == 1  # without any date neither counts, as in the code
    dated = [(1, {**row, "value_date": "2026-02-01"}) for row in (commitment, spending)]
    assert _forward(_warehouse([activity(1)], transaction=dated))[0][0] == 0


def test_spending_of_a_later_year_leaves_the_earlier_years_alone():
    paid = [("2", "2026-01-01", 100), ("3", "2026-02-01", 50), ("4", "2027-03-01", 40)]
    rows = [(1, money(n, kind, day, amount)) for n, (kind, day, amount) in enumerate(paid)]
    connection = _warehouse([activity(1)], transaction=rows)
    assert [current for current, _, _ in _forward(connection)] == [1, 0, 0]  # 50 of 100 in 2026, 90 from 2027


def test_spending_without_commitments_leaves_nobody_out():
    connection = _warehouse([activity(1)], transaction=[(1, money(1, "4", "2026-02-01", 95))])
    assert [current for current, _, _ in _forward(connection)] == [1, 1, 1]


def test_the_actual_end_goes_before_the_planned_one():
    actual = {"activity_date_number": 2, "type_code": "4", "iso_date": "2026-06-30"}
    connection = _warehouse([activity(1)], activity_date=[(1, end("2028-12-31")), (1, actual)])
    assert [current for current, _, _ in _forward(connection)] == [0, 0, 0]  # over, whatever was planned


def test_a_budget_and_a_reason_for_none_count_twice():
    activities = [activity(1, budget_not_provided_code="1"), activity(2), activity(3)]
    connection = _warehouse(activities, budget=[(1, budget("2026-01-01", "2026-12-31"))])
    assert _forward(connection) == [(3, 2, 66), (3, 1, 33), (3, 1, 33)]


def test_budget_not_provided_counts_and_the_percentage_is_cut():
    activities = [activity(1, budget_not_provided_code="1"), activity(2, budget_not_provided_code="1"), activity(3)]
    assert _forward(_warehouse(activities)) == [(3, 2, 66)] * 3  # 66.67 is cut, not rounded


def test_the_only_level_with_budgets_counts():
    connection = _warehouse(
        [activity(1, hierarchy=1), activity(2, hierarchy=2), activity(3, hierarchy=2)],
        budget=[(1, budget("2026-01-01", "2026-12-31"))],
    )
    assert _forward(connection)[0] == (1, 1, 100)


def test_several_levels_with_budgets_count_together():
    connection = _warehouse(
        [activity(1, hierarchy=1), activity(2, hierarchy=2), activity(3, hierarchy=2)],
        budget=[(1, budget("2026-01-01", "2026-12-31")), (2, budget("2026-01-01", "2026-12-31"))],
    )
    assert _forward(connection)[0] == (3, 2, 66)


def test_levels_of_the_financial_tests():
    # Commitments sit at level 1, spending at level 2 (the lowest), most budgets at level 1.
    old = {"activity_date_number": 1, "type_code": "2", "iso_date": "2020-01-01"}
    connection = _warehouse(
        [activity(n, hierarchy=level, activity_status_code="2") for n, level in ((1, 1), (2, 2), (3, 2))],
        activity_date=[(1, old), (2, old), (3, old)],
        transaction=[
            (1, money(1, "2", "2021-01-01", 5)),
            (2, money(1, "4", "2021-01-01", 5)),
        ],
        budget=[(1, {**budget("2026-01-01", "2026-12-31"), "value_amount": 1, "value_date": "2026-01-01"})],
    )
    empty_results(connection)
    found = run_tests(connection, load_framework(PUBLISHING))
    assert found["financials.commitment"] == Tally(1, 1.0, 100.0)
    assert found["financials.spend"] == Tally(2, 1.0, 50.0)
    assert found["financials.budget"] == Tally(1, 1.0, 100.0)
