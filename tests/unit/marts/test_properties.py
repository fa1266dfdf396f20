"""What must hold for any input: splits and budget years add up to the whole, conversion is never invented."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.marts.warehouse import build, empty_warehouse, insert

CENTS = st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=2)
PERCENT = (
    st.none()
    | st.sampled_from([Decimal(n) for n in ("0", "100", "50", "33.33", "33.34", "-10")])
    | st.decimals(min_value=0, max_value=150, places=4)
)
SHARES = st.lists(st.tuples(st.sampled_from(["KE", "GH", "ML", "NE"]), PERCENT), max_size=4)
DAYS = st.dates(min_value=date(2010, 1, 1), max_value=date(2027, 12, 31))
pytestmark = pytest.mark.slow
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def db():
    return empty_warehouse()


def clear(db, *tables: str) -> None:
    for table in tables:
        db.execute(f"DELETE FROM {table}")


PLACES = ("core.iati_activity", "core.iati_transaction", "core.iati_recipient_country", "core.iati_sector")


@QUIET
@given(amounts=st.lists(CENTS, min_size=1, max_size=3), places=SHARES, sectors=SHARES, own=SHARES)
def test_every_view_adds_up_to_the_transaction(db, amounts, places, sectors, own):
    clear(db, *PLACES)
    insert(db, "core.iati_activity", {"activity_key": "a#1", "iati_identifier": "X-1", "default_currency_code": "USD"})
    for number, amount in enumerate(amounts, 1):
        insert(
            db, "core.iati_transaction", {"activity_key": "a#1", "transaction_number": number, "value_amount": amount}
        )
    for number, (code, share) in enumerate(places, 1):
        row = {"activity_key": "a#1", "recipient_country_number": number, "code": code, "percentage": share}
        insert(db, "core.iati_recipient_country", row)
    levels = [(None, one) for one in sectors] + [(1, one) for one in own]
    for number, (level, (code, share)) in enumerate(levels, 1):
        row = {"activity_key": "a#1", "sector_number": number, "transaction_number": level, "code": code}
        insert(db, "core.iati_sector", row | {"percentage": share})
    build(db, "mart.transaction_split")
    wrong = db.execute(
        """SELECT dimension, dimension_view, transaction_number, sum(split_value_amount), sum(split_amount_usd)
           FROM mart.transaction_split JOIN mart.transaction USING (activity_key, transaction_number) GROUP BY ALL
           HAVING sum(split_value_amount) <> any_value(value_amount) OR sum(split_amount_usd) <> any_value(amount_usd)
               OR abs(sum(share) - 1) > 1e-9"""
    ).fetchall()
    assert wrong == []
    views = db.execute("SELECT DISTINCT transaction_number, dimension FROM mart.transaction_split").fetchall()
    assert len(views) == 3 * len(amounts)


@QUIET
@given(start=DAYS, length=st.integers(min_value=-40, max_value=1200), amount=CENTS)
def test_the_years_of_a_budget_add_up_to_it(db, start, length, amount):
    clear(db, *PLACES, "core.iati_budget")
    insert(db, "core.iati_activity", {"activity_key": "a#1", "iati_identifier": "X-1", "default_currency_code": "USD"})
    end = start + timedelta(days=length)
    period = {"period_start": start, "period_end": end, "value_amount": amount, "value_date": start}
    insert(db, "core.iati_budget", {"activity_key": "a#1", "budget_number": 1} | period)
    build(db, "mart.budget_effective")
    whole, usd, days, counted = db.execute(
        "SELECT sum(value_amount), sum(amount_usd), sum(days_in_year), sum(statistics_amount_usd)"
        " FROM mart.budget_effective"
    ).fetchone()
    assert (whole, usd) == (amount, amount)
    assert days in (length + 1, None)
    assert counted == (amount if 0 <= length <= 370 else 0)


@QUIET
@given(rates=st.dictionaries(DAYS, st.floats(min_value=0.01, max_value=200), max_size=6), when=DAYS, amount=CENTS)
def test_a_rate_is_of_the_day_or_the_week_before_it_or_said_to_be_otherwise(db, rates, when, amount):
    clear(db, *PLACES, "core.exchange_rate")
    insert(db, "core.iati_activity", {"activity_key": "a#1", "iati_identifier": "X-1", "default_currency_code": "CHF"})
    money = {"value_amount": amount, "value_date": when}
    insert(db, "core.iati_transaction", {"activity_key": "a#1", "transaction_number": 1} | money)
    for day, rate in rates.items():
        row = {"currency_code": "CHF", "rate_date": day, "units_per_usd": rate, "frequency": "daily", "source": "ECB"}
        insert(db, "core.exchange_rate", row)
    build(db, "mart.transaction")
    status, day, rate, usd = db.execute(
        "SELECT fx_status, fx_rate_date, fx_units_per_usd, amount_usd FROM mart.transaction"
    ).fetchone()
    near = [one for one in rates if timedelta(0) <= when - one <= timedelta(days=7)]
    if near:
        assert (status, day, rate) == ("daily", max(near), rates[max(near)])
    elif rates and when > max(rates) + timedelta(days=7):
        assert (status, day) == ("capped", max(rates))
    else:
        assert (status, day, usd) == ("no_rate", None, None)
    if usd is not None:
        assert float(usd) == pytest.approx(float(amount) / rate, abs=1e-4, rel=1e-9)
