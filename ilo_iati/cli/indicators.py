"""`indicators`: baseline, target, actual and status of each registered indicator, from the built warehouse."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import duckdb

from ilo_iati.errors import UsageError, WarehouseError
from ilo_iati.paths import Home

SUMMARY = "show baseline, target, actual and status of each indicator of the strategy"
EXAMPLE = "ilo-iati indicators --target F05=15@2030 --format csv"

OFF_TRACK = "off_track"
SHOWN = (
    "indicator_id", "indicator_name", "unit", "baseline_value", "target_value", "target_year", "target_status",
    "actual_value", "actual_year", "path_value", "status", "reason", "coverage_pct", "basis", "is_illustrative",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("--format", choices=("text", "csv", "json"), default="text", help="default: text")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, metavar="DATE", help="decides which years are over; default: today"
    )
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="ID=VALUE@YEAR",
        help="try a target; the register stays as it is",
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--values", action="store_true", help="show the yearly values of every series instead")
    chosen.add_argument(
        "--rows",
        metavar="FIGURE",
        help="list the rows a figure is made from: F05/ceb/2024, F05/2024 for the headline series, F05/baseline",
    )
    chosen.add_argument(
        "--write", metavar="DIR", type=Path, help="write the page (HTML), Excel, CSV, JSON and Parquet into DIR"
    )
    parser.add_argument("--fail-off-track", action="store_true", help="exit with 1 when an indicator is off track")
    parser.add_argument("--home", metavar="DIR", help="where the build lies; default: ILO_IATI_HOME or warehouse/")


def run(args: argparse.Namespace) -> int:
    """Computes from the warehouse, which is only read, and prints. 1 when asked and an indicator is off track."""
    from ilo_iati.indicators import compute
    from ilo_iati.spec.indicator import load_register, parse_what_if

    register = load_register()
    targets: dict[str, Any] = {}
    for text in args.target:
        name, target = parse_what_if(text, register)
        if name in targets:
            raise UsageError(f"--target names {name} twice; try one target at a time.")
        targets[name] = target
    as_of = args.as_of or date.today()
    with _open(Home.at(args.home)) as connection:
        if args.rows:
            return show_rows(connection, register, args.rows, args.format)
        tables = compute(connection, register, as_of, targets)
        if args.write:
            _write(connection, register, tables, as_of, args.write)
    status = tables["mart.indicator_status"].to_pylist()
    rows = tables["mart.indicator_value"].to_pylist() if args.values else status
    columns = tuple(tables["mart.indicator_value"].column_names) if args.values else SHOWN
    if not args.write:
        PRINTERS[args.format](sys.stdout, rows, columns)
    off_track = any(row["status"] == OFF_TRACK for row in status)
    return 1 if args.fail_off_track and off_track else 0


def _write(
    connection: duckdb.DuckDBPyConnection, register: Any, tables: Mapping[str, Any], as_of: date, folder: Path
) -> None:
    from ilo_iati.indicators.export import write
    from ilo_iati.indicators.paper import compose

    paths = write(compose(connection, register, tables, as_of), folder)
    for path in paths[:3]:
        print(path)
    print(f"{folder / 'csv'}, {folder / 'parquet'}: {(len(paths) - 3) // 2} tables each")


def show_rows(connection: duckdb.DuckDBPyConnection, register: Any, figure: str, form: str = "text") -> int:
    """Prints the rows a figure is made from. 1 where it rests on no row: there is nothing to lead to."""
    from ilo_iati.indicators.lineage import COLUMNS, parse_figure, rows_behind

    one, series, years = parse_figure(figure, register)
    found = [row for year in years for row in rows_behind(connection, series, year)]
    if form != "text":
        PRINTERS[form](sys.stdout, [dict(row) for row in found], COLUMNS)
        return 0 if found else 1
    for row in found:
        line = f"{row['dataset']}:{row['source_line']}" if row["dataset"] and row["source_line"] else ""
        lead = f"ilo-iati trace '{row['trace_id'] or line}'" if row["trace_id"] or line else row["dataset"] or ""
        amount = "" if row["amount_usd"] is None else f"{row['amount_usd']:,.2f}"
        print(f"{amount:>18}  {row['label'][:70]:<70}  {lead}")
    span = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
    print(f"{one.id}/{series.name}/{span}: {len(found)} rows; the figures of money are US dollars")
    return 0 if found else 1


def _open(home: Home) -> duckdb.DuckDBPyConnection:
    if not home.database.exists():
        raise WarehouseError(
            f"{home.database}: no warehouse there; run `ilo-iati refresh --sample` or name another --home."
        )
    try:
        return duckdb.connect(str(home.database), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"{home.database}: cannot be read ({error}); run `ilo-iati refresh`.") from error


def _print_csv(stream: TextIO, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    from ilo_iati.indicators.export import csv_text

    stream.write(csv_text(rows, columns))


def _print_json(stream: TextIO, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    chosen = [{name: row[name] for name in columns} for row in rows]
    json.dump({"version": 1, "indicators": chosen}, stream, indent=1, ensure_ascii=False, default=str)
    stream.write("\n")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if abs(value) >= 1 or value == 0 else f"{value:.3f}"


def _print_text(stream: TextIO, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    if rows and "series" in rows[0] and "year" in rows[0]:
        for row in rows:
            stream.write(
                f"{row['indicator_id']}  {row['series']:<16} {row['year']}  {_figure(row['value']):>12}"
                f"  {row['basis']}\n"
            )
        return
    del columns
    stream.write(f"{'':4} {'indicator':<44} {'baseline':>10} {'target':>14} {'actual':>16}  status\n")
    for row in rows:
        aim = f"{_figure(row['target_value'])} in {row['target_year']}" if row["target_year"] else ""
        actual = f"{_figure(row['actual_value'])} ({row['actual_year']})" if row["actual_year"] else ""
        mark = " *" if row["is_illustrative"] else ""
        why = f" ({row['reason']})" if row["reason"] else ""
        unsure = ", target unverified" if row["target_status"] == "unverified" else ""
        stream.write(
            f"{row['indicator_id']:4} {row['indicator_name'][:44]:<44} {_figure(row['baseline_value']):>10} {aim:>14} "
            f"{actual:>16}  {row['status']}{unsure}{why}{mark}\n"
        )
    if any(row["is_illustrative"] for row in rows):
        stream.write("* rests on the bundled sample, which is modelled and not the ILO's record\n")


PRINTERS: dict[str, Callable[[TextIO, Sequence[dict[str, Any]], Sequence[str]], None]] = {
    "text": _print_text,
    "csv": _print_csv,
    "json": _print_json,
}
