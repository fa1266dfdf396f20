"""`tables`: what the warehouse holds, a line a table."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from ilo_iati import load
from ilo_iati.cli.query import text_table
from ilo_iati.paths import Home
from ilo_iati.spec.table import load_tables

SUMMARY = "list the tables of the warehouse with their rows"
EXAMPLE = "ilo-iati tables --layer mart"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--layer", choices=("core", "mart", "ref", "audit"), help="one layer only")
    parser.add_argument("--database", type=Path, metavar="FILE", help="another database than the home's")
    parser.add_argument("--home", metavar="DIR", help="home whose warehouse is read")


def run(args: argparse.Namespace) -> int:
    """0; without a warehouse 2."""
    declared = load_tables()
    with load.open_for_reading(args.database or Home.at(args.home).database) as connection:
        found = _found(connection)
        names = [name for name in sorted(found) if args.layer in (None, name.split(".")[0])]
        counts = load.row_counts(connection, names)
    grains = {name: declared[name].grain if name in declared else "" for name in names}
    print(text_table(["table", "rows", "one row"], [(name, counts[name], grains[name]) for name in names]))
    return 0


def _found(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    return [row[0] for row in rows]
