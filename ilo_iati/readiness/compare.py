"""The data under review against the published version: activities, money by year and donor, files, findings, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from ilo_iati.readiness.reading import rows

MAX_ITEMS = 2000
"""Activities listed one by one of each kind; a whole new biennium is counted in the summary anyway."""

_CONTENT = """
    SELECT a.iati_identifier, md5(concat_ws('|', any_value(a.title), any_value(a.activity_status_code),
        any_value(a.description), coalesce(any_value(t.amounts), ''), coalesce(any_value(b.amounts), ''))) AS content
    FROM {where}core.iati_activity AS a
    LEFT JOIN (SELECT activity_key, string_agg(concat_ws(' ', transaction_type_code, transaction_date, value_amount),
        ',' ORDER BY transaction_number) AS amounts FROM {where}core.iati_transaction GROUP BY 1) AS t
        USING (activity_key)
    LEFT JOIN (SELECT activity_key, string_agg(concat_ws(' ', period_start, period_end, value_amount), ','
        ORDER BY budget_number) AS amounts FROM {where}core.iati_budget GROUP BY 1) AS b USING (activity_key)
    WHERE a.iati_identifier IS NOT NULL AND {scope} GROUP BY 1
"""
_SCOPE = "a.dataset IN (SELECT dataset FROM readiness_scope)"
_REVIEW = "a.dataset IN (SELECT dataset FROM readiness_review)"

_MONEY = """
    SELECT {item} AS item, coalesce(t.value_currency_code, a.default_currency_code, 'no currency') AS unit,
        sum(t.value_amount)::DOUBLE AS amount
    FROM {where}core.iati_transaction AS t JOIN {where}core.iati_activity AS a USING (activity_key)
    WHERE {scope} AND {kept} GROUP BY ALL
"""
_YEAR = (
    "coalesce(year(t.transaction_date)::VARCHAR, 'no date') || ', type ' || coalesce(t.transaction_type_code, 'none')"
)
_DONOR = (
    "coalesce(nullif(trim(t.provider_org_name), ''), nullif(trim(t.provider_org_ref), ''), 'no provider stated') "
    "|| ', type ' || t.transaction_type_code"
)
_RECEIPTS = "t.transaction_type_code IN ('1', '2', '11', '13')"


def changes(connection: duckdb.DuckDBPyConnection, relations: set[str]) -> list[dict[str, Any]]:
    """Rows of mart.readiness_change; none where no published version is attached (see reading.attached, prepare)."""
    if "readiness_scope" not in relations:
        return []
    found = [*_activities(connection), *_money(connection, "money_by_year", _YEAR, "true"),
             *_money(connection, "money_by_donor", _DONOR, _RECEIPTS)]  # fmt: skip
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
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE readiness_activity_change AS SELECT iati_identifier AS item, "
        "CASE WHEN b.content IS NULL THEN 'activity_added' WHEN n.content IS NULL THEN 'activity_removed' "
        "WHEN n.content <> b.content THEN 'activity_changed' ELSE 'unchanged' END AS change_type "
        f"FROM ({_CONTENT.format(where='published.', scope=_SCOPE)}) AS b "
        f"FULL JOIN ({_CONTENT.format(where='', scope=_REVIEW)}) AS n USING (iati_identifier)"
    )
    counts = dict(
        connection.execute("SELECT change_type, count(*) FROM readiness_activity_change GROUP BY 1").fetchall()
    )
    kept = counts.get("unchanged", 0) + counts.get("activity_changed", 0)
    before, after = kept + counts.get("activity_removed", 0), kept + counts.get("activity_added", 0)
    summary = [_row("summary", "activities", before, after, "activities")]
    summary += [
        _row("summary", kind.replace("_", " "), None, counts.get(kind, 0), "activities")
        for kind in ("activity_added", "activity_removed", "activity_changed")
    ]
    listed = connection.execute(
        "SELECT change_type, item FROM readiness_activity_change WHERE change_type <> 'unchanged' "
        f"QUALIFY row_number() OVER (PARTITION BY change_type ORDER BY item) <= {MAX_ITEMS} ORDER BY 1, 2"
    ).fetchall()
    return summary + [_row(kind, item, None, None, None) for kind, item in listed]


def _money(connection: duckdb.DuckDBPyConnection, kind: str, item: str, kept: str) -> list[dict[str, Any]]:
    before = _MONEY.format(item=item, where="published.", scope=_SCOPE, kept=kept)
    now = _MONEY.format(item=item, where="", scope=_REVIEW, kept=kept)
    answer = rows(
        connection,
        f"SELECT item, unit, b.amount AS before, n.amount AS after FROM ({before}) AS b "
        f"FULL JOIN ({now}) AS n USING (item, unit) WHERE b.amount IS DISTINCT FROM n.amount "
        "ORDER BY item, unit",
    )
    return [_row(kind, row["item"], row["before"], row["after"], row["unit"]) for row in answer]


_FILE_TABLES = ("audit.snapshot", "core.iati_activity", "core.iati_organisation")
_FILE = (
    "SELECT dataset, sha256, url, bytes FROM {0}audit.snapshot WHERE is_current AND dataset IN "
    "(SELECT dataset FROM {0}core.iati_activity UNION SELECT dataset FROM {0}core.iati_organisation)"
)


def _files(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Files by dataset: those that came, went, or hold other bytes; and addresses that moved."""
    answer = rows(
        connection,
        f"SELECT dataset, b.sha256 AS was, n.sha256 AS now, b.bytes AS bytes_before, n.bytes AS bytes_after, "
        f"b.url AS url_before, n.url AS url_after FROM ({_FILE.format('published.')}) AS b "
        f"FULL JOIN ({_FILE.format('')}) AS n USING (dataset) ORDER BY dataset",
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


def _findings(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    counted = "SELECT rule_id, severity, identifier, count(*) AS n FROM {} WHERE stage = 'validation' GROUP BY ALL"
    answer = rows(
        connection,
        f"""
        SELECT rule_id || ' (' || severity || ')' AS item, sum(coalesce(b.n, 0)) AS before,
            sum(coalesce(n.n, 0)) AS after,
            sum(greatest(coalesce(n.n, 0) - coalesce(b.n, 0), 0)) AS added,
            sum(greatest(coalesce(b.n, 0) - coalesce(n.n, 0), 0)) AS gone
        FROM ({counted.format("readiness_published_finding")}) AS b
        FULL JOIN ({counted.format("readiness_finding")}) AS n USING (rule_id, severity, identifier)
        GROUP BY ALL ORDER BY item
        """,
    )
    found, totals = [], {"new": 0, "fixed": 0, "unchanged": 0}
    for row in answer:
        before, after, added, gone = (int(row[key]) for key in ("before", "after", "added", "gone"))
        totals["new"] += added
        totals["fixed"] += gone
        totals["unchanged"] += before - gone
        found += [_row("finding_new", row["item"], before, before + added, "findings")] if added else []
        found += [_row("finding_fixed", row["item"], before, before - gone, "findings")] if gone else []
        found += [] if added or gone else [_row("finding_unchanged", row["item"], before, after, "findings")]
    summary = [_row("summary", f"findings {kind}", None, count, "findings") for kind, count in totals.items()]
    return summary + found


def _row(kind: str, item: str, before: float | None, after: float | None, unit: str | None) -> dict[str, Any]:
    difference = None if before is None and after is None else (after or 0) - (before or 0)
    return {
        "change_type": kind,
        "item": item,
        "before_value": None if before is None else float(before),
        "after_value": None if after is None else float(after),
        "difference": None if difference is None else float(difference),
        "unit": unit,
    }
