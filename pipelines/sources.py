"""The first steps of a refresh: every source's bytes into the store, and whether anything changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import requests

from ilo_iati import fetch, load, sample
from ilo_iati.errors import SourceError, WarehouseError
from ilo_iati.findings import Finding, Severity
from ilo_iati.paths import MARTS, ROOT, SCHEMAS
from ilo_iati.snapshot import Snapshot, Store
from ilo_iati.spec.source import Source, load_sources
from ilo_iati.standard import open_standard
from pipelines import run as runs
from pipelines.run import Run


def fetch_source(run: Run, source: Source, only: Sequence[str] = ()) -> tuple[bool, list[Finding]]:
    """Fetches one source into its store; whether it was reached, and what went wrong. Raises SourceError."""
    if run.mode == "offline" or (only and source.name not in only):
        runs.keep_findings(run, "fetch", source.name, [])
        return True, []
    result = fetch.refresh_source(
        source,
        Store(run.snapshots),
        _session(run, source),
        run.now,
        drop=run.home.drop / source.name,
        illustrative=run.mode == "sample" and sample.is_illustrative(source.name),
    )
    runs.keep_findings(run, "fetch", source.name, result.findings)
    return result.reached, list(result.findings)


def _session(run: Run, source: Source) -> requests.Session:
    return sample.session(run.now) if run.mode == "sample" else fetch.new_session(source)


def record_unreachable(run: Run, source: Source, error: SourceError) -> None:
    """Keeps a source without any usable snapshot as a finding; the rest of the run goes on."""
    fix = "See `ilo-iati sources status`; refresh again when the source answers."
    finding = Finding("fetch.no_snapshot", Severity.ERROR, str(error), fix, "fetch", source.name)
    runs.keep_findings(run, "fetch", source.name, [finding])


def snapshots_of(run: Run, source: Source) -> list[Snapshot]:
    """The current snapshot of each dataset of a source, by dataset name."""
    store = Store(run.snapshots)
    return [held for name in store.datasets(source.name) if (held := store.current(name)) is not None]


@cache
def declared_hash() -> str:
    """Hash of everything in the checkout that decides the build: code, specs, marts."""
    digest = hashlib.sha256()
    for folder in (ROOT / "ilo_iati", ROOT / "pipelines", SCHEMAS, MARTS):
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint(run: Run) -> str:
    """What the build would be made from: snapshots and what befell them, declarations, standard, date; as a sha256."""
    held = sorted((s.dataset, s.sha256) for source in load_sources().values() for s in snapshots_of(run, source))
    told = sorted((f.rule_id, f.dataset, f.message) for _, f in runs.kept_findings(run, "fetch"))
    facts = [declared_hash(), open_standard().provenance(), run.bytes_of, str(run.as_of), held, told]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def is_published(run: Run) -> bool:
    """True when the published warehouse was made from these very inputs, stands, and is the one that was sealed.

    A run killed between swapping the database in and sealing it leaves the seal of the one before.
    """
    known = runs.read_published(run.published)
    return known.get("fingerprint") == fingerprint(run) and known.get("run_id") == _run_of(run.home.database)


def _run_of(database: Path) -> str | None:
    """The run that made a database; None where there is none that can be read."""
    try:
        with load.open_for_reading(database) as connection:
            found = connection.execute("select max(run_id) from audit.run").fetchall()
    except (WarehouseError, duckdb.Error):
        return None
    return str(found[0][0])
