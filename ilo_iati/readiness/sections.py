"""The sections of the readiness page as plain values; a table that is absent leaves its section empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.readiness.leads import examples, offices
from ilo_iati.readiness.questions import Answered, answer_all
from ilo_iati.readiness.reading import Row, columns, relations, rows
from ilo_iati.readiness.timeliness import full_months
from ilo_iati.readiness.work import ACTIVITIES, FINDINGS

BASELINE_YEARS = range(2012, 2018)
"""The period the strategy measures against."""

FIRST_CHART_YEAR = 2011
MAX_ROWS = 400
"""Rows of one table on the page; the rest stands in the warehouse, and the page says how many."""


@dataclass(frozen=True, slots=True)
class Money:
    """Voluntary contributions a year in USD million: `revenue` from CEB, `published` from IATI (None where absent)."""

    years: tuple[int, ...]
    revenue: tuple[float | None, ...]
    published: tuple[float | None, ...]
    baseline: float | None
    revenue_illustrative: bool
    published_illustrative: bool
    published_basis: str


@dataclass(frozen=True, slots=True)
class Sections:
    """Everything the page shows beside the gates; rows are mappings with the column names of the warehouse."""

    as_of: date
    publisher: str
    checks: list[Row]
    findings: list[Row]
    finding_total: int
    indicators: list[Row]
    money: Money | None
    freshness: list[Row]
    scores: list[Row]
    fixes: list[Row]
    changes: list[Row]
    history: list[Row]
    provenance: list[Row]
    manifest: list[Row]
    timeliness: list[Row]
    answers: Answered
    examples: dict[tuple[str, str], list[Row]]
    offices: list[Row]
    months: Months
    facts: Row = field(default_factory=dict)


Months = tuple[tuple[str, int], ...]
"""The last full months, oldest first, with their number of transactions."""
SHOWN_MONTHS = 24
"""A biennium: the gap between two of them shows."""


def gather(connection: duckdb.DuckDBPyConnection, as_of: date, given: Mapping[str, pa.Table] | None = None) -> Sections:
    """Reads every section for the day `as_of`; `given` tables stand in for those of the warehouse."""
    found = relations(connection)
    own = {name: table.to_pylist() for name, table in (given or {}).items() if name not in (ACTIVITIES, FINDINGS)}
    activities = (given or {}).get(ACTIVITIES)
    has_activities = activities is not None or ACTIVITIES in found

    def when(name: str, read: Callable[[duckdb.DuckDBPyConnection], Any], empty: Any) -> Any:
        return read(connection) if name in found else empty

    def kept(name: str, order: str) -> list[Row]:
        if name in own:
            return list(own[name])
        return [] if name not in found else rows(connection, f"SELECT * FROM {name} ORDER BY {order}")

    return Sections(
        as_of,
        when("core.iati_activity", _publisher, ""),
        kept("mart.readiness_check", "sort_order"),
        when("audit.finding", _findings, []),
        when("audit.finding", lambda c: rows(c, f"SELECT count(*) AS n FROM {_FINDING}")[0]["n"], 0),
        kept("mart.indicator_status", "indicator_id"),
        when("core.ceb_revenue", lambda c: _money(c, found), None),
        when("audit.snapshot", lambda c: _freshness(c, as_of), []),
        kept("mart.readiness_score", "sort_order"),
        kept("mart.readiness_fix", "gain_points DESC, fix_code"),
        kept("mart.readiness_change", "sort_order"),
        kept("mart.readiness_history", "ALL"),
        _provenance(connection, found),
        when("audit.snapshot", _manifest, []),
        kept("mart.readiness_timeliness", "grade_code"),
        answer_all(connection, as_of, found),
        examples(connection, activities) if has_activities else {},
        offices(connection, given or {}),
        when("core.iati_transaction", lambda c: _months(c, as_of), ()),
        _facts(connection, found),
    )


_FINDING = (
    "(SELECT * FROM audit.finding WHERE ((SELECT max(run_id) FROM audit.run) IS NULL "
    "OR run_id = (SELECT arg_max(run_id, started_at) FROM audit.run)) "
    "AND NOT (stage = 'expectation' AND dataset IS NOT DISTINCT FROM 'mart.readiness_timeliness'))"
)
"""Of the newest run. The check that there is no alarm is Dagster's; the page has the alarm itself."""


def _months(connection: duckdb.DuckDBPyConnection, as_of: date) -> Months:
    wanted = list(reversed(full_months(as_of, SHOWN_MONTHS)))
    answer = connection.execute(
        "SELECT year(day), month(day) - 1, count(*) FROM (SELECT coalesce(transaction_date, value_date) AS day "
        "FROM core.iati_transaction) WHERE day IS NOT NULL GROUP BY ALL"
    ).fetchall()
    counts = {(year, month): int(count) for year, month, count in answer}
    return tuple((f"{year}-{month + 1:02d}", counts.get((year, month), 0)) for year, month in wanted)


def _publisher(connection: duckdb.DuckDBPyConnection) -> str:
    found = rows(
        connection,
        "SELECT reporting_org_ref AS ref, mode(reporting_org_name) AS name FROM core.iati_activity "
        "WHERE reporting_org_ref IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    )
    return f"{found[0]['name'] or ''} ({found[0]['ref']})".strip() if found else ""


def _findings(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    order = "CASE severity WHEN 'critical' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END"
    return rows(
        connection,
        f"""
        SELECT rule_id, severity, any_value(stage) AS stage, mode(message) AS message, mode(fix) AS fix,
            count(*) AS findings, count(DISTINCT identifier) FILTER (identifier <> 'file') AS identifiers,
            list_sort(list(DISTINCT dataset) FILTER (dataset <> '')) AS datasets,
            arg_min(dataset, (dataset, line)) AS example_dataset, arg_min(line, (dataset, line)) AS example_line,
            arg_min(identifier, (dataset, line)) AS example_identifier, arg_min(xpath, (dataset, line)) AS example_xpath
        FROM {_FINDING} GROUP BY rule_id, severity ORDER BY {order}, findings DESC, rule_id LIMIT {MAX_ROWS}
        """,
    )


def _money(connection: duckdb.DuckDBPyConnection, found: set[str]) -> Money | None:
    revenue = {
        row["year"]: row["amount"]
        for row in rows(
            connection,
            "SELECT year, sum(amount_usd)::DOUBLE / 1e6 AS amount FROM core.ceb_revenue "
            "WHERE granularity = 'type' AND regexp_matches(revenue_type_code, '^R0[23]') GROUP BY year",
        )
    }
    if not revenue:
        return None
    published, illustrative, basis = _published_money(connection, found)
    years = tuple(range(FIRST_CHART_YEAR, max([*revenue, *published]) + 1))
    base = [revenue[year] for year in BASELINE_YEARS if year in revenue]
    return Money(
        years,
        tuple(revenue.get(year) for year in years),
        tuple(published.get(year) for year in years),
        sum(base) / len(base) if len(base) >= 4 else None,
        _is_illustrative(connection, found, "core.ceb_revenue"),
        illustrative,
        basis,
    )


def _published_money(connection: duckdb.DuckDBPyConnection, found: set[str]) -> tuple[dict[int, float], bool, str]:
    if "mart.contribution" not in found:
        return {}, False, ""
    names = columns(connection, "mart.contribution")
    amount = next((name for name in ("value_usd", "amount_usd", "value_usd_current") if name in names), None)
    if amount is None or "year" not in names:
        return {}, False, ""
    where = "coalesce(is_voluntary, true)" if "is_voluntary" in names else "true"
    answer = rows(
        connection,
        f"SELECT year, sum({amount})::DOUBLE / 1e6 AS amount, bool_or(is_illustrative) AS illustrative, "
        f"list_sort(list(DISTINCT basis)) AS bases FROM mart.contribution WHERE {where} AND year >= {FIRST_CHART_YEAR} "
        "GROUP BY year ORDER BY year",
    )
    amounts = {row["year"]: row["amount"] for row in answer if row["amount"] is not None}
    bases = sorted({basis for row in answer for basis in row["bases"]})
    return amounts, any(row["illustrative"] for row in answer), ", ".join(bases)


def _is_illustrative(connection: duckdb.DuckDBPyConnection, found: set[str], content: str) -> bool:
    """Whether rows of `content` (a table, perhaps with a WHERE) are of the bundled sample."""
    table = content.split()[0]
    if "is_illustrative" in columns(connection, table):
        return bool(rows(connection, f"SELECT bool_or(is_illustrative) AS yes FROM {content}")[0]["yes"])
    if "audit.snapshot" not in found:
        return False
    sql = (
        "SELECT bool_or(is_illustrative) AS yes FROM audit.snapshot WHERE is_current "
        f"AND dataset IN (SELECT dataset FROM {table})"
    )
    return bool(rows(connection, sql)[0]["yes"])


def _freshness(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Row]:
    return rows(
        connection,
        """
        SELECT source, count(*) AS datasets, max(fetched_at) AS fetched_at, min(fetched_at) AS oldest_at,
            date_diff('day', min(fetched_at)::DATE, $1::DATE) AS age_days,
            count(*) FILTER (http_status IS NOT NULL AND http_status NOT IN (200, 304)) AS failed,
            count(*) FILTER (note IS NOT NULL AND note <> '') AS kept, bool_or(is_illustrative) AS is_illustrative,
            string_agg(DISTINCT licence, ', ') AS licence
        FROM audit.snapshot WHERE is_current GROUP BY source ORDER BY source
        """,
        [as_of],
    )


def _manifest(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows(
        connection,
        "SELECT source, dataset, url, http_status, sha256, bytes, fetched_at, is_illustrative, note "
        f"FROM audit.snapshot WHERE is_current ORDER BY source, dataset LIMIT {MAX_ROWS}",
    )


_AGGREGATE = "source IN ('dac1', 'crs_aggregate')"
_CONTENT = (
    ("IATI activities", "core.iati_activity"),
    ("IATI transactions", "core.iati_transaction"),
    ("IATI organisation files", "core.iati_organisation"),
    ("OECD-DAC flows", f"core.dac_flow WHERE NOT {_AGGREGATE}"),
    ("OECD-DAC totals (DAC1, the ILO as donor by recipient)", f"core.dac_flow WHERE {_AGGREGATE}"),
    ("UN CEB revenue of the ILO", "core.ceb_revenue"),
    ("Exchange rates", "core.exchange_rate"),
)
"""What a warehouse holds, as the page names it, and the rows it stands for. The sample's DAC flows are made, its DAC
totals are real."""


def _provenance(connection: duckdb.DuckDBPyConnection, found: set[str]) -> list[Row]:
    return [
        {
            "name": name,
            "table": table,
            "rows": rows(connection, f"SELECT count(*) AS n FROM {content}")[0]["n"],
            "is_illustrative": _is_illustrative(connection, found, content),
        }
        for name, content in _CONTENT
        if (table := content.split()[0]) in found
    ]


def _facts(connection: duckdb.DuckDBPyConnection, found: set[str]) -> Row:
    if "audit.run" not in found:
        return {}
    newest = rows(connection, "SELECT * FROM audit.run ORDER BY started_at DESC LIMIT 1")
    return newest[0] if newest else {}
