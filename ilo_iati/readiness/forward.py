"""Forward-looking by the Publishing Statistics: activities still running in a year that show a budget for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from ilo_iati.readiness.facts import FACTS

BUDGETED = "readiness_forward"
LACKING = "NOT has_budget AND NOT is_declined"
"""Rows of readiness_forward of activities that show neither a budget for the year nor a reason for having none."""
SPENT = 0.9
"""An activity that has spent this share of its commitments is done in all but name and is left out."""


@dataclass(frozen=True, slots=True)
class ForwardYear:
    """A year's `current` activities, those `budgeted` (declared without budget included), and the code's percentage.

    `pct` is None where no activity is current; the score still divides by three years.
    """

    year: int
    current: int
    budgeted: int
    pct: int | None


def forward_years(connection: duckdb.DuckDBPyConnection, as_of: date, *, has_usd: bool) -> list[ForwardYear]:
    """The year of `as_of` and the two after it. Needs readiness_fact; leaves readiness_forward behind, of what counts.

    `has_usd` tells whether mart.transaction stands: amounts are compared in dollars there, else as published (right
    where an activity uses one currency). A missing rate counts as nothing, as in the framework's own code.
    """
    connection.execute(_forward_sql(as_of, has_usd))
    levels = [
        row[0]
        for row in connection.execute(
            f"SELECT hierarchy FROM {BUDGETED} GROUP BY hierarchy HAVING bool_or(has_budget) ORDER BY 1"
        ).fetchall()
    ]
    # One level holds budgets: that level counts; none or several: all do.
    if len(levels) == 1:
        connection.execute(f"DELETE FROM {BUDGETED} WHERE hierarchy IS DISTINCT FROM ?", [levels[0]])
    counted = connection.execute(
        "SELECT year, count(*), count(*) FILTER (has_budget) + count(*) FILTER (is_declined) "
        f"FROM {BUDGETED} GROUP BY year"
    ).fetchall()
    found = {year: (int(current), int(budgeted)) for year, current, budgeted in counted}
    years = range(as_of.year, as_of.year + 3)
    return [_year(year, *found.get(year, (0, 0))) for year in years]


def _year(year: int, current: int, budgeted: int) -> ForwardYear:
    if not current:
        return ForwardYear(year, current, budgeted, None)
    # The page says rounded, the code cuts the decimals off; the code is followed.
    return ForwardYear(year, current, budgeted, int(round(100 * budgeted / current, 2)))


def _forward_sql(as_of: date, has_usd: bool) -> str:
    amount = "coalesce(amount_usd, 0)" if has_usd else "value_amount"
    table = "mart.transaction" if has_usd else "core.iati_transaction"
    return f"""
    CREATE OR REPLACE TEMP TABLE {BUDGETED} AS
    WITH years AS (SELECT unnest(range({as_of.year}, {as_of.year + 3}))::INTEGER AS year),
    spent AS (
        SELECT activity_key, years.year,
            sum({amount}) FILTER (transaction_type_code = '2' AND day IS NOT NULL) AS committed,
            sum({amount}) FILTER (transaction_type_code IN ('3', '4') AND year(day) <= years.year) AS used
        FROM (SELECT *, coalesce(transaction_date, value_date) AS day FROM {table}), years GROUP BY ALL),
    budget AS (
        SELECT DISTINCT activity_key, year(period_end) - (month(period_end) < 7)::INTEGER AS year
        FROM core.iati_budget WHERE period_end - period_start <= 370)
    SELECT f.activity_key, f.hierarchy, years.year, budget.year IS NOT NULL AS has_budget,
        f.is_budget_declined AS is_declined
    FROM {FACTS} AS f CROSS JOIN years
    LEFT JOIN spent ON spent.activity_key = f.activity_key AND spent.year = years.year
    LEFT JOIN budget ON budget.activity_key = f.activity_key AND budget.year = years.year
    WHERE (f.last_end_date IS NULL OR year(f.last_end_date) >= years.year)
        AND (f.end_date IS NULL OR as_of() + INTERVAL 6 MONTH <= f.end_date)
        AND NOT (coalesce(spent.committed, 0) > 0 AND coalesce(spent.used, 0) / spent.committed >= {SPENT})
    """
