"""`ready`: publication readiness of the warehouse, or of files not yet published against what is."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ilo_iati import extract, load, readiness, validate
from ilo_iati.errors import UsageError, WarehouseError
from ilo_iati.paths import Home
from ilo_iati.readiness import Readiness
from ilo_iati.spec.table import load_tables
from ilo_iati.standard import open_standard

SUMMARY = "publication readiness: gates, scores, what changed, what to fix first"
EXAMPLE = "ilo-iati ready --candidate new/ilo-2026-27.xml --format html --output readiness.html"
DATABASES = (".duckdb", ".db")
CANDIDATE_MARTS = ("mart.transaction", "mart.transaction_split")
"""What the gates ask of a candidate beside the tables of its own files."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--candidate", nargs="+", type=Path, default=[], metavar="PATH", help="IATI files to be published"
    )
    parser.add_argument(
        "--against", default="published", metavar="FILE", help="published (default), a database or IATI file"
    )
    parser.add_argument(
        "--as-of", type=date.fromisoformat, metavar="DATE", help="day to score for (default: today's run)"
    )
    parser.add_argument("--format", choices=("text", "html", "json", "xlsx"), default="text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write (html and xlsx need it)")
    parser.add_argument("--lists", type=Path, metavar="DIR", help="also write a work list an office, CSV and Excel")
    parser.add_argument("--home", default="", metavar="DIR", help="snapshots, build and reports (default: warehouse/)")


def run(args: argparse.Namespace) -> int:
    """0 every gate passed, was waived or could not be evaluated; 1 a gate failed; 2 nothing to judge."""
    if args.format in ("html", "xlsx") and not args.output:
        raise UsageError(f"--format {args.format} writes a file; name it with --output.")
    home = Home.at(args.home or None)
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="ilo-iati-ready-") as folder:
        database, published = _databases(args, home, Path(folder))
        as_of = args.as_of or _as_of(database, bool(args.candidate))
        connection = load.open_for_writing(database) if args.candidate else load.open_for_reading(database)
        stack.callback(connection.close)
        answer = readiness.assess(
            connection, as_of, published=published, whole=not args.candidate, history=home.root / "history"
        )
        if args.lists:
            readiness.office_lists(answer.tables["mart.readiness_score_activity"], args.lists)
        _write(args, connection, answer, as_of)
    return 1 if answer.has_failed else 0


def _databases(args: argparse.Namespace, home: Home, folder: Path) -> tuple[Path, Path | None]:
    """The database to judge and the one to compare it with."""
    against = None if args.against == "published" else Path(args.against)
    if against and not against.exists():
        raise UsageError(f"--against {against}: no such file; name a database or an IATI file, or leave it out.")
    if against and against.suffix not in DATABASES:
        against = _loaded([against], folder / "against.duckdb")
    if args.candidate:
        database = _loaded(args.candidate, folder / "candidate.duckdb")
        return database, against or (home.database if home.database.exists() else None)
    if not home.database.exists():
        raise WarehouseError(
            f"{home.database}: no warehouse yet; run `ilo-iati refresh`, or name files with --candidate."
        )
    return home.database, against


def _loaded(paths: list[Path], database: Path) -> Path:
    """The files checked and loaded into a database of their own, with the marts the gates need."""
    files = sorted({file.resolve() for path in paths for file in _files(path)})
    sources = [extract.Source(file.stem, file, extract.file_sha256(file)) for file in files]
    parts = extract.extract_many(sources, database.with_suffix(".parts"), 1)
    load.stage(database, parts, load_tables(), _audit(sources, parts))
    marts = load.mart_dependencies({n: t for n, t in load_tables().items() if t.rows_from == "sql"})
    load.build_marts(database, _closure(marts))
    return database


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UsageError(f"{path} does not exist; name IATI files or folders that hold some.")
    found = sorted(path.rglob("*.xml")) if path.is_dir() else [path]
    if not found:
        raise UsageError(f"No *.xml below {path}; name IATI files or folders that hold some.")
    return found


def _closure(marts: dict[str, set[str]]) -> set[str]:
    wanted = {name for name in CANDIDATE_MARTS if name in marts}
    while more := {need for name in wanted for need in marts[name] if need in marts} - wanted:
        wanted |= more
    return wanted


def _audit(sources: list[extract.Source], parts: list[extract.Part]) -> dict[str, pa.Table]:
    now, standard, run_id = datetime.now(UTC), open_standard(), "candidate"
    moment = now.replace(tzinfo=None)
    findings: list[dict[str, Any]] = [
        {"run_id": run_id, "stage": "extract", **finding.as_dict()} for part in parts for finding in part.findings
    ]
    for source in sources:
        report = validate.check_dataset(source.path, standard=standard, now=now)
        findings += [
            {"run_id": run_id, "stage": "validate", **finding.as_dict(), "dataset": source.dataset}
            for finding in report.findings
        ]
    snapshots = [
        {"dataset": source.dataset, "source": "candidate", "url": source.path.as_uri(), "sha256": source.sha256,
         "bytes": source.path.stat().st_size, "fetched_at": moment, "is_current": True, "is_illustrative": False}
        for source in sources
    ]  # fmt: skip
    runs = [{"run_id": run_id, "started_at": moment, "finished_at": moment, "as_of": moment.date(), "mode": "load",
             "status": "done"}]  # fmt: skip
    tables = {"audit.run": runs, "audit.snapshot": snapshots, "audit.finding": findings}
    return {name: pa.Table.from_pylist(rows) for name, rows in tables.items() if rows}


def _as_of(database: Path, is_candidate: bool) -> date:
    today = datetime.now(UTC).date()
    if is_candidate:
        return today
    with load.open_for_reading(database) as connection:
        found = connection.execute("SELECT arg_max(as_of, started_at) FROM audit.run").fetchall()
    return found[0][0] or today


def _write(args: argparse.Namespace, connection: Any, answer: Readiness, as_of: date) -> None:
    if args.format == "html":
        print(readiness.render(connection, args.output, as_of, answer.tables))
    elif args.format == "xlsx":
        print(readiness.workbook(answer, args.output))
    else:
        text = readiness.as_json(answer) if args.format == "json" else "\n".join(_lines(answer))
        if args.output:
            args.output.write_text(text + "\n", encoding="utf-8")
        else:
            print(text)
    if args.format != "text" and not args.quiet:
        print(f"Verdict: {answer.decision.value}", file=sys.stderr)


def _lines(answer: Readiness) -> list[str]:
    checks, scores, fixes, changed = (
        answer.tables[f"mart.readiness_{name}"].to_pylist() for name in ("check", "score", "fix", "change")
    )
    lines = [f"Verdict: {answer.decision.value}", "", "Gates"]
    lines += [_gate_line(row) for row in checks]
    if changed:
        lines += ["", "Changed against the published version"]
        lines += [f"  {row['item']}: {row['after_value']:,.0f}" for row in changed if row["change_type"] == "summary"]
    lines += ["", "Scores"]
    lines += [
        f"  {row['check_name']}: {row['score']:.1f} of {row['weight_points']:.0f}"
        for row in scores
        if row["status"] == "total"
    ]
    lines += ["", "Fix first"]
    lines += [
        f"  +{row['gain_points']:.2f} {row['framework_name']}: {row['fix_name']} ({row['activity_count']:,} activities)"
        for row in fixes[:5]
    ]
    return lines + [f"\nAlarm: {alarm.message}" for alarm in answer.alarms]


def _gate_line(row: dict[str, Any]) -> str:
    found = "" if row["value"] is None else f" ({row['value']:,.2f} of at most {row['threshold']:g} {row['unit']})"
    text = f"  {row['verdict']:<13} {row['check_name']}{found}"
    return text + (f": {row['fix']}" if row["verdict"] == "fail" else f": {row['detail']}" if row["detail"] else "")
