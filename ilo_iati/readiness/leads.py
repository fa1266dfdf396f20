"""From a lost point to activities, from a correction to every score it raises, from an office to its work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.readiness.fixes import RULE
from ilo_iati.readiness.frameworks import FRAMEWORKS, TRANSPARENCY
from ilo_iati.readiness.offices import NO_OFFICE
from ilo_iati.readiness.reading import Row, relations, rows
from ilo_iati.readiness.work import ACTIVITIES, FINDINGS

SHOWN = 3
"""Activities named beside a lost point; all of them stand in mart.readiness_score_activity."""
OFFICES, OFFICE_FIXES = "mart.readiness_office", "mart.readiness_fix_office"


def examples(connection: duckdb.DuckDBPyConnection, given: pa.Table | None) -> dict[tuple[str, str], list[Row]]:
    """By framework and check the first activities that lose points there; `given` stands in for the stored table."""
    # An indicator of the index has several tests, named 16.a, 16.b: the check is what stands before the point.
    check = f"CASE framework_code WHEN '{TRANSPARENCY}' THEN split_part(test_code, '.', 1) ELSE test_code END"
    answer = _asked(
        connection,
        given,
        f"SELECT DISTINCT ON (framework_code, check_code, activity_key) framework_code, {check} AS check_code, "
        "activity_key, dataset, iati_identifier, source_line FROM {table}",
        "SELECT * FROM ({inner}) QUALIFY row_number() OVER (PARTITION BY framework_code, check_code "
        f"ORDER BY dataset, source_line) <= {SHOWN} ORDER BY framework_code, check_code, dataset, source_line",
    )
    found = defaultdict(list)
    for row in answer:
        found[row["framework_code"], row["check_code"]].append(row)
    return dict(found)


_OFFICE_OF = (
    f"SELECT coalesce(office_code, '{NO_OFFICE}') AS office, count(*) AS lines, "
    "list(DISTINCT activity_key) FILTER (activity_key IS NOT NULL) AS activities FROM {table} GROUP BY office"
)


def offices(connection: duckdb.DuckDBPyConnection, given: Mapping[str, pa.Table]) -> list[Row]:
    """A row an office, the greatest gain first: activities, findings, corrections, gains by framework and the first.

    Counted are, as in the lists, the activities that fail a test or have a finding: an office with findings alone has
    work too.

    `given` tables stand in for the stored ones; an answer of an earlier version has none of these and gives no row.
    """
    if not {ACTIVITIES, FINDINGS, OFFICES, OFFICE_FIXES} <= {*given, *relations(connection)}:
        return []
    found: dict[str, Row] = {}
    held: dict[str, set[str]] = defaultdict(set)
    for table in (ACTIVITIES, FINDINGS):
        for row in _asked(connection, given.get(table), _OFFICE_OF, "{inner}", table):
            office = row["office"]
            own = found.setdefault(office, {"office": office, "gains": dict.fromkeys(FRAMEWORKS, 0.0), "findings": 0})
            own["findings"] += row["lines"] if table == FINDINGS else 0
            held[office] |= set(row["activities"] or ())
    for row in _stored(connection, given, OFFICES):
        found[row["office_code"]]["gains"][row["framework_code"]] = row["gain_points"]
    fixes = defaultdict(list)
    for row in _stored(connection, given, OFFICE_FIXES):
        fixes[row["office_code"]].append(row)
    done = [
        {**row, "activities": len(held[office]), "corrections": len({fix["fix_code"] for fix in fixes[office]}),
         "first": [fix for fix in by_correction(fixes[office]) if fix["gain"] > 0][:SHOWN]}
        for office, row in found.items()
    ]  # fmt: skip
    return sorted(done, key=lambda row: (-sum(row["gains"].values()), row["office"]))


def _stored(connection: duckdb.DuckDBPyConnection, given: Mapping[str, pa.Table], name: str) -> list[Row]:
    return given[name].to_pylist() if name in given else rows(connection, f"SELECT * FROM {name}")


def _asked(
    connection: duckdb.DuckDBPyConnection, given: pa.Table | None, inner: str, outer: str, table: str = ACTIVITIES
) -> list[Row]:
    if given is None:
        return rows(connection, outer.replace("{inner}", inner.replace("{table}", table)))
    connection.register("readiness_given", given)
    try:
        return rows(connection, outer.replace("{inner}", inner.replace("{table}", "readiness_given")))
    finally:
        connection.unregister("readiness_given")


def by_correction(fixes: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows of mart.readiness_fix, or of one office's, the gains in every framework side by side, the greatest first.

    Those of one validator rule are part of a correction and stand beside the findings instead (see gain_by_rule).
    """
    found: dict[str, Row] = {}
    for fix in fixes:
        if fix["fix_code"].startswith(RULE):
            continue
        row = found.setdefault(
            fix["fix_name"],
            {"fix_code": fix["fix_code"], "fix_name": fix["fix_name"], "gains": dict.fromkeys(FRAMEWORKS, 0.0),
             "activities": 0, "findings": 0, "fix": []},
        )  # fmt: skip
        row["gains"][fix["framework_code"]] += fix["gain_points"]
        row["activities"] = max(row["activities"], fix["activity_count"])
        row["findings"] = max(row["findings"], fix["finding_count"])
        row["fix"] += [] if fix["fix"] in row["fix"] else [fix["fix"]]
    done = [
        # A correction of one test is named by what is to be done; it need not be said twice.
        {**row, "fix": " ".join(text for text in row["fix"] if text.rstrip(".") != row["fix_name"]),
         "gain": sum(row["gains"].values())}
        for row in found.values()
    ]  # fmt: skip
    return sorted(done, key=lambda row: (-row["gain"], row["fix_name"]))


def gain_by_rule(fixes: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """By validator rule the points by framework that correcting its findings would gain."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for fix in fixes:
        if fix["fix_code"].startswith(RULE):
            found[fix["fix_code"].removeprefix(RULE)][fix["framework_code"]] += fix["gain_points"]
    return {rule: dict(gains) for rule, gains in found.items()}
