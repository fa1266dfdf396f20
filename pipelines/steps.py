"""The stages composed into the steps of a refresh: plain functions of a Run, without Dagster."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import duckdb

from ilo_iati import expect, fetch, load, sample
from ilo_iati.errors import SourceError
from ilo_iati.findings import Finding, Severity
from ilo_iati.paths import MARTS, ROOT, SCHEMAS
from ilo_iati.snapshot import Snapshot, Store
from ilo_iati.spec.source import Source, load_sources
from ilo_iati.spec.table import Table
from ilo_iati.standard import open_standard
from pipelines import run as runs
from pipelines.run import Run

IATI = "iati_ilo"
"""The one source whose datasets are IATI documents; the others are tabular."""


# -- bytes ------------------------------------------------------------------------------------------------------------


def fetch_source(run: Run, source: Source, only: Sequence[str] = ()) -> fetch.FetchResult | None:
    """Fetches one source into its store; None when this run fetches nothing of it. Raises SourceError."""
    if run.mode == "offline" or (only and source.name not in only):
        return None
    session = sample.session(run.now) if run.mode == "sample" else fetch.new_session(source)
    result = fetch.refresh_source(source, Store(run.snapshots), session, run.now)
    runs.keep_fetch_findings(run, source.name, result.findings)
    return result


def record_unreachable(run: Run, source: Source, error: SourceError) -> None:
    """Keeps a source that is out of reach as a finding; the rest of the run goes on."""
    finding = Finding("fetch.unreachable", Severity.ERROR, str(error), "", "fetch", source.name)
    runs.keep_fetch_findings(run, source.name, [finding])


def snapshots_of(run: Run, source: Source) -> list[Snapshot]:
    """The current snapshot of each dataset of a source, by dataset name."""
    return Store(run.snapshots).current_of(source.name)


# -- whether there is anything to do ----------------------------------------------------------------------------------


@cache
def _declared_hash() -> str:
    """Hash of everything in the checkout that decides the build: code, specs, marts."""
    digest = hashlib.sha256()
    folders = (ROOT / "ilo_iati", ROOT / "pipelines", SCHEMAS, MARTS)
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint(run: Run) -> str:
    """What the build would be made from: snapshots, declarations, standard, bytes and date, as one sha256."""
    held = [[s.dataset, s.sha256] for source in load_sources().values() for s in snapshots_of(run, source)]
    facts = [_declared_hash(), open_standard().provenance(), run.bytes_of, str(run.as_of), sorted(held)]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def is_published(run: Run) -> bool:
    """True when the published warehouse was made from these very inputs and still stands."""
    known = runs.read_published(run.published).get("fingerprint")
    return run.home.database.exists() and known == fingerprint(run)


# -- tables -----------------------------------------------------------------------------------------------------------


@cache
def codes() -> Mapping[str, tuple[str, ...]]:
    """Codes of each list, newest version, for the expectations of the specs."""
    return open_standard().all_codes()


def expect_tables(run: Run, stage: str, tables: Sequence[Table]) -> list[expect.CheckResult]:
    """Runs the suites the specs imply on the staging database and keeps what failed."""
    suites = [suite for table in tables if (suite := expect.table_suite(table, codes()))]
    return _expect(run, f"expect_{stage}", suites)


def expect_spanning(run: Run) -> list[expect.CheckResult]:
    """Runs the suites over joined tables and keeps what failed."""
    return _expect(run, "expect_spanning", expect.spanning_suites())


def _expect(run: Run, stage: str, suites: Sequence[expect.Suite]) -> list[expect.CheckResult]:
    if not suites:
        return []
    with duckdb.connect(str(run.database)) as connection:
        results = expect.run(connection, suites)
        load.append_findings(connection, run.run_id, "expectation", expect.findings(results))
    return results


def build_mart(run: Run, name: str) -> int:
    """Builds one mart in the staging database; returns its rows."""
    with duckdb.connect(str(run.database)) as connection:
        return load.build_marts(connection, [name])[name]


def preview(run: Run, table: str, rows: int = 5) -> str:
    """The first rows of a table as a Markdown table, for Dagster's page of the asset."""
    with duckdb.connect(str(run.database), read_only=True) as connection:
        frame = connection.execute(f"select * from {table} limit {rows}").df()
    head = "| " + " | ".join(frame.columns) + " |\n|" + " --- |" * len(frame.columns)
    cells = [[str(value).replace("|", "\\|").replace("\n", " ")[:80] for value in row] for row in frame.itertuples(index=False)]
    return "\n".join([head, *("| " + " | ".join(row) + " |" for row in cells)])


def check_summary(reports: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Findings by severity over all datasets."""
    total: Counter[str] = Counter()
    for summary in reports.values():
        total.update(summary)
    return dict(total)
