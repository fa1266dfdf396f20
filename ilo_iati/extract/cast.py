"""Columns of published text to typed columns, in bulk; what has no value of the type, or loses digits, is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ilo_iati.errors import SpecError

_DECIMAL = re.compile(r"DECIMAL\((\d+), ?(\d+)\)")
_SIMPLE = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
_ZONE = re.compile(r"(Z|[+-]\d{2}:\d{2})$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INTEGER = re.compile(r"[+-]?\d+(\.0*)?")
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def arrow_type(name: str) -> Any:
    """The Arrow type of a DuckDB type name as the specs write it. Raises SpecError for one we do not use."""
    match = _DECIMAL.fullmatch(name)
    if match:
        return pa.decimal128(int(match[1]), int(match[2]))
    if name not in _SIMPLE:
        raise SpecError(f"Column type {name} is not one of {', '.join(_SIMPLE)} or DECIMAL(p,s); correct the spec.")
    return _SIMPLE[name]


def tidy(texts: Any) -> Any:
    """White space at both ends removed, and nothing left where nothing was: an empty text is NULL."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


class Typed(NamedTuple):
    """A typed column with the positions of values that have no counterpart in the type and of those cut short."""

    column: Any
    lost: list[int]
    cut: list[int]


def cast(texts: Any, name: str, lenient: bool = False) -> Typed:
    """A tidy text column as type `name`; `lenient` accepts thousands separators.

    Lost values are NULL. Cut short are digits beyond a DECIMAL's scale (rounded half even) and the time behind a DATE.
    """
    kind = arrow_type(name)
    if name == "VARCHAR":
        return Typed(texts, [], [])
    if texts.null_count == len(texts):
        return Typed(pa.nulls(len(texts), kind), [], [])
    # Arrow's own cast is strict; where every value passes there is no more to do.
    if kind != pa.timestamp("us"):
        try:
            column = pc.cast(texts, kind)
        except pa.ArrowInvalid:
            pass
        else:
            if kind != pa.float64() or pc.all(pc.is_finite(column)).as_py():
                return Typed(column, [], [])
    return _one_by_one(texts, kind, _reader(kind, lenient))


def _one_by_one(texts: Any, kind: Any, read: Callable[[str], Any]) -> Typed:
    """Each distinct text is read once, whatever the number of rows that carry it."""
    coded = texts.dictionary_encode()
    values, lost, cut = [], set(), set()
    for index, text in enumerate(coded.dictionary.to_pylist()):
        try:
            values.append(read(text))
        except (ValueError, InvalidOperation, OverflowError, KeyError):
            values.append(None)
            lost.add(index)
        else:
            if _is_cut(kind, text, values[-1]):
                cut.add(index)
    column = pa.array(values, kind).take(coded.indices)
    return Typed(column, _positions(coded.indices, lost), _positions(coded.indices, cut))


def _positions(indices: Any, wanted: set[int]) -> list[int]:
    return [row for row, index in enumerate(indices.to_pylist()) if index in wanted] if wanted else []


def _is_cut(kind: Any, text: str, value: Any) -> bool:
    """True when the typed value says less than the text."""
    if pa.types.is_decimal(kind):
        return bool(Decimal(text) != value)
    return pa.types.is_date(kind) and _has_time(text) and _moment(text).time() != time.min


def _reader(kind: Any, lenient: bool) -> Callable[[str], Any]:
    if pa.types.is_decimal(kind):
        return lambda text: _decimal(text, kind.precision, kind.scale)
    if pa.types.is_floating(kind):
        return lambda text: _double(text.replace(",", "") if lenient and _grouped(text) else text)
    if pa.types.is_integer(kind):
        return lambda text: _integer(text, kind.bit_width)
    if pa.types.is_boolean(kind):
        return lambda text: _TRUTHS[text.lower()]
    return _date if pa.types.is_date(kind) else _datetime


def _grouped(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text) is not None


def _decimal(text: str, precision: int, scale: int) -> Decimal:
    """Rounds half even to the column's scale."""
    value = Decimal(text)
    if not value.is_finite() or "_" in text:
        raise ValueError(text)
    rounded = value.quantize(Decimal(1).scaleb(-scale))
    if rounded.adjusted() >= precision - scale:
        raise OverflowError(text)
    return rounded


def _double(text: str) -> float:
    value = float(text)
    if value != value or value in (float("inf"), float("-inf")) or "_" in text:
        raise ValueError(text)
    return value


def _integer(text: str, bits: int) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    value = int(text.split(".")[0])
    if abs(value) >= 1 << (bits - 1):
        raise OverflowError(text)
    return value


def _date(text: str) -> date:
    """xsd:date with or without a zone; a time of day behind it is dropped, as `2014-01-01T00:00:00` says a day."""
    if _has_time(text):
        return _moment(text).date()
    day = _ZONE.sub("", text)
    if not _DAY.fullmatch(day):
        raise ValueError(text)
    return date.fromisoformat(day)


def _has_time(text: str) -> bool:
    return "T" in text or " " in text


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _datetime(text: str) -> datetime:
    """xsd:dateTime in UTC where it says a zone; a bare date is its midnight."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
