"""The steps that build: staging database, marts, checks, readiness, indicators, and the swap into place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

import duckdb
import pyarrow as pa

from ilo_iati import expect, indicators, load, publish, readiness
from ilo_iati.findings import Finding
from ilo_iati.indicators.page import render as render_indicators
from ilo_iati.indicators.paper import compose
from ilo_iati.readiness.history import append_history
from ilo_iati.snapshot import Store
from ilo_iati.spec.indicator import load_register
from ilo_iati.spec.table import Table, load_tables
from ilo_iati.standard import open_standard
from ilo_iati.standard.reference import reference_tables
from pipelines import datasets, sources
from pipelines import run as runs
from pipelines.run import Run

PREVIEW_ROWS = 5
"""Enough to recognise a table on Dagster's page."""
SCORING_MEMORY = "2GB"
"""Scores join many tables at once; loading itself needs far less (see load.connecting)."""


# -- tables -----------------------------------------------------------------------------------------------------------


def load_core(run: Run) -> dict[str, int]:
    """Builds the staging database: ref, core and audit tables, every finding so far; returns rows by table."""
    parts = datasets.extract_datasets(run)
    extra = {
        **reference_tables(),
        **datasets.tabular_tables(run),
        "audit.snapshot": _snapshot_rows(run),
        "audit.activity_version": datasets.activity_versions(run),
        "audit.run": _run_row(run),
        "audit.finding": _finding_rows(run.run_id, runs.kept_findings(run)),
    }
    return load.stage(run.database, parts, load_tables(), {k: v for k, v in extra.items() if k in load_tables()})


def _snapshot_rows(run: Run) -> pa.Table:
    rows = Store(run.snapshots).rows()
    names = [column.name for column in load_tables()["audit.snapshot"].columns]
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _run_row(run: Run) -> pa.Table:
    facts = {
        "run_id": run.run_id,
        "started_at": run.now.astimezone(UTC).replace(tzinfo=None),
        "finished_at": None,
        "as_of": run.as_of,
        "mode": run.mode,
        "status": "built",
        "git_or_package_version": version("ilo-iati"),
    }
    return pa.table({name: [value] for name, value in facts.items()})


def _finding_rows(run_id: str, found: Iterable[tuple[str, Finding]]) -> pa.Table:
    rows = [{"run_id": run_id, "stage": stage, **finding.as_dict()} for stage, finding in found]
    names = [column.name for column in load_tables()["audit.finding"].columns]
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("arriving", rows)
    columns = ", ".join(rows.column_names)
    connection.execute(f"insert into {name} ({columns}) select {columns} from arriving")
    connection.unregister("arriving")


# -- marts and checks -------------------------------------------------------------------------------------------------


def build_mart(run: Run, name: str) -> int:
    """Builds one mart in the staging database; returns its rows."""
    return load.build_marts(run.database, [name])[name]


def mart_dependencies(marts: Mapping[str, Table]) -> dict[str, set[str]]:
    """The declared tables each mart reads, from its SQL."""
    with duckdb.connect() as connection:
        queries = load.mart_queries(load_tables())
        return {name: load.dependencies(connection, queries[name]) for name in marts}


@cache
def codes() -> Mapping[str, tuple[str, ...]]:
    """Codes of each list that a declared column names, newest version, for the expectations of the specs."""
    standard = open_standard()
    named = {c.codelist for table in load_tables().values() for c in table.columns if c.codelist}
    return {name: tuple(sorted(standard.codes(name, "2.03").codes)) for name in sorted(named)}


def expect_tables(run: Run, tables: Sequence[Table]) -> list[expect.CheckResult]:
    """Runs the suites the specs imply on the staging database and records what failed."""
    return _expect(run, [suite for table in tables if (suite := expect.table_suite(table, codes()))])


def expect_spanning(run: Run) -> list[expect.CheckResult]:
    """Runs the suites over joined tables and records what failed."""
    return _expect(run, expect.spanning_suites())


def _expect(run: Run, suites: Sequence[expect.Suite]) -> list[expect.CheckResult]:
    if not suites:
        return []
    with load.open_for_writing(run.database) as connection:
        results = expect.run(connection, suites)
        found = [("expectation", finding) for finding in expect.findings(results)]
        _insert(connection, "audit.finding", _finding_rows(run.run_id, found))
    return results


def previews(run: Run, tables: Iterable[str]) -> dict[str, str]:
    """The first rows of staged tables as Markdown, for Dagster's pages of the assets."""
    with duckdb.connect(str(run.database), read_only=True) as connection:
        return {name: _preview(connection, name) for name in tables}


def _preview(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    cursor = connection.execute(f"select * from {table} limit {PREVIEW_ROWS}")
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    cells = [[str(value).replace("|", "\\|").replace("\n", " ")[:80] for value in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [names, ["---"] * len(names), *cells])


# -- readiness and indicators -----------------------------------------------------------------------------------------


def evaluate_readiness(run: Run) -> dict[str, int]:
    """Gates and scores into mart.readiness_*, alarms into audit.finding, compared with what is public."""
    published = run.home.database if run.home.database.exists() else None
    with load.open_for_writing(run.database, SCORING_MEMORY) as connection:
        answer = readiness.assess(connection, run.as_of, published=published, history=run.home.root / "history")
        for name, rows in answer.tables.items():
            connection.execute(f"delete from {name}")
            _insert(connection, name, rows)
        connection.execute("delete from audit.finding where stage = 'readiness'")
        alarms = _finding_rows(run.run_id, [("readiness", alarm) for alarm in answer.alarms])
        _insert(connection, "audit.finding", alarms)
    return {name: len(rows) for name, rows in answer.tables.items()}


def compute_indicators(run: Run) -> dict[str, int]:
    """The register's formulas into mart.indicator_*, and the page that shows them; returns rows by table."""
    register = load_register()
    with load.open_for_writing(run.database) as connection:
        tables = indicators.compute(connection, register, run.as_of)
        indicators.store(connection, tables)
        page = render_indicators(compose(connection, register, tables, run.as_of))
    (run.work / run.home.indicator_page.name).write_text(page, encoding="utf-8")
    return {name: len(rows) for name, rows in tables.items()}


# -- publication ------------------------------------------------------------------------------------------------------


def publish_all(run: Run) -> dict[str, int]:
    """Pages, dictionary and Parquet made from the staging database, then everything swapped in; rows by table.

    The database goes first and PUBLISHED.json last: killed in between, the next refresh simply builds again.
    """
    tables = load_tables()
    with load.open_for_writing(run.database) as connection:
        connection.execute("update audit.run set finished_at = ?", [datetime.now(UTC).replace(tzinfo=None)])
        counts = load.row_counts(connection, tables)
    page = readiness.render(run.database, run.work / run.home.report.name, run.as_of)
    words = run.work / run.home.dictionary.name
    words.write_text(publish.dictionary(tables, counts), encoding="utf-8")
    built = run.work / run.home.parquet.name
    publish.export_parquet(run.database, built)
    publish.write_datapackage(tables, counts, built)
    load.publish(run.database, run.home.database)
    os.replace(page, run.home.report)
    os.replace(run.work / run.home.indicator_page.name, run.home.indicator_page)
    os.replace(words, run.home.dictionary)
    publish.swap_folder(built, run.home.parquet)
    _remember_scores(run)
    _seal(run, counts)
    return counts


def _remember_scores(run: Run) -> None:
    """Scores of the day into the home's own history, which outlives the build."""
    with load.open_for_reading(run.home.database) as connection:
        query = "select * from mart.readiness_history where as_of_date = ?"
        cursor = connection.execute(query, [run.as_of])
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    append_history(run.home.root / "history", run.as_of, rows)


def _seal(run: Run, counts: Mapping[str, int]) -> None:
    facts = {
        "fingerprint": sources.fingerprint(run),
        "run_id": run.run_id,
        "mode": run.mode,
        "bytes_of": run.bytes_of,
        "as_of": str(run.as_of),
        "rows": sum(counts.values()),
    }
    draft = run.work / run.published.name
    draft.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    os.replace(draft, run.published)
