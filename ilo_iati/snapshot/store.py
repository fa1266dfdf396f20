"""The store of raw bytes: an inbox that hashes while it writes, and the questions other stages ask of what is kept."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from ilo_iati.errors import SnapshotError
from ilo_iati.findings import Finding
from ilo_iati.snapshot import manifest
from ilo_iati.snapshot.guard import damage, suspicion
from ilo_iati.snapshot.manifest import MANIFEST, Look, Snapshot

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_CHUNK = 1 << 20


class Inbox:
    """Where the bytes of one dataset arrive. Nothing counts until `keep`; without it the temporary file is removed."""

    def __init__(self, store: Store, folder: Path, path: Path) -> None:
        self._store, self._folder = store, folder
        self.path = path
        self._stream = path.open("wb")
        self.restart()

    def restart(self) -> None:
        """Forgets what has arrived, for another attempt."""
        self.close()
        self._stream = self.path.open("wb")
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """Of the bytes written so far."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Appends bytes, hashing them on the way. Raises OSError when the disk is full."""
        self._stream.write(chunk)
        self._digest.update(chunk)
        self.bytes += len(chunk)

    def close(self) -> None:
        """Brings everything to the disk; afterwards `path` may be read and inspected."""
        if not self._stream.closed:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()

    def keep(
        self, facts: Mapping[str, Any], suffix: str = "", suspect: Finding | None = None
    ) -> tuple[Snapshot, list[Finding]]:
        """Makes the bytes a snapshot. `facts`: any field of Snapshot but those of the bytes; `fetched_at` is required.

        Empty or much smaller than the last good one, or `suspect`: kept, but set aside, and the findings say why.
        """
        self.close()
        dataset = self._folder.name
        last = self._store.current(dataset)
        suspect = suspect or suspicion(last, dataset, self.bytes, facts.get("items"))
        target = self._folder / f"{self.sha256}{suffix}"
        self._folder.mkdir(parents=True, exist_ok=True)
        # The same bytes may come again; only a file that is plainly damaged is ever replaced.
        if not target.exists() or target.stat().st_size != self.bytes:
            os.replace(self.path, target)
            _sync(self._folder)
        event = {**facts, "sha256": self.sha256, "bytes": self.bytes, "file": target.name}
        if suspect:
            event |= {"suspect": suspect.rule_id, "note": suspect.message}
        manifest.append(self._folder, "received", event)
        return manifest.snapshot_of(self._folder, event), [suspect] if suspect else []


class Store:
    """All snapshots below `root`. One writer at a time (the refresh holds the lock); any number of readers."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    @contextmanager
    def receive(self, source: str, dataset: str) -> Iterator[Inbox]:
        """An Inbox for the bytes of `dataset`. Raises SnapshotError for a name that could leave the folder."""
        incoming = self.root / ".incoming"
        folder = self._folder_for(source, dataset)
        incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{dataset}.", dir=incoming)
        os.close(handle)
        inbox = Inbox(self, folder, Path(name))
        try:
            yield inbox
        finally:
            inbox._stream.close()
            inbox.path.unlink(missing_ok=True)

    def _folder_for(self, source: str, dataset: str) -> Path:
        for name in (source, dataset):
            if not _NAME.fullmatch(name):
                raise SnapshotError(
                    f"{name!r} cannot name a snapshot folder; use letters, digits, dot, dash, underscore."
                )
        return self.root / source / dataset

    def put(
        self, source: str, dataset: str, data: Path | bytes | BinaryIO, facts: Mapping[str, Any], suffix: str = ""
    ) -> tuple[Snapshot, list[Finding]]:
        """Stores a file, bytes or stream as one snapshot of `dataset`; see `Inbox.keep` for facts and findings."""
        with self.receive(source, dataset) as inbox:
            if isinstance(data, bytes):
                inbox.write(data)
            elif isinstance(data, Path):
                with data.open("rb") as stream:
                    _pour(stream, inbox)
            else:
                _pour(data, inbox)
            return inbox.keep(facts, suffix)

    def note(self, source: str, dataset: str, outcome: str, at: datetime, **facts: Any) -> None:
        """Records an attempt without new bytes: unchanged, failed or vanished, with `http_status` and `note`."""
        manifest.append(self._folder_for(source, dataset), outcome, {"fetched_at": at, **facts})

    def accept(self, dataset: str, sha256: str, at: datetime, why: str) -> Snapshot:
        """Lets bytes that were set aside count from now on, by an officer's word. Raises SnapshotError if unknown."""
        found = next((item for item in reversed(self.history(dataset)) if item.sha256.startswith(sha256)), None)
        if found is None or not sha256:
            raise SnapshotError(f"{dataset} has no snapshot {sha256}; `ilo-iati sources status --all` lists them.")
        self.note(found.source, dataset, "accepted", at, sha256=found.sha256, note=why)
        return found

    def retire(self, dataset: str, at: datetime, why: str) -> None:
        """Takes a dataset out of use, by an officer's word; its bytes stay. Raises SnapshotError if unknown."""
        if dataset not in self.datasets():
            raise SnapshotError(f"{dataset}: nothing was ever fetched under this name; see `ilo-iati sources status`.")
        self.note(self._folder(dataset).parent.name, dataset, "retired", at, note=why)

    def _folder(self, dataset: str) -> Path:
        found = sorted(self.root.glob(f"*/{dataset}/{MANIFEST}"))
        return found[0].parent if found else self.root / "nowhere" / dataset

    def datasets(self, source: str | None = None) -> list[str]:
        """Names of all datasets ever looked for, of one source or of all, sorted."""
        return sorted(path.parent.name for path in self.root.glob(f"{source or '*'}/*/{MANIFEST}"))

    def history(self, dataset: str) -> list[Snapshot]:
        """Every snapshot of `dataset`, oldest first, those set aside included."""
        folder = self._folder(dataset)
        return [manifest.snapshot_of(folder, event) for event in manifest.read(folder) if event["event"] == "received"]

    def current(self, dataset: str) -> Snapshot | None:
        """The newest snapshot that may be used; None when there is none, or an officer retired the dataset."""
        return _newest(*self._told(dataset))

    def usable(self, dataset: str) -> list[Snapshot]:
        """Every snapshot that passed the guards or was accepted by an officer, in the order in which they counted."""
        return self._told(dataset)[0]

    def _told(self, dataset: str) -> tuple[list[Snapshot], datetime | None]:
        """The usable snapshots, and when the dataset was retired; None when it is in use."""
        folder = self._folder(dataset)
        by_hash: dict[str, Snapshot] = {}
        chosen: list[Snapshot] = []
        retired_at: datetime | None = None
        for event in manifest.read(folder):
            if event["event"] == "received":
                by_hash[event["sha256"]] = manifest.snapshot_of(folder, event)
            if event["event"] == "accepted" or (event["event"] == "received" and not event.get("suspect")):
                chosen.append(by_hash[event["sha256"]])
                retired_at = None
            elif event["event"] == "retired":
                retired_at = manifest.moment(event["fetched_at"])
        return chosen, retired_at

    def current_of(self, source: str) -> list[Snapshot]:
        """The usable snapshot of each dataset of `source`, by name; datasets without one are left out."""
        return [found for name in self.datasets(source) if (found := self.current(name))]

    def last_look(self, dataset: str) -> Look | None:
        """The latest attempt, whatever came of it."""
        folder = self._folder(dataset)
        events = manifest.read(folder)
        return manifest.look_of(folder, events[-1]) if events else None

    def rows(self) -> list[dict[str, Any]]:
        """Rows of audit.snapshot: one a snapshot ever taken, of every dataset."""
        rows = []
        for dataset in self.datasets():
            usable, retired_at = self._told(dataset)
            current = _newest(usable, retired_at)
            rows += [
                manifest.row_of(snapshot, snapshot == current)
                | {"is_usable": snapshot in usable, "retired_at": retired_at}
                for snapshot in self.history(dataset)
            ]
        return rows

    def verify(self) -> list[Finding]:
        """Re-hashes every stored file; a finding for each that is missing or no longer matches its name."""
        return [found for name in self.datasets() for item in self.history(name) for found in damage(item)]

    def tidy(self) -> None:
        """Removes what a killed fetch left in the folder for incoming files."""
        shutil.rmtree(self.root / ".incoming", ignore_errors=True)


def _newest(usable: Sequence[Snapshot], retired_at: datetime | None) -> Snapshot | None:
    """The newest usable snapshot whose file is there (`verify` says loudly where one is gone); none once retired."""
    return None if retired_at else next((item for item in reversed(usable) if item.path.exists()), None)


def _pour(stream: BinaryIO, inbox: Inbox) -> None:
    while chunk := stream.read(_CHUNK):
        inbox.write(chunk)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
