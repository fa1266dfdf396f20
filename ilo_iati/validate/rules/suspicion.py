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
_ROLLED = "02-29 02-30 02-31 04-31 06-31 09-31 11-31"
"""Month and day that JavaScript may roll into the next month."""


def suspicion(case: RuleCase, now: float) -> str:
    """XPath (boolean, relative to the context) that holds wherever `case` may fail; `now` in milliseconds since 1970."""
    arguments = case.arguments
    if case.foreach:
        return f"boolean({case.foreach})"
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


def _spaces(arguments: Mapping[str, Any], now: float) -> str:
    return _any_of(arguments, f"normalize-space(.) != . or translate(., '{_WIDE_SPACES}', '') != .")


def _regex(arguments: Mapping[str, Any], now: float) -> str:
    match = _FORBIDDEN.fullmatch(arguments["regex"])
    letters = re.sub(r"\\(.)", r"\1", match[1]) if match else ""
    if not letters or "'" in letters or "-" in letters:
        return _any_of(arguments, "true()")
    return _any_of(arguments, f"translate(., '{letters}', '') != .")


def _starts(arguments: Mapping[str, Any], now: float) -> str:
    prefixes, paths = _paths(arguments, "prefix"), _paths(arguments)
    if ORG_ID_PREFIX in prefixes or not prefixes or len(paths) != 1:
        return _any_of(arguments, "true()")
    start = f"concat(string({prefixes[0]}), '{arguments.get('separator', '')}')"
    return f"{paths[0]} and (count({paths[0]}) > 1 or not({prefixes[0]}) or not(starts-with({paths[0]}, {start})))"


def _number_of(arguments: Mapping[str, Any], now: float) -> str:
    return " + ".join(f"count({path})" for path in _paths(arguments)) + " > 1"


def _none(arguments: Mapping[str, Any], now: float) -> str:
    return " and ".join(f"not({path})" for path in _paths(arguments)) or "true()"


def _one_or_all(arguments: Mapping[str, Any], now: float) -> str:
    breaks = ALL.get(arguments["all"])
    return f"not({arguments['one']}) and boolean({breaks})" if breaks else "false()"


def _unique(arguments: Mapping[str, Any], now: float) -> str:
    paths = _paths(arguments)
    pairs = [f"{a} = {b}" for at, a in enumerate(paths) for b in paths[at + 1:]]
    return " or ".join([*pairs, *(f"count({path}) > 1" for path in paths)])


_EXPONENT = "contains(translate(., 'E', 'e'), 'e')"
"""libxml2 reads 1e3 as a number, XPath does not."""


def _sum(arguments: Mapping[str, Any], now: float) -> str:
    total = " + ".join(f"sum({path})" for path in _paths(arguments))
    return f"{total} != {arguments['sum']} or {_any_of(arguments, _EXPONENT)}"


def _range(arguments: Mapping[str, Any], now: float) -> str:
    bounds = [f". {sign} {arguments[key]}" for key, sign in (("min", ">="), ("max", "<=")) if key in arguments]
    return _any_of(arguments, f"not({' and '.join(bounds) or '. = .'}) or {_EXPONENT}")


def _if_then(arguments: Mapping[str, Any], now: float) -> str:
    premise, conclusion = arguments["if"], arguments["then"]
    # To JavaScript a node-set is always true; the strict reading may still fail where it is empty.
    premise = "true()" if gives_nodes(premise) else premise
    odd = "".join(f" or boolean({path}[{_EXPONENT}])" for path in numeric_paths(conclusion))
    return f"({premise}) and (not({conclusion}){odd})"


def _digits(path: str) -> str:
    return f"number(translate({path}, '-', ''))"


def _plain(path: str) -> str:
    """The first node of `path` is no plain YYYY-MM-DD."""
    return f"string-length({path}) != 10 or substring({path}, 5, 1) != '-'"


def _future(path: str, now: float) -> str:
    """Any node that does not certainly lie in the past; some days of margin for zones and rolled dates."""
    past = datetime.fromtimestamp(now / 1000, UTC) - timedelta(days=5)
    digits = "number(translate(substring(., 1, 10), '-', ''))"
    return f"boolean({path}[substring(., 5, 1) != '-' or not({digits} <= {past:%Y%m%d})])"


def _order(arguments: Mapping[str, Any], now: float) -> str:
    less, more = arguments["less"], arguments["more"]
    if more == "NOW":
        return _future(less, now)
    if less == "NOW":
        return f"boolean({more})"
    odd = f"count({less}) > 1 or count({more}) > 1 or {_plain(less)} or {_plain(more)}"
    rolled = f"contains('{_ROLLED}', substring({less}, 6, 5))"
    return f"{less} and {more} and ({odd} or {rolled} or not({_digits(less)} <= {_digits(more)}))"


def _limit(arguments: Mapping[str, Any], now: float) -> str:
    start, end = arguments["start"], arguments["end"]
    odd = f"count({start}) > 1 or count({end}) > 1 or {_plain(start)} or {_plain(end)}"
    rolled = f"contains('{_ROLLED}', substring({end}, 6, 5))"
    return f"{start} and {end} and ({odd} or {rolled} or not({_digits(end)} - {_digits(start)} < 10000))"


_KINDS: Mapping[str, Callable[[Mapping[str, Any], float], str]] = {
    "no_spaces": _spaces, "regex_matches": _regex, "startswith": _starts, "no_more_than_one": _number_of,
    "atleast_one": _none, "one_or_all": _one_or_all, "unique": _unique, "strict_sum": _sum, "sum": _sum,
    "range": _range, "if_then": _if_then, "date_order": _order, "time_limit": _limit,
    "date_now": lambda arguments, now: _future(arguments["date"], now),
    "between_dates": lambda arguments, now: f"boolean({arguments['date']})",
}
"""Kinds that are not here are always tested exactly."""
