"""Specs to Great Expectations suites to results and findings; the only importer of Great Expectations, and late."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from ilo_iati.findings import FILE_LEVEL, Finding, Severity
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml, require
from ilo_iati.spec.table import Expectation, Table

SAMPLE_SIZE = 5
"""Offending values kept in a result: enough to recognise the problem, the count says how many there are."""

_SEVERITY = {"critical": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.ADVISORY}


@dataclass(frozen=True, slots=True)
class Suite:
    """What is expected of one frame: `query` selects it, `subject` is the table (or spanning suite) it speaks of."""

    subject: str
    query: str
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One expectation's outcome: passed, failed, no_rows (nothing to compare) or not_evaluated (could not run).

    `unexpected` counts offending rows, `sample` holds up to five offending values as text.
    """

    subject: str
    expectation: Expectation
    outcome: str
    unexpected: int = 0
    sample: tuple[str, ...] = ()
    note: str = ""

    @property
    def holds(self) -> bool:
        """True unless it failed or could not run."""
        return self.outcome in ("passed", "no_rows")

    @property
    def name(self) -> str:
        """Letters, digits and underscores only, as Dagster asks; unique within a table, or over all spanning suites."""
        spanning = [] if "." in self.subject else [self.subject]
        columns = [str(v) for k, v in self.expectation.arguments.items() if k.startswith("column")]
        parts = [*spanning, self.expectation.name, *columns]
        return "".join(c if c.isalnum() else "_" for c in "_".join(parts))


def table_suite(table: Table, codes: Mapping[str, Iterable[str]]) -> Suite | None:
    """The suite a table's spec implies: required columns, key, code lists (those in `codes`), declared checks.

    None where the spec implies nothing. Only the columns that are checked are read.
    """
    # What a spec states itself wins over the same check implied by its key or columns.
    stated = {_about(check) for check in table.expectations}
    checks = (*(check for check in _derived(table, codes) if _about(check) not in stated), *table.expectations)
    if not checks:
        return None
    named = {name for check in checks for name in _columns_of(check)}
    wanted = [column.name for column in table.columns if column.name in named] or [table.columns[0].name]
    return Suite(table.name, f"select {', '.join(wanted)} from {table.name}", checks)


def _derived(table: Table, codes: Mapping[str, Iterable[str]]) -> Iterator[Expectation]:
    for column in table.columns:
        # Elsewhere the table's own NOT NULL guarantees it; a mart is made from a SELECT and has none.
        if column.required and table.rows_from == "sql":
            why = "the row cannot be read without it"
            yield Expectation("column_values_to_not_be_null", {"column": column.name}, why, "critical")
        if column.codelist and column.codelist in codes:
            arguments = {"column": column.name, "value_set": sorted(codes[column.codelist])}
            yield Expectation("column_values_to_be_in_set", arguments, f"code list {column.codelist}", "info")
    if table.primary_key:
        arguments = {"column_list": list(table.primary_key)}
        name = "compound_columns_to_be_unique"
        if len(table.primary_key) == 1:
            name, arguments = "column_values_to_be_unique", {"column": table.primary_key[0]}
        yield Expectation(name, arguments, "one row per " + table.grain.removeprefix("One row per "), "critical")


def _about(check: Expectation) -> tuple[str, tuple[str, ...]]:
    return check.name, tuple(_columns_of(check))


def _columns_of(check: Expectation) -> list[str]:
    found: list[str] = []
    for key, value in check.arguments.items():
        if key.startswith("column"):
            found += value if isinstance(value, list) else [value]
    return found


def spanning_suites(folder: Path = SCHEMAS / "expectations") -> list[Suite]:
    """The suites over several tables: each file of schemas/expectations has `suite`, `query`, `expectations`."""
    suites = []
    for path in sorted(folder.glob("*.yml")):
        body = read_yaml(path)
        require(path, body, ("suite", "query", "expectations", "why"), ())
        checks = tuple(
            Expectation(item["name"], item.get("arguments") or {}, item["why"], item.get("severity", "warning"))
            for item in body["expectations"]
        )
        suites.append(Suite(body["suite"], body["query"], checks))
    return suites


@cache
def _runner() -> _Runner:
    """The process's one: Great Expectations costs seconds to import and a part of one to set up."""
    return _Runner()


@dataclass
class _Runner:
    """Great Expectations held open over many suites."""

    context: Any = field(init=False)

    def __post_init__(self) -> None:
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module="great_expectations")
        import great_expectations as gx

        self._gx = gx
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False}
        asset = self.context.data_sources.add_pandas("warehouse").add_dataframe_asset("frame")
        self._frames = asset.add_batch_definition_whole_dataframe("whole")

    def validate(self, suite: Suite, frame: pd.DataFrame) -> Iterator[CheckResult]:
        batch = self._frames.get_batch({"dataframe": frame})
        asked = [n for n, check in enumerate(suite.expectations) if len(frame) or check.name.startswith("table_")]
        bodies = [_body(suite.expectations[n], n, frame) for n in asked]
        whole = self._gx.ExpectationSuite(name=suite.subject, expectations=bodies)
        answers = batch.validate(whole, result_format="SUMMARY").results if bodies else []
        # Answers come back in an order of their own; the number travels with each.
        found = {answer.expectation_config.meta["number"]: answer for answer in answers}
        for number, check in enumerate(suite.expectations):
            if number not in asked:
                yield _unasked(suite, check)
            elif number in found:
                yield _result(suite.subject, check, found[number])
            else:
                yield CheckResult(suite.subject, check, "not_evaluated", note="no answer from Great Expectations")


def _unasked(suite: Suite, check: Expectation) -> CheckResult:
    """Without rows a column cannot be asked. An empty table is sound; a comparison of nothing says nothing."""
    if "." in suite.subject:
        return CheckResult(suite.subject, check, "passed")
    return CheckResult(suite.subject, check, "no_rows", note="there were no rows to compare")


def _body(check: Expectation, number: int, frame: pd.DataFrame) -> dict[str, Any]:
    arguments = dict(check.arguments)
    if "value_set" in arguments and arguments.get("column") in frame:
        # Great Expectations copies the set many times; the codes that do not occur decide nothing.
        occurring = set(frame[arguments["column"]].dropna().unique())
        arguments["value_set"] = [value for value in arguments["value_set"] if value in occurring]
    return {"type": f"expect_{check.name}", "kwargs": arguments, "meta": {"number": number}}


def _result(subject: str, check: Expectation, raw: Any) -> CheckResult:
    crashed = _exception(raw.exception_info)
    if crashed:
        return CheckResult(subject, check, "not_evaluated", note=crashed)
    unexpected = raw.result.get("unexpected_count")
    sample = raw.result.get("partial_unexpected_list") or (
        [raw.result["observed_value"]] if "observed_value" in raw.result else []
    )
    texts = tuple(dict.fromkeys(json.dumps(value, default=str, ensure_ascii=False) for value in sample))[:SAMPLE_SIZE]
    if raw.success:
        return CheckResult(subject, check, "passed")
    return CheckResult(subject, check, "failed", int(unexpected if unexpected is not None else 1), texts)


def _exception(info: Any) -> str:
    """GX reports a crash as a failure, in two shapes: a flat dict, or one dict a metric."""
    if not info:
        return ""
    bodies = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(
        str(b.get("exception_message")) for b in bodies if isinstance(b, Mapping) and b.get("raised_exception")
    )


def run(connection: duckdb.DuckDBPyConnection, suites: Sequence[Suite]) -> list[CheckResult]:
    """Every suite's results, in order. A query that fails makes its checks `not_evaluated`, never passed."""
    runner = _runner()
    results: list[CheckResult] = []
    for suite in suites:
        try:
            frame = connection.execute(suite.query).df()
        except duckdb.Error as error:
            note = str(error).splitlines()[0]
            results += [CheckResult(suite.subject, check, "not_evaluated", note=note) for check in suite.expectations]
            continue
        results += runner.validate(suite, frame)
    return results


def findings(results: Iterable[CheckResult]) -> list[Finding]:
    """One finding for each check that failed or could not be evaluated, one for each suite that had no rows to compare.

    `dataset` is the table or spanning suite.
    """
    held = list(results)
    silent = dict.fromkeys(result.subject for result in held if result.outcome == "no_rows")
    return [_finding(result) for result in held if not result.holds] + [_said_nothing(subject) for subject in silent]


def _said_nothing(subject: str) -> Finding:
    text = f"{subject}: there were no rows to compare, so this comparison says nothing."
    fix = "Nothing, unless the data it compares should be there: see `ilo-iati sources status`."
    return Finding("expect.nothing_to_judge", Severity.ADVISORY, text, fix, "expectation", subject, FILE_LEVEL)


def _finding(result: CheckResult) -> Finding:
    check = result.expectation
    columns = ", ".join(_columns_of(check))
    where = f"{result.subject}.{columns}" if columns else result.subject
    said = check.name.replace("_", " ")
    if result.outcome == "not_evaluated":
        message = f"{where}: the check '{said}' could not be evaluated ({result.note})."
        fix = "Correct the spec or the query of this check; until then nothing is known here."
        return Finding(
            "expect.not_evaluated", Severity.WARNING, message, fix, "expectation", result.subject, FILE_LEVEL
        )
    message = f"{where}: {result.unexpected} row(s) against '{said}'. Why it is expected: {check.why}."
    place = f"e.g. {result.sample[0]}" if result.sample else f"query {result.subject}"
    fix = f"Look at the rows ({place}); ask the publisher, or correct the bound and its why."
    severity = _SEVERITY[check.severity]
    return Finding(
        f"expect.{check.name}",
        severity,
        message,
        fix,
        "expectation",
        result.subject,
        FILE_LEVEL,
        value=", ".join(result.sample) or None,
    )
