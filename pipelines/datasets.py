"""The steps that read documents: every IATI dataset checked, parsed and fingerprinted; every other file read into rows.

What one dataset's bytes came to is kept below `build/parts` by its checksum, so that only what changed is read again.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ilo_iati import extract, history
from ilo_iati.extract.ceb import read_ceb
from ilo_iati.extract.dac import read_dac
from ilo_iati.extract.doubles import each_year_once
from ilo_iati.extract.exchange import read_exchange
from ilo_iati.extract.outflow import read_outflow
from ilo_iati.findings import Finding, Severity
from ilo_iati.snapshot import Snapshot, Store
from ilo_iati.spec.source import Source, load_sources
from ilo_iati.standard import open_standard
from ilo_iati.validate import check_dataset
from pipelines import run as runs
from pipelines.run import Run
from pipelines.sources import declared_hash, snapshots_of

WORKERS = min(2, os.cpu_count() or 1)


def iati_snapshots(run: Run) -> list[Snapshot]:
    """The current snapshot of every IATI dataset of every source that publishes IATI."""
    return [s for source in load_sources().values() if source.kind == "iati" for s in snapshots_of(run, source)]


# -- validation -------------------------------------------------------------------------------------------------------


def check_datasets(run: Run) -> dict[str, int]:
    """Checks every IATI dataset by the official profile and keeps the findings; returns findings by severity."""
    total: Counter[str] = Counter()
    for snapshot in iati_snapshots(run):
        found = _checked(run, snapshot)
        runs.keep_findings(run, "validation", snapshot.dataset, found)
        total.update(finding.severity.value for finding in found)
    return {severity.value: total[severity.value] for severity in Severity}


def _checked(run: Run, snapshot: Snapshot) -> list[Finding]:
    # Some rules compare with today, so a verdict holds for one day.
    kept = (
        run.home.parts / "checks" / f"{snapshot.sha256}-{declared_hash()[:12]}-{run.now.date()}-{snapshot.dataset}.json"
    )
    if not kept.exists():
        report = check_dataset(snapshot.path, standard=open_standard(), profile="official", now=run.now)
        _write(kept, json.dumps([f.as_dict() for f in report.findings], ensure_ascii=False).encode())
    rows = json.loads(kept.read_text(encoding="utf-8"))
    return [Finding(**{**row, "severity": Severity(row["severity"]), "dataset": snapshot.dataset}) for row in rows]


def _write(path: Path, content: bytes) -> None:
    """In one step: a kill leaves either no file or a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.replace(draft, path)


# -- extraction -------------------------------------------------------------------------------------------------------


def extract_datasets(run: Run) -> list[extract.Part]:
    """Every IATI dataset into Parquet parts (reused where the bytes are known) and its findings kept."""
    found = iati_snapshots(run)
    sources = [extract.Source(s.dataset, s.path, s.sha256, s.is_illustrative) for s in found]
    parts = extract.extract_many(sources, run.home.parts, WORKERS)
    for part in parts:
        runs.keep_findings(run, "extraction", "+".join(part.datasets)[:120], part.findings)
    return parts


# -- tabular sources --------------------------------------------------------------------------------------------------


READERS: dict[str, tuple[str, Callable[..., tuple[pa.Table, list[Finding]]]]] = {
    "oecd_multisystem": ("core.dac_flow", read_dac),
    "oecd_crs": ("core.dac_flow", read_dac),
    "oecd_dac1": ("core.dac_flow", read_dac),
    "oecd_dac2a": ("core.dac_flow", read_dac),
    "crs_outflow": ("core.dac_flow", read_outflow),
    "ceb_revenue": ("core.ceb_revenue", read_ceb),
    "exchange_rate_daily": ("core.exchange_rate", read_exchange),
    "exchange_rate_annual": ("core.exchange_rate", read_exchange),
}
"""Which table each source fills, and who reads its files."""


def tabular_tables(run: Run) -> dict[str, pa.Table]:
    """core.dac_flow, core.ceb_revenue, core.exchange_rate from the current snapshots; their findings kept."""
    gathered: dict[str, list[pa.Table]] = {}
    for source in load_sources().values():
        if source.name in READERS:
            snapshots = snapshots_of(run, source)
            came = {snapshot.dataset: snapshot.fetched_at for snapshot in snapshots}
            for dataset, (table, found) in each_year_once(source, _read(source, snapshots), came).items():
                runs.keep_findings(run, "extraction", dataset, found)
                gathered.setdefault(READERS[source.name][0], []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in gathered.items()}


def _read(source: Source, snapshots: Sequence[Snapshot]) -> dict[str, tuple[pa.Table, list[Finding]]]:
    """Rows and findings of each snapshot of a source, by dataset."""
    reader = READERS[source.name][1]
    present = {snapshot.dataset for snapshot in snapshots}
    return {
        snapshot.dataset: reader(
            snapshot.path,
            dataset=snapshot.dataset,
            sha256=snapshot.sha256,
            is_illustrative=snapshot.is_illustrative,
            **(_facts_of_release(snapshot, source.name, present) if reader is read_dac else {}),
        )
        for snapshot in snapshots
    }


def _facts_of_release(snapshot: Snapshot, source: str, present: set[str]) -> dict[str, str | None]:
    """What else the reader of OECD files is told: release, table, whether the ILO's own rows come in another block."""
    own = snapshot.dataset.replace("_api_", "_api_own_")
    is_apart = "_api_own_" not in snapshot.dataset and own != snapshot.dataset and own in present
    release, table = snapshot.catalogue.get("release"), source.removeprefix("oecd_")
    return {"release": release, "own_in": own if is_apart else None, "table": table}


# -- history ----------------------------------------------------------------------------------------------------------


def activity_versions(run: Run) -> pa.Table:
    """audit.activity_version: the fingerprint of every activity of every good snapshot, kept by checksum."""
    store = Store(run.snapshots)
    tables = [
        _stamped(snapshot, _fingerprints(run, snapshot))
        for source in load_sources().values()
        if source.kind == "iati"
        for name in store.datasets(source.name)
        for snapshot in store.usable(name)
    ]
    return pa.concat_tables(tables) if tables else _EMPTY


def _fingerprints(run: Run, snapshot: Snapshot) -> pa.Table:
    kept = run.home.parts / "fingerprints" / f"{snapshot.sha256}.parquet"
    if not kept.exists():
        buffer = pa.BufferOutputStream()
        pq.write_table(history.fingerprint_table(snapshot.path), buffer, compression="zstd")
        _write(kept, buffer.getvalue().to_pybytes())
    return pq.read_table(kept)


def _stamped(snapshot: Snapshot, table: pa.Table) -> pa.Table:
    at = snapshot.fetched_at.astimezone(UTC).replace(tzinfo=None)
    for name, value, kind in (
        ("fetched_at", at, pa.timestamp("us")),
        ("snapshot_sha256", snapshot.sha256, pa.string()),
        ("dataset", snapshot.dataset, pa.string()),
    ):
        table = table.add_column(0, pa.field(name, kind), pa.array([value] * len(table), kind))
    return table


_EMPTY = pa.schema(
    [
        ("dataset", pa.string()),
        ("snapshot_sha256", pa.string()),
        ("fetched_at", pa.timestamp("us")),
        *history.FINGERPRINT,
    ]
).empty_table()
