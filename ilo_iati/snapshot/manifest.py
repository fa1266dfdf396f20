"""The manifest of one dataset: events appended as JSON lines, read back as Snapshot and Look."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

MANIFEST = "manifest.jsonl"
_FACTS = (
    "url",
    "final_url",
    "http_status",
    "headers",
    "catalogue",
    "licence",
    "items",
    "is_illustrative",
    "suspect",
    "note",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Bytes received once, and their provenance. `suspect` is the rule that keeps them from counting, else None."""

    dataset: str
    source: str
    sha256: str
    bytes: int
    path: Path
    fetched_at: datetime
    url: str = ""
    final_url: str = ""
    http_status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    catalogue: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    items: int | None = None
    is_illustrative: bool = False
    suspect: str | None = None
    note: str = ""

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        return self.headers.get("last-modified")


@dataclass(frozen=True, slots=True)
class Look:
    """The latest attempt: `outcome` is received, unchanged, failed, vanished, accepted or retired."""

    dataset: str
    source: str
    outcome: str
    at: datetime
    http_status: int | None
    note: str


def append(folder: Path, outcome: str, facts: Mapping[str, Any]) -> None:
    """Adds one event to the manifest of `folder` and syncs it. `facts` must state `fetched_at`."""
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"event": outcome, **facts}, default=_plain, ensure_ascii=False)
    with (folder / MANIFEST).open("a+b") as stream:
        # A line torn by a kill must not swallow this one.
        stream.seek(0, os.SEEK_END)
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            line = line if stream.read(1) == b"\n" else "\n" + line
        stream.write(line.encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def read(folder: Path) -> list[dict[str, Any]]:
    """Every event of the manifest of `folder`, oldest first; torn lines left out, an empty list where there is none."""
    manifest = folder / MANIFEST
    if not manifest.exists():
        return []
    lines = (_parsed(line) for line in manifest.read_bytes().split(b"\n"))
    return [event for event in lines if event]


def snapshot_of(folder: Path, event: Mapping[str, Any]) -> Snapshot:
    """The snapshot a `received` event of `folder` describes."""
    known = {key: event[key] for key in _FACTS if event.get(key) is not None}
    when = moment(event["fetched_at"])
    path = folder / event["file"]
    return Snapshot(folder.name, folder.parent.name, event["sha256"], event["bytes"], path, when, **known)


def look_of(folder: Path, event: Mapping[str, Any]) -> Look:
    """The attempt `event` of `folder` records."""
    at = moment(event["fetched_at"])
    return Look(folder.name, folder.parent.name, event["event"], at, event.get("http_status"), event.get("note") or "")


def row_of(snapshot: Snapshot, is_current: bool) -> dict[str, Any]:
    """The row of audit.snapshot for `snapshot`."""
    plain = ("dataset", "source", "url", "http_status", "sha256", "bytes", "fetched_at", "etag", "last_modified")
    rest = ("is_illustrative", "licence", "note")
    row = {name: getattr(snapshot, name) for name in plain + rest}
    return row | {"is_last_good": is_current, "is_current": is_current}


def moment(value: datetime | str) -> datetime:
    """A moment as written in the manifest."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else str(value)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and {"event", "fetched_at"} <= set(event) else None
