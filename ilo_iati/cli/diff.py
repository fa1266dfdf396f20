"""`diff`: what changed between two snapshots or files, activities and money."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ilo_iati.errors import UsageError
from ilo_iati.history import Comparison, compare, fingerprint
from ilo_iati.paths import Home
from ilo_iati.snapshot import Snapshot, Store

SUMMARY = "compare two snapshots or files: activities added, removed, changed; money moved by year and donor"
EXAMPLE = "ilo-iati diff ilo-ao2016~1 ilo-ao2016"

SHOWN = 20
"""Entries of each kind the text form lists; json holds all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "a file, or a dataset of the home: NAME (current), NAME~1 (the one before), NAME@SHA256-PREFIX"
    parser.add_argument("before", metavar="A", help=about)
    parser.add_argument("after", metavar="B", help="the same")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--home", default="", metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """0 the same, 1 something differs."""
    home = Home.at(args.home or None)
    before, after = _file(home, args.before), _file(home, args.after)
    result = compare(fingerprint(before), fingerprint(after))
    print(_json(result) if args.format == "json" else _text(result, args.before, args.after))
    return 0 if result.is_same else 1


def _file(home: Home, words: str) -> Path:
    path = Path(words)
    if path.is_file():
        return path
    name, _, prefix = words.partition("@")
    name, _, back = name.partition("~")
    for mode in ("live", "sample"):
        held = _good(Store(home.snapshots / mode), name)
        if held:
            return _chosen(held, words, prefix, back).path
    raise UsageError(
        f"{words}: neither a file nor a dataset of {home.snapshots}; `ilo-iati sources status` lists them."
    )


def _good(store: Store, dataset: str) -> list[Snapshot]:
    return [s for s in store.history(dataset) if s.suspect is None] if dataset in store.datasets() else []


def _chosen(held: list[Snapshot], words: str, prefix: str, back: str) -> Snapshot:
    matching = [snapshot for snapshot in held if snapshot.sha256.startswith(prefix)] if prefix else held
    place = len(matching) - 1 - (int(back) if back.isdigit() else 0)
    if place < 0 or (back and not back.isdigit()):
        raise UsageError(f"{words}: {len(held)} snapshot(s) are held of it; NAME~1 is the one before the current.")
    return matching[place]


def _json(result: Comparison) -> str:
    return json.dumps(asdict(result), default=str, indent=1, ensure_ascii=False)


def _text(result: Comparison, before: str, after: str) -> str:
    lines = [
        f"{before} -> {after}: {len(result.added)} added, {len(result.removed)} removed, "
        f"{len(result.changed)} changed, {result.unchanged} unchanged"
    ]
    lines += _listed("added", list(result.added))
    lines += _listed("removed", list(result.removed))
    lines += _listed(
        "changed", [f"{c.identifier} (line {c.line_after}): {', '.join(c.elements)}" for c in result.changed]
    )
    money = [
        f"type {m.transaction_type or '-'} {m.year or '-'} {m.provider or 'no provider'}: "
        f"{m.before:,.2f} -> {m.after:,.2f} {m.currency} ({m.difference:+,.2f})"
        for m in sorted(result.money, key=lambda m: -abs(m.difference))
    ]
    return "\n".join([*lines, *_listed("money moved", money)])


def _listed(title: str, entries: list[str]) -> list[str]:
    if not entries:
        return []
    rest = len(entries) - SHOWN
    more = [f"  ... and {rest} more (--format json lists all)"] if rest > 0 else []
    return ["", f"{title}:", *(f"  {entry}" for entry in entries[:SHOWN]), *more]
