"""`ilo-iati standard`: which official artefacts are in use, from where, with which checksum; installs and refreshes."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime

import requests
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ilo_iati.paths import standard_dir
from ilo_iati.spec.codelist import list_pins
from ilo_iati.standard.install import install
from ilo_iati.standard.lists import refreshed_lists
from ilo_iati.standard.official import configured_store
from ilo_iati.standard.pins import read_pins
from ilo_iati.standard.refresh import Change, refresh_lists, restate_repository
from ilo_iati.standard.store import Artefact, Store, inspect_all
from ilo_iati.standard.update import update_pinned

SUMMARY = "official IATI schemas and code lists: status, install (package registry), update (internet)"
EXAMPLE = "ilo-iati standard status"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The action, and where `update` takes code lists from."""
    parser.add_argument(
        "action",
        choices=("status", "install", "update"),
        help="status: what is in use; install: XSDs from the package registry; update: internet",
    )
    parser.add_argument(
        "--codelists",
        metavar="DIR|URL",
        help="with update: restate the repository's code lists from the official XML at this place",
    )
    parser.add_argument("--all", action="store_true", help="with status: every file, not one line a version")


def run(args: argparse.Namespace) -> int:
    """Runs the action; 1 from `status` when a schema is missing or altered."""
    store = configured_store(standard_dir())
    if args.action == "status":
        return _status(store, args.all)
    if args.action == "install":
        return _install(store, args.quiet)
    return _update(store, args)


def _status(store: Store, every_file: bool) -> int:
    artefacts = inspect_all(store, read_pins())
    table = Table("kind", "version", "layer", "sha256", "state", box=None, pad_edge=False)
    shown = artefacts if every_file else _one_line_a_group(artefacts)
    for one in shown:
        kind = f"{one.pin.kind} {one.pin.name}" if every_file else one.pin.kind
        table.add_row(kind, one.pin.version, one.layer or "-", one.sha256[:12] or "-", _state(one))
    lists, refreshed = list_pins(), refreshed_lists(store.root)
    table.add_row("code lists", "1.04-2.03", "repository", "-", f"{len(lists)} lists, {len(refreshed)} refreshed here")
    Console(soft_wrap=True).print(table)
    print(f"\ninstalled in {store.root}")
    missing = [one for one in artefacts if one.pin.kind == "schema" and one.state != "ok"]
    if missing:
        print(f"{len(missing)} schema files are missing or altered: run `ilo-iati standard install`.")
    return 1 if missing or any(one.state == "altered" for one in artefacts) else 0


def _one_line_a_group(artefacts: list[Artefact]) -> list[Artefact]:
    """The worst file of each kind and version stands for all of them."""
    groups: dict[tuple[str, str], Artefact] = {}
    for one in artefacts:
        kept = groups.setdefault((one.pin.kind, one.pin.version), one)
        if kept.state == "ok" and (one.state != "ok" or one.sha256 != one.pin.sha256):
            groups[one.pin.kind, one.pin.version] = one
    return list(groups.values())


def _state(one: Artefact) -> str:
    if one.state == "ok":
        return "ok, official bytes" if one.sha256 == one.pin.sha256 else "ok, annotations differ"
    return "not fetched (optional)" if one.state == "missing" and one.pin.kind != "schema" else one.state.upper()


def _install(store: Store, quiet: bool) -> int:
    with Console(stderr=True, quiet=quiet).status("Looking for the official schemas"):
        versions = install(store)
    if versions:
        print(f"Installed the schemas of IATI {', '.join(versions)} into {store.root}")
    elif not quiet:
        print("Nothing to do: every schema is there with its checksum.")
    return 0


def _update(store: Store, args: argparse.Namespace) -> int:
    today = datetime.now(UTC).date().isoformat()
    with requests.Session() as session:
        if args.codelists:
            return _say(restate_repository(args.codelists, session, today), len(list_pins()), args.quiet)
        for name in update_pinned(store, session):
            if not args.quiet:
                print(f"fetched {name}", flush=True)
        changes = refresh_lists(store, session, read_pins().lists_url, today)
        moving = sum(pin.kind == "non-embedded" for pin in list_pins().values())
        return _say(changes, moving, args.quiet)


def _say(changes: Iterable[Change], expected: int, quiet: bool) -> int:
    """Prints each list that changed or failed, as it comes; 3 when none could be fetched."""
    screen = Console(stderr=True)
    total = failed = changed = 0
    hidden = quiet or not screen.is_terminal
    for change in track(changes, "Code lists", total=expected, console=screen, disable=hidden, transient=True):
        total, failed, changed = total + 1, failed + bool(change.failure), changed + change.is_change
        if (change.failure or change.is_change) and not quiet:
            print(change, flush=True)
    print(f"{total} code lists looked at: {changed} changed, {failed} kept as they were because of an error.")
    return 3 if total and failed == total else 0
