"""The data under review against the published version: activities, money by year and donor, files, findings, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import duckdb

from ilo_iati.paths import SCHEMAS
from ilo_iati.readiness.contents import ACTIVITY, ORGANISATION, compare_contents
from ilo_iati.readiness.reading import rows
from ilo_iati.spec.codelist import read_rows

MAX_ITEMS = 2000
"""Activities listed one by one of each kind; a whole new biennium is counted in the summary anyway."""
PLACES = 3
"""Places of a new finding that are named; all of them stand among the findings."""
_ACTIVITY_CHANGE = "readiness_activity_change"

_SCOPE = "a.dataset IN (SELECT dataset FROM readiness_scope)"
_REVIEW = "a.dataset IN (SELECT dataset FROM readiness_review)"

_MONEY = """
    SELECT {item} AS item, coalesce(t.value_currency_code, a.default_currency_code, 'no currency') AS unit,
        sum(t.value_amount)::DOUBLE AS amount
    FROM {where}core.iati_transaction AS t JOIN {where}core.iati_activity AS a USING (activity_key)
    WHERE {scope} AND {kept} GROUP BY ALL
"""
_TYPE = "coalesce({types}[t.transaction_type_code] || ' (type ' || t.transaction_type_code || ')', 'no known type')"
_YEAR = f"coalesce(year(t.transaction_date)::VARCHAR, 'no date') || ', ' || {_TYPE}"
_DONOR = (
    "coalesce(nullif(trim(t.provider_org_name), ''), nullif(trim(t.provider_org_ref), ''), 'no provider stated') "
    f"|| ', ' || {_TYPE}"
)
_RECEIPTS = "t.transaction_type_code IN ('1', '2', '11', '13')"


def changes(connection: duckdb.DuckDBPyConnection, relations: set[str]) -> list[dict[str, Any]]:
    """Rows of mart.readiness_change; none where no published version is attached (see reading.attached, prepare)."""
    if "readiness_scope" not in relations:
        return []
    found = _activities(connection)
    if {"core.iati_organisation", "published.core.iati_organisation"} <= relations:
        found += _organisations(connection)
    found += _money(connection, "money_by_year", _YEAR, "true")
    found += _money(connection, "money_by_donor", _DONOR, _RECEIPTS)
    if {f"{where}{name}" for where in ("", "published.") for name in _FILE_TABLES} <= relations:
        found += _files(connection)
    if {"readiness_finding", "readiness_published_finding"} <= relations:
        found += _findings(connection)
    return found


def published_points(connection: duckdb.DuckDBPyConnection, relations: set[str]) -> dict[tuple[str, str], float]:
    """Points of each published check by framework and check; empty where no published version is attached."""
    if "published.mart.readiness_score" not in relations:
        return {}
    answer = connection.execute(
        "SELECT framework_code, check_code, points FROM published.mart.readiness_score WHERE status <> 'section'"
    ).fetchall()
    return {(framework, check): float(points) for framework, check, points in answer}


def score_changes(published: Mapping[tuple[str, str], float], now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of mart.readiness_change for the totals, and for each check that gains or loses a hundredth of a point."""
    found = []
    totals = {row["framework_code"]: row["check_name"] for row in now if row["status"] == "total"}
    for row in now:
        before = published.get((row["framework_code"], row["check_code"]))
        if before is None:
            continue
        name = totals[row["framework_code"]]
        if row["status"] == "total":
            found.append(_row("score", name, before, row["points"], "points"))
        elif abs(row["points"] - before) >= 0.01:
            found.append(_row("score", f"{name}: {row['check_name']}", before, row["points"], "points"))
    return found


def _activities(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    compare_contents(connection, ACTIVITY, _ACTIVITY_CHANGE)
    counts = dict(connection.execute(f"SELECT change_type, count(*) FROM {_ACTIVITY_CHANGE} GROUP BY 1").fetchall())
    kept = counts.get("unchanged", 0) + counts.get("activity_changed", 0)
    before, after = kept + counts.get("activity_removed", 0), kept + counts.get("activity_added", 0)
    summary = [_row("summary", "activities", before, after, "activities")]
    summary += [
        _row("summary", kind.replace("_", " "), None, counts.get(kind, 0), "activities")
        for kind in ("activity_added", "activity_removed", "activity_changed")
    ]
    return summary + _listed(connection, _ACTIVITY_CHANGE)


def _organisations(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    compare_contents(connection, ORGANISATION, "readiness_organisation_change")
    return _listed(connection, "readiness_organisation_change")


def _listed(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    answer = connection.execute(
        f"SELECT change_type, item, detail FROM {table} WHERE change_type <> 'unchanged' "
        f"QUALIFY row_number() OVER (PARTITION BY change_type ORDER BY item) <= {MAX_ITEMS} ORDER BY 1, 2"
    ).fetchall()
    return [_row(kind, item, None, None, None, detail) for kind, item, detail in answer]


def _money(connection: duckdb.DuckDBPyConnection, kind: str, item: str, kept: str) -> list[dict[str, Any]]:
    item = item.format(types=_transaction_types())
    before = _MONEY.format(item=item, where="published.", scope=_SCOPE, kept=kept)
    now = _MONEY.format(item=item, where="", scope=_REVIEW, kept=kept)
    answer = rows(
        connection,
        f"SELECT item, unit, b.amount AS before, n.amount AS after FROM ({before}) AS b "
        f"FULL JOIN ({now}) AS n USING (item, unit) WHERE b.amount IS DISTINCT FROM n.amount "
        "ORDER BY item, unit",
    )
    return [_row(kind, row["item"], row["before"], row["after"], row["unit"]) for row in answer]


@cache
def _transaction_types() -> str:
    """The official names by code, as SQL."""
    known = {row.code: row.name.lower() for row in read_rows(SCHEMAS / "codelists" / "TransactionType.csv")}
    pairs = ", ".join(f"'{code}': '{name}'" for code, name in sorted(known.items()))
    return f"MAP {{{pairs}}}"


_FILE_TABLES = ("audit.snapshot", "core.iati_activity", "core.iati_organisation")
_FILE = (
    "SELECT dataset, sha256, url, bytes FROM {0}audit.snapshot WHERE is_current AND dataset IN "
    "(SELECT dataset FROM {0}core.iati_activity UNION SELECT dataset FROM {0}core.iati_organisation{1})"
)
_UNDER_REVIEW = " UNION FROM readiness_review"
"""A file that lost all it held is still there."""


def _files(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Files by dataset: those that came, went, or hold other bytes; and addresses that moved."""
    answer = rows(
        connection,
        f"SELECT dataset, b.sha256 AS was, n.sha256 AS now, b.bytes AS bytes_before, n.bytes AS bytes_after, "
        f"b.url AS url_before, n.url AS url_after FROM ({_FILE.format('published.', '')}) AS b "
        f"FULL JOIN ({_FILE.format('', _UNDER_REVIEW)}) AS n USING (dataset) ORDER BY dataset",
    )
    found = []
    for row in answer:
        if row["was"] != row["now"]:
            kind = "file_added" if row["was"] is None else "file_removed" if row["now"] is None else "file_changed"
            found.append(_row(kind, row["dataset"], row["bytes_before"], row["bytes_after"], "bytes"))
        # A candidate stands on a disk until it is published; that is no new address.
        is_public = row["url_before"] and row["url_after"] and not row["url_after"].startswith("file:")
        if is_public and row["url_before"] != row["url_after"]:
            moved = f"{row['dataset']}: {row['url_before']} is now {row['url_after']}"
            found.append(_row("address_changed", moved, None, None, None))
    return found


_COUNTED = "SELECT rule_id, severity, identifier, count(*) AS n FROM {} WHERE stage = 'validation' GROUP BY ALL"
_UNREADABLE = (
    "(SELECT count(*) > 0 FROM readiness_finding WHERE stage = 'validation' AND severity = 'critical' "
    "AND starts_with(rule_id, '0.') AND NOT starts_with(rule_id, '0.3.'))"
)
"""Whether the validator gave up on a file (no XML, no IATI): then it says nothing about the rules after that."""
_PLACE = "identifier || coalesce(' (' || dataset || coalesce(', line ' || line, '') || ')', '') AS place, dataset, line"


def _findings(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Findings by rule, in this order: new, fixed, withdrawn (its activity is gone or cannot be read), unchanged."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE readiness_finding_change AS
        SELECT rule_id, severity, identifier, coalesce(b.n, 0) AS before, coalesce(n.n, 0) AS after,
            greatest(after - before, 0) AS new, greatest(before - after, 0) AS gone,
            {_UNREADABLE} OR coalesce(identifier IN
                (SELECT item FROM {_ACTIVITY_CHANGE} WHERE change_type = 'activity_removed'), false) AS is_withdrawn
        FROM ({_COUNTED.format("readiness_published_finding")}) AS b
        FULL JOIN ({_COUNTED.format("readiness_finding")}) AS n USING (rule_id, severity, identifier)
        """
    )
    answer = rows(
        connection,
        "SELECT rule_id || ' (' || severity || ')' AS item, sum(before) AS before, sum(after) AS after, "
        "sum(new) AS new, coalesce(sum(gone) FILTER (NOT is_withdrawn), 0) AS fixed, "
        "coalesce(sum(gone) FILTER (is_withdrawn), 0) AS withdrawn "
        "FROM readiness_finding_change GROUP BY ALL ORDER BY item",
    )
    places = _places(connection)
    found: dict[str, list[dict[str, Any]]] = {"new": [], "fixed": [], "withdrawn": [], "unchanged": []}
    for row in answer:
        told = (row["item"], row["before"], row["after"], "findings")
        for kind, step in (("new", 1), ("fixed", -1), ("withdrawn", -1)):
            count = int(row[kind])
            where = places.get(row["item"]) if kind == "new" else None
            if count:
                # A rule may lose a finding in one activity and gain one in another: before and after tell neither.
                found[kind].append({**_row(f"finding_{kind}", *told, where), "difference": float(step * count)})
        if not any(row[kind] for kind in ("new", "fixed", "withdrawn")):
            found["unchanged"].append(_row("finding_unchanged", *told))
    totals = {kind: sum(int(row[kind]) for row in answer) for kind in ("new", "fixed", "withdrawn")}
    totals["unchanged"] = sum(int(row["before"]) for row in answer) - totals["fixed"] - totals["withdrawn"]
    summary = [_row("summary", f"findings {kind}", None, count, "findings") for kind, count in totals.items()]
    return summary + [row for kind in found.values() for row in kind]


def _places(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """By rule and severity the first places of what is new."""
    answer = rows(
        connection,
        f"SELECT rule_id || ' (' || severity || ')' AS item, list(place ORDER BY dataset, line) AS places FROM ("
        f"SELECT DISTINCT rule_id, severity, {_PLACE} FROM readiness_finding SEMI JOIN "
        "(FROM readiness_finding_change WHERE new > 0) USING (rule_id, severity, identifier) "
        "WHERE stage = 'validation') GROUP BY item",
    )
    return {row["item"]: _first(row["places"]) for row in answer}


def _first(places: Sequence[str]) -> str:
    rest = len(places) - PLACES
    return ", ".join(places[:PLACES]) + (f" and {rest} more" if rest > 0 else "")


def _row(
    kind: str, item: str, before: float | None, after: float | None, unit: str | None, detail: str | None = None
) -> dict[str, Any]:
    difference = None if before is None and after is None else (after or 0) - (before or 0)
    return {
        "change_type": kind,
        "item": item,
        "before_value": None if before is None else float(before),
        "after_value": None if after is None else float(after),
        "difference": None if difference is None else float(difference),
        "unit": unit,
        "detail": detail,
    }
