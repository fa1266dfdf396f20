"""`ready`: publication readiness of the warehouse, or of files not yet published against what is."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati import extract, load, readiness, validate
from ilo_iati.errors import UsageError, WarehouseError
from ilo_iati.paths import Home
from ilo_iati.readiness import Readiness
from ilo_iati.readiness.leads import by_correction
from ilo_iati.readiness.page import whole
from ilo_iati.readiness.reading import replaced_datasets
from ilo_iati.spec.table import load_tables
from ilo_iati.standard import open_standard

SUMMARY = "publication readiness: gates, scores, what changed, what to fix first"
EXAMPLE = "ilo-iati ready --candidate new/ilo-2026-27.xml --format html --output readiness.html"
DATABASES = (".duckdb", ".db")
SHOWN = 5
"""Lines of each kind of change in the text answer."""
NOT_OF_A_CANDIDATE = "mart.indicator_"
"""Computed by a refresh only; those of the published warehouse would say nothing about the candidate."""


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
    parser.add_argument("--format", choices=("text", "html", "json", "csv", "xlsx"), default="text")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write; for csv a folder, one file a table"
    )
    parser.add_argument("--lists", type=Path, metavar="DIR", help="also write work lists by office, CSV and Excel")
    parser.add_argument("--home", default="", metavar="DIR", help="snapshots, build and reports (default: warehouse/)")


def run(args: argparse.Namespace) -> int:
    """0 every gate passed, was waived or could not be evaluated; 1 a gate failed; 2 nothing to judge."""
    if args.format in ("html", "csv", "xlsx") and not args.output:
        raise UsageError(f"--format {args.format} writes a file; name it with --output.")
    home = Home.at(args.home or None)
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="ilo-iati-ready-") as folder:
        database, published, names = _databases(args, home, Path(folder))
        as_of = args.as_of or _as_of(database, bool(args.candidate))
        connection = load.open_for_writing(database) if args.candidate else load.open_for_reading(database)
        stack.callback(connection.close)
        answer = readiness.assess(
            connection, as_of, published=published, candidate=names, history=home.root / "history"
        )
        if args.lists:
            _write_lists(args, answer)
        _write(args, connection, answer, as_of)
    return 1 if answer.has_failed else 0


def _write_lists(args: argparse.Namespace, answer: Readiness) -> None:
    overview = readiness.office_lists(answer.tables, args.lists)[0]
    if not args.quiet:
        print(f"Work lists by office: {overview} names them all", file=sys.stderr)


def _databases(args: argparse.Namespace, home: Home, folder: Path) -> tuple[Path, Path | None, list[str]]:
    """The database to judge, the one to compare it with, and the candidate's datasets (none: all are judged)."""
    against = None if args.against == "published" else Path(args.against)
    if against and not against.exists():
        raise UsageError(f"--against {against}: no such file; name a database or an IATI file, or leave it out.")
    is_file = against is not None and against.suffix not in DATABASES
    if against and is_file:
        against, _ = _loaded([against], folder / "against.duckdb", None)
    if args.candidate:
        published = against or (home.database if home.database.exists() else None)
        # Files are compared with a file as they are; in a warehouse they take the place of what they replace.
        database, names = _loaded(args.candidate, folder / "candidate.duckdb", None if is_file else published)
        _set_in_place(database, names)
        return database, published, names
    if not home.database.exists():
        raise WarehouseError(
            f"{home.database}: no warehouse yet; run `ilo-iati refresh`, or name files with --candidate."
        )
    return home.database, against, []


def _loaded(paths: list[Path], database: Path, published: Path | None) -> tuple[Path, list[str]]:
    """The files checked and loaded, beside what a copy of `published` holds or on their own; and their datasets."""
    files = sorted({file.resolve() for path in paths for file in _files(path)})
    sources = [extract.Source(file.stem, file, extract.file_sha256(file)) for file in files]
    names = [source.dataset for source in sources]
    if len(set(names)) < len(names):
        raise UsageError("Two of the files have the same name; a dataset is named by its file, so rename one.")
    parts = extract.extract_many(sources, database.with_suffix(".parts"), 1)
    try:
        load.stage(database, parts, load_tables(), _audit(sources, parts), published)
    except duckdb.Error as error:
        raise WarehouseError(f"{published}: made by another version; run `ilo-iati refresh --rebuild`.") from error
    return database, names


def _set_in_place(database: Path, names: list[str]) -> None:
    """What the loaded files replace is withdrawn, and the marts are made of what then stands."""
    with load.open_for_writing(database) as connection:
        _withdraw(connection, replaced_datasets(connection, names))
        load.build_marts(connection)


def _withdraw(connection: duckdb.DuckDBPyConnection, datasets: list[str]) -> None:
    """Removes what the candidate replaces under another name, and what only a refresh computes."""
    for name, table in load_tables().items():
        if table.rows_from == "sql":
            continue
        if name.startswith(NOT_OF_A_CANDIDATE):
            connection.execute(f"DELETE FROM {name}")
        elif datasets and table.has("dataset"):
            connection.execute(f"DELETE FROM {name} WHERE dataset IN (SELECT unnest($1))", [datasets])


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UsageError(f"{path} does not exist; name IATI files or folders that hold some.")
    found = sorted(path.rglob("*.xml")) if path.is_dir() else [path]
    if not found:
        raise UsageError(f"No *.xml below {path}; name IATI files or folders that hold some.")
    return found


def _audit(sources: list[extract.Source], parts: list[extract.Part]) -> dict[str, pa.Table]:
    now, standard, run_id = datetime.now(UTC), open_standard(), "candidate"
    moment = now.replace(tzinfo=None)
    findings: list[dict[str, Any]] = [
        {"run_id": run_id, "stage": "extraction", **finding.as_dict()} for part in parts for finding in part.findings
    ]
    for source in sources:
        report = validate.check_dataset(source.path, standard=standard, now=now)
        findings += [
            {"run_id": run_id, "stage": "validation", **finding.as_dict(), "dataset": source.dataset}
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
    elif args.format == "csv":
        print("\n".join(str(path) for path in readiness.csv_files(answer, args.output)))
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
        lines += ["", "Changed against the published version", *_change_lines(changed)]
    before = {row["item"]: row["before_value"] for row in changed if row["change_type"] == "score"}
    lines += ["", "Scores"]
    lines += [_score_line(row, before.get(row["check_name"])) for row in scores if row["status"] == "total"]
    lines += ["", "Fix first"]
    names = {row["framework_code"]: row["framework_name"] for row in fixes}
    lines += [_fix_line(row, names) for row in by_correction(fixes)[:SHOWN]]
    return lines + [f"\nAlarm: {alarm.message}" for alarm in answer.alarms]


def _fix_line(row: dict[str, Any], names: dict[str, str]) -> str:
    gains = ", ".join(f"+{gain:.2f} {names[code]}" for code, gain in row["gains"].items() if gain)
    where = f" ({row['activities']:,} activities)" if row["activities"] else ""
    return f"  {row['fix_name']}{where}: {gains}"


def _change_lines(changed: list[dict[str, Any]]) -> list[str]:
    """The summary in full, of everything else the first lines of each kind."""
    lines = [f"  {row['item']}: {row['after_value']:,.0f}" for row in changed if row["change_type"] == "summary"]
    for kind in dict.fromkeys(row["change_type"] for row in changed if row["change_type"] not in ("summary", "score")):
        own = [row for row in changed if row["change_type"] == kind]
        lines.append(f"  {kind.replace('_', ' ')}:")
        lines += [_change_line(row) for row in own[:SHOWN]]
        if len(own) > SHOWN:
            lines.append(f"    and {len(own) - SHOWN:,} more (--format json, csv or xlsx gives all)")
    return lines


def _change_line(row: dict[str, Any]) -> str:
    if row["difference"] is None:
        return f"    {row['item']}" + (f": {row['detail']}" if row["detail"] else "")
    figures = f"{row['before_value'] or 0:,.0f} to {row['after_value'] or 0:,.0f} {row['unit']}"
    line = f"    {row['item']}: {figures} ({row['difference']:+,.0f})"
    return line + (f"\n      {row['detail']}" if row["detail"] else "")


def _score_line(row: dict[str, Any], before: float | None) -> str:
    text = f"  {row['check_name']}: {row['score']:.1f} of {row['weight_points']:.0f}"
    return text if before is None else f"{text} (published: {before:.1f})"


def _gate_line(row: dict[str, Any]) -> str:
    found = ""
    if row["value"] is not None:
        found = f" ({whole(row['value'])} {row['unit']}, allowed {whole(row['threshold'])})"
    text = f"  {row['verdict']:<13} {row['check_name']}{found}"
    if row["verdict"] == "fail":
        return f"{text}: {row['fix']}" + (f" ({row['detail']})" if row["detail"] else "")
    return f"{text}: {row['detail']}" if row["detail"] else text
