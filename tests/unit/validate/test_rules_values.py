"""Numbers, dates and white space as JavaScript and as XPath read them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_iati.validate.rules.values import (
    DAY,
    SPACES,
    days_from_civil,
    js_date,
    js_number,
    one_year_later,
    xpath_number,
    xsd_date,
)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize(("text", "number"), [(" 12 ", 12), ("12.0", 12), ("-.5", -0.5), ("5.", 5)])
def test_xpath_reads_plain_numbers(text: str, number: float) -> None:
    assert xpath_number(text) == number


@pytest.mark.parametrize("text", ["1e3", "+5", "1,000", "", "\u00a012", "0x1", "- 5", "NaN"])
def test_xpath_reads_nothing_else(text: str) -> None:
    assert math.isnan(xpath_number(text))


@pytest.mark.parametrize(
    ("text", "number"), [("", 0), ("\u00a0", 0), (" 12 ", 12), ("1e3", 1000), ("0x10", 16), ("+.5", 0.5)]
)
def test_javascript_reads_more(text: str, number: float) -> None:
    assert js_number(text) == number


@pytest.mark.parametrize("text", ["1,000", "12%", "1 2", "0x", "ten", "1_000", "--1"])
def test_javascript_reads_no_other_text(text: str) -> None:
    assert math.isnan(js_number(text))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-01-02", "2020-01-02"),
        ("2020-01", "2020-01-01"),
        ("2020", "2020-01-01"),
        ("2020-01-02Z", "2020-01-02"),
        ("2020-02-30", "2020-03-01"),
        ("2020-1-2", "2020-01-02"),
        ("01/02/2020", "2020-01-02"),
        ("2 Jan 2020", "2020-01-02"),
        ("January 2, 2020", "2020-01-02"),
        (" 2020-01-02 ", "2020-01-02"),
        ("2020-01-02T03:00:00+03:00", "2020-01-02"),
        ("2020-01-01T24:00:00Z", "2020-01-02"),
    ],
)
def test_dates_as_javascript_reads_them(text: str, day: str) -> None:
    assert js_date(text) == moment(day)


@pytest.mark.parametrize(
    "text", ["2020-01-02+02:00", "", "never", "2020-13-01", "2020-01-32", "20200102", "2 Foo 2020"]
)
def test_dates_javascript_cannot_read(text: str) -> None:
    assert js_date(text) is None


def test_the_strict_reading_knows_real_days_only() -> None:
    assert xsd_date("2020-02-29") == moment("2020-02-29")
    assert xsd_date("2020-01-02+02:00") == moment("2020-01-02")
    assert xsd_date("2020-02-30") is None
    assert one_year_later(moment("2020-01-01")) == moment("2021-01-01")


@given(st.dates())
def test_days_from_civil_agrees_with_the_calendar(day: date) -> None:
    assert days_from_civil(day.year, day.month, day.day) == (day - date(1970, 1, 1)).days
    if day.year >= 1000:
        assert js_date(day.isoformat()) == (day - date(1970, 1, 1)).days * DAY


@given(st.text(alphabet="0123456789-/.:TZ+ eExJanuary\u00a0,%", max_size=24))
def test_no_text_breaks_a_reader(text: str) -> None:
    js_date(text)
    xsd_date(text)
    assert isinstance(js_number(text) + xpath_number(text), float)
    assert text.strip(SPACES) == text.strip()
