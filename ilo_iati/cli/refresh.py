"""`refresh`: fetch, snapshot, validate, load, marts, readiness, indicators, publication, in this process."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ilo_iati.paths import Home

if TYPE_CHECKING:
    from pipelines.refresh import Outcome

SUMMARY = "fetch, validate and load everything, and publish the warehouse and the readiness page"
EXAMPLE = "ilo-iati refresh --sample --home /tmp/try"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    mode = parser.add_mutually_exclusive_group()
    for name, about in (
        ("sample", "the bundled, illustrative sample, through the same code as live data"),
        ("live", "the internet: IATI, OECD, UN CEB, exchange rates"),
        ("offline", "no fetching: build from the snapshots at hand"),
    ):
        mode.add_argument(f"--{name}", dest="mode", action="store_const", const=name, default="", help=about)
    parser.add_argument("--source", action="append", default=[], metavar="NAME", help="fetch this source only (repeat)")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="date of indicators and scores")
    parser.add_argument("--home", default="", metavar="DIR", help="snapshots, build and reports (default: warehouse/)")
    parser.add_argument("--rebuild", action="store_true", help="build again even when nothing changed")


def run(args: argparse.Namespace) -> int:
    """0 published or unchanged, 1 a step failed (the last good warehouse stays), 3 a source has no usable snapshot."""
    home = Home.at(args.home or None)
    outcome = _refresh(args, home)
    for line in outcome.failed:
        print(f"failed: {line}", file=sys.stderr)
    if outcome.failed:
        print(
            "The last good warehouse stays as it was. Correct the above and run the same command again.",
            file=sys.stderr,
        )
        return 1
    print(_where(home, outcome.unchanged, outcome.seconds))
    if outcome.unusable:
        names = ", ".join(outcome.unusable)
        print(f"No usable snapshot of: {names}. See `ilo-iati sources status`, then refresh again.", file=sys.stderr)
        return 3
    return 0


def _refresh(args: argparse.Namespace, home: Home) -> Outcome:
    from pipelines.refresh import refresh
    from pipelines.resources import RefreshSettings

    settings = RefreshSettings(
        home=str(home.root),
        mode=args.mode,
        as_of=args.as_of.isoformat() if args.as_of else "",
        only_sources=args.source,
        rebuild=args.rebuild,
    )
    return refresh(settings, home, (lambda _: None) if args.quiet else print)


def _where(home: Home, unchanged: bool, seconds: float) -> str:
    done = "Nothing changed since the last refresh" if unchanged else "Published"
    rows = {
        "database": home.database,
        "readiness page": home.report,
        "indicator page": home.indicator_page,
        "dictionary": home.dictionary,
    }
    lines = [
        f"{done} ({seconds:.1f} s)",
        *(f"  {name:<15} {path}" for name, path in rows.items() if Path(path).exists()),
    ]
    return "\n".join([*lines, f"  {'Dagster':<15} make ui   (or: python -m pipelines.ui)"])
