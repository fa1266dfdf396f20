"""The kinds of rules about dates: officially the first date, as JavaScript reads it; strictly every xsd:date."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ilo_iati.validate.rules.closures import fallback
from ilo_iati.validate.rules.syntax import holder_path
from ilo_iati.validate.rules.tree import text_of
from ilo_iati.validate.rules.values import DAY, js_date, one_year_later, xsd_date

if TYPE_CHECKING:
    from ilo_iati.validate.rules.kinds import Failure, Frame, Test
    from ilo_iati.validate.rules.tree import Node


def _moments(frame: Frame, key: str) -> Callable[[Node, str], list[tuple[float, str]]]:
    """The dates of argument `key` with their text; those that cannot be read are left out.

    Official: at most the first node, read or not. Strict: all of them.
    """
    if frame.arguments.get(key) == "NOW":
        fixed = [(frame.now, "")]
        return lambda _node, _var: fixed
    if frame.strict:
        values = frame.values(key)
        return lambda node, var: [
            (moment, text) for text in values(node, var) if (moment := xsd_date(text)) is not None
        ]

    path = frame.arguments[key]
    found_by = fallback(f"({path})[1]") if "/" in holder_path(path)[0] else frame.one(key)

    def first(node: Node, var: str) -> list[tuple[float, str]]:
        found = found_by(node, var)
        if not found or (moment := js_date(text_of(found[0]))) is None:
            return []
        return [(moment, text_of(found[0]))]

    return first


def date_order(frame: Frame) -> Test:
    """Fails when the earlier date lies after the later one."""
    less, more, locate = _moments(frame, "less"), _moments(frame, "more"), frame.locator("less")

    def test(node: Node, var: str) -> Failure | None:
        early = less(node, var)
        if not early:
            return None
        late = more(node, var)
        if not late:
            return None
        bound = min(late)[0]
        wrong = next((text for moment, text in early if moment > bound), None)
        return None if wrong is None else locate(node, var, wrong)

    return test


def date_now(frame: Frame) -> Test:
    """Fails when a date lies after now."""
    dates, locate, now = _moments(frame, "date"), frame.locator("date"), frame.now
    return lambda node, var: next((locate(node, var, text) for moment, text in dates(node, var) if moment > now), None)


def time_limit(frame: Frame) -> Test:
    """Fails when more than a year lies between the two dates."""
    start, end, locate, strict = _moments(frame, "start"), _moments(frame, "end"), frame.locator("end"), frame.strict

    def test(node: Node, var: str) -> Failure | None:
        begins, ends = start(node, var), end(node, var)
        if not begins or not ends:
            return None
        first, (last, text) = begins[0][0], ends[0]
        good = last <= one_year_later(first) if strict else math.floor((last - first) / DAY) <= 365
        return None if good else locate(node, var, text)

    return test


def between_dates(frame: Frame) -> Test:
    """The official validator breaks off where a bound is missing; here the other bound is still tested in strict."""
    dates, start, end = _moments(frame, "date"), _moments(frame, "start"), _moments(frame, "end")
    locate, strict = frame.locator("date"), frame.strict

    def test(node: Node, var: str) -> Failure | None:
        found = dates(node, var)
        if not found:
            return None
        begins, ends = start(node, var), end(node, var)
        if not strict and not (begins and ends):
            return None
        low = begins[0][0] if begins else -math.inf
        high = ends[0][0] if ends else math.inf
        wrong = next((text for moment, text in found if not low <= moment <= high), None)
        return None if wrong is None else locate(node, var, wrong)

    return test


DATE_KINDS: Mapping[str, Callable[[Frame], Test]] = {
    "date_order": date_order,
    "date_now": date_now,
    "time_limit": time_limit,
    "between_dates": between_dates,
}
