"""`load`: any publisher's IATI files into DuckDB tables (core and audit layers)."""

from __future__ import annotations

import argparse
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
from rich.console import Console
from rich.progress import Progress

from ilo_iati import extract, load
from ilo_iati.errors import UsageError
from ilo_iati.spec.table import load_tables

SUMMARY = "any publisher's IATI files into DuckDB tables"
EXAMPLE = "ilo-iati load downloads/ organisation.xml --database iati.duckdb --workers 2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="IATI files, or folders searched for *.xml")
    parser.add_argument("--database", required=True, type=Path, metavar="FILE", help="made, or replaced in one step")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default 2)")
    parser.add_argument("--append", action="store_true", help="keep what the database holds of other datasets")
    parser.add_argument(
        "--parts", type=Path, metavar="DIR", help="parsed files, reused next time (default: beside FILE)"
    )


def run(args: argparse.Namespace) -> int:
    """0 loaded; 1 rows and elements do not reconcile (nothing is published then)."""
    sources = list(_sources(args.paths))
    database: Path = args.database.resolve()
    parts_dir = args.parts or database.with_name(f".{database.name}.parts")
    started = datetime.now(UTC)
    parts = _extract(sources, parts_dir, args.workers, args.quiet)
    if any(part.unreconciled for part in parts):
        return _refuse(parts)
    staging = database.with_name(f".{database.name}.staging")
    extra = _audit(sources, parts, started)
    counts = load.stage(staging, parts, load_tables(), extra, database if args.append else None)
    load.publish(staging, database)
    if not args.append:
        extract.prune_parts(parts_dir, parts)
    _report(database, parts, counts)
    return 0


def _sources(paths: Sequence[Path]) -> Iterator[extract.Source]:
    """Files named and below folders; a dataset is called as its file, with its folder's name where that repeats."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist; name IATI files or folders that hold some.")
        files += sorted(path.rglob("*.xml")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"No *.xml below {', '.join(map(str, paths))}; name IATI files or folders that hold some.")
    files = list(dict.fromkeys(file.resolve() for file in files))
    stems = Counter(file.stem for file in files)
    taken: Counter[str] = Counter()
    for file in files:
        name = file.stem if stems[file.stem] == 1 else f"{file.parent.name}-{file.stem}"
        taken[name] += 1
        yield extract.Source(name if taken[name] == 1 else f"{name}-{taken[name]}", file, extract.file_sha256(file))


def _extract(sources: Sequence[extract.Source], parts_dir: Path, workers: int, quiet: bool) -> list[extract.Part]:
    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("Reading", total=len(sources))
        return extract.extract_many(
            sources, parts_dir, workers, lambda part: progress.advance(task, len(part.datasets))
        )


def _audit(sources: Sequence[extract.Source], parts: Sequence[extract.Part], started: datetime) -> dict[str, pa.Table]:
    """audit.run, audit.snapshot and audit.finding of this loading."""
    run_id, ended = f"load-{uuid.uuid4().hex[:12]}", datetime.now(UTC).replace(tzinfo=None)
    begun = started.replace(tzinfo=None)
    runs = [
        {"run_id": run_id, "started_at": begun, "finished_at": ended, "as_of": begun.date(), "mode": "load",
         "status": "done", "git_or_package_version": version("ilo-iati")}
    ]  # fmt: skip
    snapshots = [
        {"dataset": source.dataset, "source": "local", "url": source.path.as_uri(), "sha256": source.sha256,
         "bytes": source.path.stat().st_size, "fetched_at": begun, "is_last_good": True, "is_current": True,
         "is_illustrative": source.illustrative}
        for source in sources
    ]  # fmt: skip
    findings = [
        {"run_id": run_id, "stage": "extract", **finding.as_dict()} for part in parts for finding in part.findings
    ]
    tables = {"audit.run": runs, "audit.snapshot": snapshots, "audit.finding": findings}
    return {name: pa.Table.from_pylist(rows) for name, rows in tables.items() if rows}


def _refuse(parts: Sequence[extract.Part]) -> int:
    for part in parts:
        for count in part.unreconciled:
            place = f"{count.dataset}: {count.table_name}"
            print(f"{place} has {count.row_count} rows of {count.elements} elements", file=sys.stderr)
    print("Nothing was published: elements were lost. Please report this with the file.", file=sys.stderr)
    return 1


def _report(database: Path, parts: Sequence[extract.Part], counts: dict[str, int]) -> None:
    reused = sum(len(part.datasets) for part in parts if part.reused)
    total = sum(len(part.datasets) for part in parts)
    kinds = Counter(finding.rule_id for part in parts for finding in part.findings)
    print(f"{database}: {total} datasets ({reused} unchanged since last time)")
    shown = (
        "core.iati_activity",
        "core.iati_organisation",
        "core.iati_transaction",
        "core.iati_budget",
        "core.iati_result",
    )
    print("  " + ", ".join(f"{counts[name]:,} {name}" for name in shown))
    strange = counts["audit.unclaimed"]
    if strange:
        print(f"  {strange:,} paths that no table takes: audit.unclaimed")
    for kind, number in kinds.most_common():
        print(f"  {number:,} {kind}: audit.finding")
