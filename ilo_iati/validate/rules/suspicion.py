"""For each case an XPath, run by libxml2 over many records at once, that is true wherever the case may fail.

It may be true too often (the exact test then decides), never too seldom; tests hold it to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ilo_iati.spec.rule import RuleCase
from ilo_iati.validate.rules.closures import gives_nodes
from ilo_iati.validate.rules.kinds import ALL, ORG_ID_PREFIX
from ilo_iati.validate.rules.syntax import numeric_paths
from ilo_iati.validate.rules.values import SPACES

_WIDE_SPACES = "".join(space for space in SPACES if space not in "\t\n\v\f\r ")
_FORBIDDEN = re.compile(r"\^\[\^((?:\\?.)+?)\]\+\$")
_FIRST_DAY = 17_000_000
"""Below it, a date without its hyphens is no plain YYYY-MM-DD (or one of before 1700)."""
_ROLLED = "02-29 02-30 02-31 04-31 06-31 09-31 11-31"


def suspicion(case: RuleCase, now: float, *, strict: bool) -> str:
    """XPath (boolean, from the context) that holds wherever `case` may fail; `now` in milliseconds since 1970."""
    arguments = case.arguments
    if case.foreach:
        return _repeated(case.foreach) if case.rule == "no_more_than_one" else f"boolean({case.foreach})"
    if case.rule in ("date_order", "time_limit") and "NOW" not in arguments.values():
        return _span(case, strict=strict)
    build = _KINDS.get(case.rule)
    doubt = build(arguments, now) if build else "true()"
    condition = arguments.get("condition")
    return f"({condition}) and ({doubt})" if condition and not gives_nodes(condition) else doubt


def _paths(arguments: Mapping[str, Any], key: str = "paths") -> Sequence[str]:
    paths = arguments.get(key, ())
    return [paths] if isinstance(paths, str) else list(paths)


def _any_of(arguments: Mapping[str, Any], doubt: str) -> str:
    """Any node of any path for which `doubt` holds."""
    return " or ".join(f"boolean({path}[{doubt}])" for path in _paths(arguments)) or "false()"


def _spaces(arguments: Mapping[str, Any], _now: float) -> str:
    return _any_of(arguments, f"normalize-space(.) != . or translate(., '{_WIDE_SPACES}', '') != .")


def _regex(arguments: Mapping[str, Any], _now: float) -> str:
    match = _FORBIDDEN.fullmatch(arguments["regex"])
    letters = re.sub(r"\\(.)", r"\1", match[1]) if match else ""
    if not letters or "'" in letters or "-" in letters:
        return _any_of(arguments, "true()")
    return _any_of(arguments, f"translate(., '{letters}', '') != .")


def _starts(arguments: Mapping[str, Any], _now: float) -> str:
    prefixes, paths = _paths(arguments, "prefix"), _paths(arguments)
    if ORG_ID_PREFIX in prefixes or not prefixes or len(paths) != 1:
        return _any_of(arguments, "true()")
    start = f"concat(string({prefixes[0]}), '{arguments.get('separator', '')}')"
    return f"{paths[0]} and (count({paths[0]}) > 1 or not({prefixes[0]}) or not(starts-with({paths[0]}, {start})))"


def _number_of(arguments: Mapping[str, Any], _now: float) -> str:
    return " + ".join(f"count({path})" for path in _paths(arguments)) + " > 1"


def _none(arguments: Mapping[str, Any], _now: float) -> str:
    return " and ".join(f"not({path})" for path in _paths(arguments)) or "true()"


def _one_or_all(arguments: Mapping[str, Any], _now: float) -> str:
    breaks = ALL.get(arguments["all"])
    return f"not({arguments['one']}) and boolean({breaks})" if breaks else "false()"


def _unique(arguments: Mapping[str, Any], _now: float) -> str:
    paths = _paths(arguments)
    pairs = [f"{a} = {b}" for at, a in enumerate(paths) for b in paths[at + 1 :]]
    return " or ".join([*pairs, *(f"count({path}) > 1" for path in paths)])


_EXPONENT = "contains(translate(., 'E', 'e'), 'e')"
"""libxml2 reads 1e3 as a number, XPath does not."""


def _sum(arguments: Mapping[str, Any], _now: float) -> str:
    total = " + ".join(f"sum({path})" for path in _paths(arguments))
    return f"{total} != {arguments['sum']} or {_any_of(arguments, _EXPONENT)}"


def _range(arguments: Mapping[str, Any], _now: float) -> str:
    bounds = [f". {sign} {arguments[key]}" for key, sign in (("min", ">="), ("max", "<=")) if key in arguments]
    return _any_of(arguments, f"not({' and '.join(bounds) or '. = .'}) or {_EXPONENT}")


def _if_then(arguments: Mapping[str, Any], _now: float) -> str:
    premise, conclusion = arguments["if"], arguments["then"]
    # To JavaScript a node-set is always true; the strict reading may still fail where it is empty.
    premise = "true()" if gives_nodes(premise) else premise
    odd = "".join(f" or boolean({path}[{_EXPONENT}])" for path in numeric_paths(conclusion))
    return f"({premise}) and (not({conclusion}){odd})"


def _repeated(foreach: str) -> str:
    """Any value of a loop occurs twice among siblings: `a/@b`."""
    holder, _, last = foreach.rpartition("/")
    name = re.split(r"[\[/]", holder.rpartition("]")[0] or holder)[0]
    return f"boolean({holder}[{last} = preceding-sibling::{name}/{last}])" if "/" not in name else f"boolean({foreach})"


def _span(case: RuleCase, *, strict: bool) -> str:
    """Two dates are not certainly plain, in order and less than a year apart.

    Dates compare as numbers without their hyphens; days that JavaScript may roll into the next month (31 February) are
    suspicious. A missing date gives NaN, which is suspicious only because asking twice would cost more.
    """
    start, end = ("less", "more") if case.rule == "date_order" else ("start", "end")
    first, last = case.arguments[start], case.arguments[end]
    digits = "number(translate({}, '-', ''))"
    begin, until = digits.format(first), digits.format(last)
    doubt = f"not({begin} > {_FIRST_DAY}) or floor(({until} - {begin}) div 10000) != 0"
    doubt += "".join(f" or contains('{_ROLLED}', substring({each}, 6, 5))" for each in (first, last))
    if strict:
        doubt += f" or count({first}) > 1 or count({last}) > 1"
    return f"{first} and {last} and ({doubt})" if "[" in first else doubt


def _future(path: str, now: float) -> str:
    """Any node that does not certainly lie in the past; some days of margin for zones and rolled dates."""
    past = datetime.fromtimestamp(now / 1000, UTC) - timedelta(days=5)
    digits = "number(translate(substring(., 1, 10), '-', ''))"
    return f"boolean({path}[not({digits} <= {past:%Y%m%d}) or not({digits} > {_FIRST_DAY})])"


def _order(arguments: Mapping[str, Any], now: float) -> str:
    """One of the two is the moment of the check."""
    return _future(arguments["less"], now) if arguments["more"] == "NOW" else f"boolean({arguments['more']})"


_KINDS: Mapping[str, Callable[[Mapping[str, Any], float], str]] = {
    "no_spaces": _spaces,
    "regex_matches": _regex,
    "startswith": _starts,
    "no_more_than_one": _number_of,
    "atleast_one": _none,
    "one_or_all": _one_or_all,
    "unique": _unique,
    "strict_sum": _sum,
    "sum": _sum,
    "range": _range,
    "if_then": _if_then,
    "date_order": _order,
    "date_now": lambda arguments, now: _future(arguments["date"], now),
    "between_dates": lambda arguments, _now: f"boolean({arguments['date']})",
}
"""Kinds that are not here are always tested exactly."""
