"""`query`: one SQL statement on the published warehouse, which it cannot change."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati import load
from ilo_iati.errors import UsageError
from ilo_iati.paths import Home

SUMMARY = "run one SQL statement on the warehouse, read-only"
EXAMPLE = 'ilo-iati query "select count(*) from core.iati_transaction"'
WIDEST = 60
"""Characters of a value shown in the text table; csv and json show all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", metavar="SQL", help="the statement")
    parser.add_argument("--format", choices=("text", "csv", "json"), default="text")
    parser.add_argument("--limit", type=int, default=1000, metavar="N", help="rows shown as text (default 1000)")
    parser.add_argument("--database", type=Path, metavar="FILE", help="another database than the home's")
    parser.add_argument("--home", metavar="DIR", help="home whose warehouse is read")


def run(args: argparse.Namespace) -> int:
    """0 done; 2 the statement does not run."""
    with load.open_for_reading(args.database or Home.at(args.home).database) as connection:
        # A read-only database does not keep COPY from writing files elsewhere.
        connection.execute("SET enable_external_access = false")
        try:
            answer = connection.execute(args.sql)
            names = [column[0] for column in answer.description or []]
            if args.format == "csv":
                _csv(names, iter(answer.fetchone, None))
            elif args.format == "json":
                rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
                print(json.dumps(rows, default=str, ensure_ascii=False, indent=1))
            else:
                print(text_table(names, answer.fetchmany(args.limit)))
                if len(answer.fetchmany(1)):
                    print(f"(first {args.limit} rows; --limit N or --format csv shows more)", file=sys.stderr)
        except duckdb.Error as error:
            message = str(error).strip()
            raise UsageError(f"{message}\nSee `ilo-iati tables` and `ilo-iati dictionary TABLE`.") from error
    return 0


def text_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns aligned, numbers to the right, NULL as nothing."""
    cells = [[_short(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(names)]
    lines = ["  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True)).rstrip()]
    lines.append("  ".join("-" * width for width in widths))
    for row in cells:
        lines.append("  ".join(_aligned(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _aligned(cell: str, width: int) -> str:
    number = cell.replace(".", "", 1).lstrip("-").isdigit()
    return cell.rjust(width) if number else cell.ljust(width)


def _csv(names: Sequence[str], rows: Iterable[Any]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
