"""What to fix first: the gain in each score if all activities a correction concerns were corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.errors import SpecError
from ilo_iati.readiness.frameworks import FRAMEWORKS, Framework
from ilo_iati.readiness.gates import READINESS
from ilo_iati.readiness.reading import scalar
from ilo_iati.readiness.testing import RESULTS, Tallies, Tally
from ilo_iati.spec.reading import read_yaml, require

Total = Callable[[Tallies], float]
"""A framework's total from its tallies, not rounded."""
RULE = "rule."
"""Begins the code of a correction that silences one validator rule and does no more."""
DIGITS = 4
"""Decimals of a gain: one activity of five thousand still shows."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a framework's total would be if something that is no test were different, such as how often is published."""

    code: str
    name: str
    framework: Framework
    total: float
    activities: int
    fix: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A correction: the tests of one framework it would pass, and the validator rules it would silence."""

    code: str
    name: str
    framework: Framework
    tests: tuple[str, ...]
    rules: tuple[str, ...]


def load_fixes(frameworks: Sequence[Framework], path: Path = READINESS / "fixes.yml") -> list[Fix]:
    """The declared corrections, a line a framework, and one for each test left over. Raises SpecError."""
    fixes: list[Fix] = []
    groups = read_yaml(path)["groups"]
    for body in groups:
        require(path, body, ("id", "name"), ("rules", *FRAMEWORKS))
        fixes += [
            Fix(body["id"], body["name"], framework, tuple(body[framework.code]), tuple(body.get("rules", ())))
            for framework in frameworks
            if framework.code in body
        ]
    _each_once(path, [rule for body in groups for rule in body.get("rules", ())])
    for framework in frameworks:
        grouped = [test for fix in fixes if fix.framework is framework for test in fix.tests]
        _each_once(path, grouped)
        known = {test.id: test for test in framework.tests}
        if set(grouped) - set(known):
            raise SpecError(f"{path}: {framework.code} has no test {', '.join(sorted(set(grouped) - set(known)))}.")
        fixes += [
            Fix(f"{framework.code}.{name}", test.fix.rstrip("."), framework, (name,), ())
            for name, test in known.items()
            if name not in grouped
        ]
    return fixes


def _each_once(path: Path, names: Sequence[str]) -> None:
    """A test or rule of two corrections would be counted in both, and a work list could not say to which it belongs."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SpecError(f"{path}: {', '.join(twice)} stands in two corrections; leave it in one.")


def rank(
    connection: duckdb.DuckDBPyConnection,
    fixes: Sequence[Fix],
    tallies: Mapping[str, Tallies],
    totals: Mapping[str, Total],
    scenarios: Sequence[Scenario] = (),
) -> list[dict[str, Any]]:
    """Rows of mart.readiness_fix, greatest gain first, those that gain nothing last. By framework: `tallies`, `totals`.

    Each correction, each validator rule with findings among the activities that lose points, and each scenario.
    """
    rows, found, missing = [], _finding_counts(connection), _shortfalls(connection)
    for fix in fixes:
        own, total = tallies[fix.framework.code], totals[fix.framework.code]
        wanted = {test: missing.get((fix.framework.code, test), 0.0) for test in fix.tests}
        rows.append(_row(connection, fix, gain_of(own, total, wanted), found))
        rows += _rule_rows(connection, fix, own, total, found)
    for scenario in scenarios:
        code = scenario.framework.code
        rows.append(_scenario_row(scenario, round(scenario.total - totals[code](tallies[code]), DIGITS)))
    return sorted(rows, key=lambda row: (-row["gain_points"], row["fix_code"]))


def gain_of(own: Tallies, total: Total, missing: Mapping[str, float], before: float | None = None) -> float:
    """Points gained if more activities passed: `missing` by test the shares they lack, or an organisation's test.

    `before`: the total of `own`, where the caller has it at hand.
    """
    mended = {test: _raised(own[test], more) for test, more in missing.items() if own[test].pct is not None}
    return round(total({**own, **mended}) - (total(own) if before is None else before), DIGITS)


def _raised(tally: Tally, more: float) -> Tally:
    if not tally.applicable:  # a test of the organisation looks at no activity and is met or not
        return Tally(0, 0.0, 100.0)
    passed = tally.passed + more
    return Tally(tally.applicable, passed, 100.0 * passed / tally.applicable)


def _shortfalls(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], float]:
    """By framework and test what all activities lack together; one that passes more than in full makes up for none."""
    answer = connection.execute(
        f"SELECT framework_code, test_id, sum(1 - share) FROM {RESULTS} WHERE share < 1 GROUP BY ALL"
    ).fetchall()
    return {(framework, test): float(more) for framework, test, more in answer}


def _rule_rows(
    connection: duckdb.DuckDBPyConnection, fix: Fix, own: Tallies, total: Total, found: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """The gain of each rule alone: the correction's tests passed by the activities the rule has findings in."""
    tests = ", ".join(f"'{test}'" for test in fix.tests)
    for rule in (rule for rule in fix.rules if rule in found):
        answer = connection.execute(
            f"SELECT test_id, sum(1 - share), list(DISTINCT activity_key) FROM {RESULTS} WHERE framework_code = $1 "
            f"AND test_id IN ({tests}) AND share < 1 AND activity_key IN "
            "(SELECT dataset || '#' || activity_index FROM readiness_finding WHERE rule_id = $2) GROUP BY test_id",
            [fix.framework.code, rule],
        ).fetchall()
        gain = gain_of(own, total, {test: float(more) for test, more, _ in answer})
        if gain > 0:
            alone = Fix(f"{RULE}{rule}", rule_name(rule), fix.framework, fix.tests, (rule,))
            activities = {key for *_, keys in answer for key in keys}
            yield {**_row(connection, alone, gain, found), "activity_count": len(activities)}


def rule_name(rule: str) -> str:
    """What a correction is called that silences one validator rule and does no more."""
    return f"Correct the findings of rule {rule}"


def _scenario_row(scenario: Scenario, gain: float) -> dict[str, Any]:
    return {
        "fix_code": scenario.code,
        "fix_name": scenario.name,
        "framework_code": scenario.framework.code,
        "framework_name": scenario.framework.name,
        "gain_points": gain,
        "activity_count": scenario.activities,
        "finding_count": 0,
        "fix": scenario.fix,
    }


def _row(connection: duckdb.DuckDBPyConnection, fix: Fix, gain: float, found: Mapping[str, int]) -> dict[str, Any]:
    texts = [test.fix for test in fix.framework.tests if test.id in fix.tests]
    names = ", ".join(f"'{test}'" for test in fix.tests)
    activities = scalar(
        connection,
        f"SELECT count(DISTINCT activity_key) FROM {RESULTS} "
        f"WHERE framework_code = '{fix.framework.code}' AND test_id IN ({names}) AND share < 1",
    )
    return {
        "fix_code": fix.code,
        "fix_name": fix.name,
        "framework_code": fix.framework.code,
        "framework_name": fix.framework.name,
        "gain_points": gain,
        "activity_count": int(activities or 0),
        "finding_count": sum(found.get(rule, 0) for rule in set(fix.rules)),
        "fix": " ".join(dict.fromkeys(texts)),
    }


def _finding_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Findings of each rule; none where nothing has been validated."""
    try:
        return dict(connection.execute("SELECT rule_id, count(*) FROM readiness_finding GROUP BY rule_id").fetchall())
    except duckdb.CatalogException:
        return {}
