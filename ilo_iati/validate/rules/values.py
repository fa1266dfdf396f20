"""Text to numbers, dates and white space as the official validator reads them (JavaScript) and as the standard does."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

SPACES = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What JavaScript trims; wider than XML's white space, other than Python's."""

DAY = 86_400_000.0
"""Milliseconds of a day, the unit of the dates below being milliseconds since 1970."""

_XPATH_NUMBER = re.compile(r"[ \t\r\n]*(-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))[ \t\r\n]*")
_JS_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|Infinity)")
_JS_INTEGER = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<part>\d+))?)?"
_ISO = re.compile(
    r"(?P<year>\d{4}|[+-]\d{6})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<part>\d+))?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?"
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LOOSE = tuple(
    re.compile(rf"\s*{date}(?:[T\s]+{_TIME})?\s*(?P<zone>Z|UTC|GMT)?\s*", re.IGNORECASE)
    for date in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4})",
        r"(?P<day>\d{1,2})[\s-]+(?P<name>[a-z]{3,9})[\s,.-]+(?P<year>\d{4})",
        r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",
    )
)
_XSD = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?\s*")


def xpath_number(text: str) -> float:
    """The XPath 1.0 number of `text`; NaN for anything else, so `1e3`, `+5` and `1,000` are none."""
    match = _XPATH_NUMBER.fullmatch(text)
    return float(match[1]) if match else math.nan


def js_number(text: str) -> float:
    """JavaScript's Number(text): empty is 0, exponents and hexadecimal are read, other text is NaN."""
    text = text.strip(SPACES)
    if not text:
        return 0.0
    if _JS_NUMBER.fullmatch(text):
        return float(text)
    return float(int(text, 0)) if _JS_INTEGER.fullmatch(text) else math.nan


@lru_cache(maxsize=65_536)
def js_date(text: str) -> float | None:
    """Milliseconds since 1970 as JavaScript's Date reads `text`, the server's zone being UTC; None where it cannot.

    ISO forms first, then the looser ones that browsers and Node share. A 30 February rolls over into March.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        match = next((found for form in _LOOSE if (found := form.fullmatch(text))), None)
    return _moment(match.groupdict()) if match else None


def _moment(parts: dict[str, str | None]) -> float | None:
    month = parts.get("month") or "1"
    if name := parts.get("name"):
        month = str(_NAMES.index(name[:3].lower()) + 1) if name[:3].lower() in _NAMES else "0"
    day, hour, minute = int(parts["day"] or 1), int(parts["hour"] or 0), int(parts["minute"] or 0)
    second = int(parts["second"] or 0)
    whole = (hour, minute, second) == (24, 0, 0)
    if not (1 <= int(month) <= 12 and 1 <= day <= 31 and (hour < 24 or whole) and minute < 60 and second < 60):
        return None
    milli = int(((parts["part"] or "") + "000")[:3])
    total = (days_from_civil(int(parts["year"] or 0), int(month), day) * 24 + hour) * 3600 + minute * 60 + second
    return float((total - _offset(parts.get("zone"))) * 1000 + milli)


def _offset(zone: str | None) -> int:
    """Seconds east of UTC."""
    if not zone or zone[0] not in "+-":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return seconds if zone[0] == "+" else -seconds


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, for years datetime does not know as well."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@lru_cache(maxsize=65_536)
def xsd_date(text: str) -> float | None:
    """Milliseconds since 1970 of the day `text` names (xsd:date or xsd:dateTime); None for no real day."""
    match = _XSD.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC).timestamp() * 1000
    except ValueError:
        return None


def one_year_later(moment: float) -> float:
    """The same day a calendar year on; 29 February gives 1 March."""
    start = datetime.fromtimestamp(moment / 1000, UTC)
    return (
        moment
        + (
            days_from_civil(start.year + 1, start.month, start.day)
            - days_from_civil(start.year, start.month, start.day)
        )
        * DAY
    )


def listed(paths: Any) -> Sequence[str]:
    """One path or several, as a case may write them, always as a sequence."""
    return [paths] if isinstance(paths, str) else list(paths)
