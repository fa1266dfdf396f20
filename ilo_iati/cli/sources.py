"""`ilo-iati sources`: how fresh every source is, and an officer's word on bytes that were set aside."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ilo_iati.errors import UsageError
from ilo_iati.paths import Home
from ilo_iati.snapshot import Snapshot, Store
from ilo_iati.spec.source import Source, load_sources

SUMMARY = "freshness of every source: last fetch, last good snapshot, age against cadence; accept or retire a dataset"
EXAMPLE = "ilo-iati sources status --all"
ANSWERED = ("received", "unchanged", "set aside", "vanished")
"""Outcomes in which the source itself answered; an officer's word or a failure is no answer."""


@dataclass(frozen=True, slots=True)
class DatasetState:
    """One dataset: the latest attempt, the snapshot in use, and what waits for an officer's word."""

    dataset: str
    outcome: str
    last_look: str
    http_status: int | None
    last_good: str | None
    sha256: str | None
    bytes: int | None
    is_illustrative: bool
    set_aside: str | None
    note: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source: `state` is good, overdue (no answer for longer than the cadence), partial or missing."""

    source: str
    title: str
    licence: str
    cadence_days: int
    state: str
    usable: int
    last_fetch: str | None
    last_good: str | None
    age_days: int | None
    http_status: int | None
    datasets: tuple[DatasetState, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The action, the dataset it is about, and which home."""
    parser.add_argument(
        "action",
        choices=("status", "verify", "accept", "retire"),
        help="status: freshness; verify: re-hash; accept: use bytes set aside; retire: stop using a dataset",
    )
    parser.add_argument("dataset", nargs="?", help="with accept and retire: the dataset's name")
    parser.add_argument("sha256", nargs="?", help="with accept: the checksum of the bytes, or its beginning")
    parser.add_argument("--why", help="with accept and retire: the reason, kept with the decision")
    parser.add_argument("--home", metavar="DIR", help="where the snapshots lie (default: ILO_IATI_HOME or warehouse/)")
    parser.add_argument("--of", choices=("live", "sample"), help="whose snapshots (default: live where there are any)")
    parser.add_argument("--all", action="store_true", help="with status: a line for every dataset")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    """Runs the action; 1 when a source has no usable snapshot (status) or a snapshot is damaged (verify)."""
    store, now = _store(args), datetime.now(UTC)
    if args.action == "status":
        states = [source_state(source, store, now) for source in load_sources().values()]
        _print_json(states) if args.format == "json" else _print_text(states, args.all, Home.at(args.home))
        return int(any(state.state == "missing" for state in states))
    if args.action == "verify":
        return _verify(store)
    return _decide(args, store, now)


def _store(args: argparse.Namespace) -> Store:
    root = Home.at(args.home).snapshots
    chosen = args.of or ("live" if (root / "live").is_dir() else "sample")
    return Store(Path(root / chosen))


def _decide(args: argparse.Namespace, store: Store, now: datetime) -> int:
    if not args.dataset or not args.why or (args.action == "accept" and not args.sha256):
        needed = "DATASET SHA256 --why TEXT" if args.action == "accept" else "DATASET --why TEXT"
        raise UsageError(f"sources {args.action} needs {needed}; the reason is kept with the decision.")
    if args.action == "accept":
        found = store.accept(args.dataset, args.sha256, now, args.why)
        print(f"{args.dataset}: the snapshot {found.sha256[:12]} of {found.fetched_at:%Y-%m-%d} is in use from now on.")
    else:
        store.retire(args.dataset, now, args.why)
        print(f"{args.dataset} is no longer used; its snapshots stay.")
    print("Run `ilo-iati refresh --offline` to build the warehouse anew.")
    return 0


def _verify(store: Store) -> int:
    findings, total = store.verify(), sum(len(store.history(name)) for name in store.datasets())
    for finding in findings:
        print(f"{finding.severity}: {finding.message} {finding.fix}")
    print(f"{total - len(findings)} of {total} snapshots match their checksum.")
    return int(bool(findings))


def source_state(source: Source, store: Store, now: datetime) -> SourceState:
    """How fresh `source` is at `now`, read from the store alone."""
    datasets = tuple(_dataset_state(store, name) for name in store.datasets(source.name))
    good = [state.last_good for state in datasets if state.last_good]
    looks = good + [state.last_look for state in datasets if state.outcome in ANSWERED]
    latest = max(datasets, key=lambda state: state.last_look, default=None)
    answered = max(looks, default=None)
    age = (now - datetime.fromisoformat(answered)) if answered else None
    return SourceState(
        source.name,
        source.title,
        source.licence,
        source.cadence_days,
        _state(source, datasets, age),
        len(good),
        latest.last_look if latest else None,
        max(good, default=None),
        age.days if age else (0 if answered else None),
        latest.http_status if latest else None,
        datasets,
    )


def _state(source: Source, datasets: Sequence[DatasetState], age: timedelta | None) -> str:
    if not any(state.last_good for state in datasets):
        return "missing"
    if age is None or age.days > source.cadence_days:
        return "overdue"
    trouble = [state for state in datasets if state.outcome in ("failed", "vanished") or state.set_aside]
    return "partial" if trouble else "good"


def _dataset_state(store: Store, dataset: str) -> DatasetState:
    look, current = store.last_look(dataset), store.current(dataset)
    assert look is not None
    aside = _set_aside(store, dataset, current)
    received = look.outcome == "received"
    return DatasetState(
        dataset,
        "set aside" if received and aside else look.outcome,
        look.at.isoformat(),
        look.http_status,
        current.fetched_at.isoformat() if current else None,
        current.sha256 if current else None,
        current.bytes if current else None,
        bool(current and current.is_illustrative),
        aside.sha256 if aside else None,
        look.note,
    )


def _set_aside(store: Store, dataset: str, current: Snapshot | None) -> Snapshot | None:
    """The newest suspicious bytes that came after the snapshot in use."""
    history = store.history(dataset)
    last = history[-1] if history else None
    return last if last and last.suspect and (current is None or last.sha256 != current.sha256) else None


def _print_json(states: Sequence[SourceState]) -> None:
    plain: dict[str, Any] = {"version": 1, "sources": [asdict(state) for state in states]}
    print(json.dumps(plain, ensure_ascii=False, indent=2))


def _print_text(states: Sequence[SourceState], every_dataset: bool, home: Home) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("source", "state", "datasets", "last fetch", "HTTP", "last good", "age / cadence"):
        table.add_column(heading, no_wrap=True)
    for state in states:
        age = "-" if state.age_days is None else f"{state.age_days} d"
        table.add_row(
            state.source, state.state, f"{state.usable} of {len(state.datasets)}", _minute(state.last_fetch),
            str(state.http_status or "-"), _minute(state.last_good), f"{age} / {state.cadence_days} d",
        )  # fmt: skip
        for one in state.datasets if every_dataset else _troubled(state):
            table.add_row(
                f"  {one.dataset}", one.outcome, (one.sha256 or "-")[:12], _minute(one.last_look),
                str(one.http_status or "-"), _minute(one.last_good), f"{one.bytes or 0:,} B",
            )  # fmt: skip
    # A pipe or a narrow window must not cut names and dates.
    console = Console(width=max(Console().width, 110))
    console.print(table)
    for state in states:
        for one in _troubled(state):
            aside = f" Set aside: {one.set_aside}." if one.set_aside else ""
            console.print(f"{one.dataset}: {one.note}{aside}", highlight=False, soft_wrap=True)
    takers = [source.name for source in load_sources().values() if source.takes_drops]
    where = f"{home.drop}/SOURCE, SOURCE one of {', '.join(takers)}"
    console.print(
        f"A file downloaded by hand goes into {where}; a refresh takes it up.", highlight=False, soft_wrap=True
    )
    for path in _astray(home.drop, takers):
        console.print(f"{path} lies in the folder of no source and is not read.", highlight=False, soft_wrap=True)
    made = [state.source for state in states if any(one.is_illustrative for one in state.datasets)]
    if made:
        text = f"These snapshots are of the bundled sample. Illustrative: {', '.join(made)}; the others are real facts."
        console.print(text, highlight=False, soft_wrap=True)


def _astray(drop: Path, takers: Sequence[str]) -> list[Path]:
    """What lies in the drop folder but not in the folder of a source."""
    return sorted(path for path in drop.iterdir() if path.name not in takers) if drop.is_dir() else []


def _troubled(state: SourceState) -> list[DatasetState]:
    return [one for one in state.datasets if one.outcome in ("failed", "vanished") or one.set_aside]


def _minute(moment: str | None) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else "-"
