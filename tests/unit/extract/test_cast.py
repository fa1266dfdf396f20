"""Text to types: what passes, what is lost, what is rounded."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from ilo_iati.errors import SpecError
from ilo_iati.extract.cast import arrow_type, cast, tidy


def _cast(texts, kind, lenient=False):
    typed = cast(tidy(pa.array(texts, pa.string())), kind, lenient)
    return typed.column.to_pylist(), typed.lost


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("DATE", "2024-02-29", date(2024, 2, 29)),
        ("DATE", " 2024-02-29Z ", date(2024, 2, 29)),
        ("DATE", "2024-02-29+01:00", date(2024, 2, 29)),
        ("DATE", "2024-02-29T00:00:00", date(2024, 2, 29)),
        ("TIMESTAMP", "2024-01-01T01:00:00+02:00", datetime(2023, 12, 31, 23)),
        ("TIMESTAMP", "2024-01-01T01:00:00", datetime(2024, 1, 1, 1)),
        ("TIMESTAMP", "2024-01-01", datetime(2024, 1, 1)),
        ("BOOLEAN", "1", True),
        ("BOOLEAN", "False", False),
        ("INTEGER", "2.0", 2),
        ("DECIMAL(24,4)", "-1000.50", Decimal("-1000.5000")),
        ("DECIMAL(24,4)", "1.00005", Decimal("1.0000")),
        ("DOUBLE", "7", 7.0),
    ],
)
def test_values_pass(kind, text, value):
    assert _cast([text, None], kind) == ([value, None], [])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("DATE", "2024-02-30"),
        ("DATE", "20240201"),
        ("DATE", "2024-W01-1"),
        ("DATE", "01/02/2024"),
        ("TIMESTAMP", "yesterday"),
        ("BOOLEAN", "yes"),
        ("INTEGER", "1.5"),
        ("INTEGER", "99999999999"),
        ("DECIMAL(24,4)", "1,000.50"),
        ("DECIMAL(24,4)", "1_000"),
        ("DECIMAL(24,4)", "NaN"),
        ("DECIMAL(24,4)", "9" * 21),
        ("DOUBLE", "inf"),
    ],
)
def test_what_is_no_value_is_lost_and_told_by_its_position(kind, text):
    assert _cast([None, text, text], kind) == ([None, None, None], [1, 2])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("DECIMAL(24,4)", "1.00005"),
        ("DECIMAL(24,4)", "0.30000000000000004"),
        ("DATE", "2024-02-29T13:00:00"),
        ("DATE", "2024-02-29T00:00:01Z"),
    ],
)
def test_what_says_more_than_its_type_holds_is_told(kind, text):
    typed = cast(pa.array([None, text, "7" if "DEC" in kind else "2024-01-01"]), kind)
    assert (typed.lost, typed.cut) == ([], [1])
    assert typed.column[1].is_valid


def test_midnight_and_trailing_zeros_say_nothing_more():
    midnights = pa.array(["2024-02-29T00:00:00", "2024-02-29T00:00:00+02:00", "2024-02-29Z"])
    assert cast(midnights, "DATE").cut == []
    assert cast(pa.array(["1.50000000", "1e3"]), "DECIMAL(24,4)").cut == []


def test_lenient_numbers_take_thousands_separators_but_not_words():
    assert _cast(["1,030", "12,5", "n/a"], "DOUBLE", lenient=True) == ([1030.0, None, None], [1, 2])


def test_blank_text_is_nothing():
    assert tidy(pa.array([" a ", " ", "", None, "\n"])).to_pylist() == ["a", None, None, None, None]


def test_an_unknown_type_is_the_specs_fault():
    with pytest.raises(SpecError, match="HUGEINT"):
        arrow_type("HUGEINT")
