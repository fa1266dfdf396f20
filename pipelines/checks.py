"""Factories of asset checks: every expectation of a spec is shown on its own table; critical ones block publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dagster as dg

from ilo_iati import expect
from ilo_iati.spec.table import Expectation, Table
from pipelines import warehouse


def specs(tables: Iterable[Table]) -> list[dg.AssetCheckSpec]:
    """A check for each expectation the specs imply. Only our own guarantees (critical) block what comes after."""
    return [
        _spec(check, suite.subject.split("."), suite)
        for table in tables
        if (suite := expect.table_suite(table, warehouse.codes()))
        for check in suite.expectations
    ]


def spanning_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """A check for each expectation of the suites that span tables, all shown on the asset `key`."""
    return [_spec(check, key.path, suite) for suite in expect.spanning_suites() for check in suite.expectations]


def _spec(check: Expectation, path: Iterable[str], suite: expect.Suite) -> dg.AssetCheckSpec:
    name = expect.CheckResult(suite.subject, check, "passed").name
    blocking = check.severity == "critical"
    return dg.AssetCheckSpec(name, asset=dg.AssetKey(list(path)), description=check.why, blocking=blocking)


def results(found: Iterable[expect.CheckResult], key: dg.AssetKey | None = None) -> Iterator[dg.AssetCheckResult]:
    """What Great Expectations said, as Dagster shows it; on `key`, else on the table it speaks of."""
    for result in found:
        critical = result.expectation.severity == "critical"
        yield dg.AssetCheckResult(
            asset_key=key or dg.AssetKey(result.subject.split(".")),
            check_name=result.name,
            passed=result.holds,
            severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
            description=result.note or result.expectation.why,
            metadata={
                "outcome": result.outcome,
                "unexpected": result.unexpected,
                "sample": dg.MetadataValue.json(list(result.sample)),
            },
        )
