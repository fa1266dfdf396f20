"""Columns of published text to typed columns, in bulk; what has no value of the type stays NULL and is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

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


def cast(texts: Any, name: str, lenient: bool = False) -> tuple[Any, list[int]]:
    """(typed column, positions of lost values) of a tidy text column; `lenient` accepts thousands separators.

    A value is lost when it has no counterpart in the type; digits beyond a DECIMAL's scale are rounded.
    """
    kind = arrow_type(name)
    if name == "VARCHAR":
        return texts, []
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), kind), []
    # Arrow's own cast is strict; where every value passes there is no more to do.
    if kind not in (pa.timestamp("us"), pa.bool_(), pa.float64()):
        try:
            return pc.cast(texts, kind), []
        except pa.ArrowInvalid:
            pass
    return _one_by_one(texts, kind, _reader(kind, lenient))


def _one_by_one(texts: Any, kind: Any, read: Callable[[str], Any]) -> tuple[Any, list[int]]:
    """Each distinct text is read once, whatever the number of rows that carry it."""
    coded = texts.dictionary_encode()
    values, lost = [], set()
    for index, text in enumerate(coded.dictionary.to_pylist()):
        try:
            values.append(read(text))
        except (ValueError, InvalidOperation, OverflowError, KeyError):
            values.append(None)
        if values[-1] is None:
            lost.add(index)
    column = pa.array(values, kind).take(coded.indices)
    positions = [row for row, index in enumerate(coded.indices.to_pylist()) if index in lost] if lost else []
    return column, positions


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
    """Rounds half even to the column's scale: more digits than it holds are noise of floating point."""
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
    day = _ZONE.sub("", text)
    if "T" in day or " " in day:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
    if not _DAY.fullmatch(day):
        raise ValueError(text)
    return date.fromisoformat(day)


def _datetime(text: str) -> datetime:
    """xsd:dateTime in UTC where it says a zone; a bare date is its midnight."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
