"""`dictionary`: what a table and its columns mean; with --write, all of them as DICTIONARY.md."""

from __future__ import annotations

import argparse
import difflib

from ilo_iati import publish
from ilo_iati.errors import UsageError
from ilo_iati.paths import Home
from ilo_iati.spec.table import load_tables

SUMMARY = "show what a table and its columns mean"
EXAMPLE = "ilo-iati dictionary core.iati_transaction"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", nargs="?", metavar="TABLE", help="one table, with or without its layer")
    parser.add_argument("--write", action="store_true", help="write DICTIONARY.md into the build folder")
    parser.add_argument("--home", metavar="DIR", help="home whose build folder is written")


def run(args: argparse.Namespace) -> int:
    """0; 2 for a table that is not declared."""
    tables = load_tables()
    if args.write:
        path = Home.at(args.home).dictionary
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(publish.dictionary(tables), encoding="utf-8")
        print(path)
    elif args.table:
        print(publish.describe(tables[_named(args.table, list(tables))]))
    else:
        print(publish.dictionary(tables))
    return 0


def _named(asked: str, names: list[str]) -> str:
    """The table asked for; a name without its layer will do where only one has it."""
    hits = [name for name in names if asked in (name, name.split(".", 1)[1])]
    if len(hits) == 1:
        return hits[0]
    near = difflib.get_close_matches(asked, [*names, *(name.split(".", 1)[1] for name in names)], 3)
    raise UsageError(
        f"No table is called {asked}; " + (f"is it {', '.join(near)}?" if near else "see `ilo-iati tables`.")
    )
