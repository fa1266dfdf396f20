"""The data under review against the published version: activities, money by year and donor, findings."""

from __future__ import annotations

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
    if {"readiness_finding", "readiness_published_finding"} <= relations:
        found += _findings(connection)
    return [{"sort_order": number, **row} for number, row in enumerate(found, 1)]


def _activities(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE readiness_activity_change AS SELECT iati_identifier AS item, "
        "CASE WHEN b.content IS NULL THEN 'activity_added' WHEN n.content IS NULL THEN 'activity_removed' "
        "WHEN n.content <> b.content THEN 'activity_changed' ELSE 'unchanged' END AS change_type "
        f"FROM ({_CONTENT.format(where='published.', scope=_SCOPE)}) AS b "
        f"FULL JOIN ({_CONTENT.format(where='', scope='true')}) AS n USING (iati_identifier)"
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
    now = _MONEY.format(item=item, where="", scope="true", kept=kept)
    answer = rows(
        connection,
        f"SELECT item, unit, b.amount AS before, n.amount AS after FROM ({before}) AS b "
        f"FULL JOIN ({now}) AS n USING (item, unit) WHERE b.amount IS DISTINCT FROM n.amount "
        "ORDER BY item, unit",
    )
    return [_row(kind, row["item"], row["before"], row["after"], row["unit"]) for row in answer]


def _findings(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    counted = "SELECT rule_id, severity, identifier, count(*) AS n FROM {} WHERE stage = 'validate' GROUP BY ALL"
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
    found = []
    for row in answer:
        before, after, added, gone = (int(row[key]) for key in ("before", "after", "added", "gone"))
        found += [_row("finding_new", row["item"], before, before + added, "findings")] if added else []
        found += [_row("finding_fixed", row["item"], before, before - gone, "findings")] if gone else []
        found += [] if added or gone else [_row("finding_unchanged", row["item"], before, after, "findings")]
    return found


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
