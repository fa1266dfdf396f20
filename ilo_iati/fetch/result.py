"""What fetching brings home: the result, a failure with its reason, and what fetch asks of the store it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ilo_iati.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The outcome for one source. `datasets`: names with a usable snapshot; `changed`: those with new bytes;
    `reached`: whether the source itself answered, or an officer brought its file; `findings`: everything that went
    wrong, each naming its dataset.
    """

    source: str
    datasets: tuple[str, ...]
    findings: tuple[Finding, ...]
    reached: bool
    changed: tuple[str, ...] = ()


class Fault(Exception):
    """Why one address gave nothing usable. Becomes a finding; never leaves this package."""

    def __init__(self, rule: str, reason: str, fix: str, status: int | None = None, body: bytes = b"") -> None:
        super().__init__(reason)
        self.rule, self.reason, self.fix, self.status, self.body = rule, reason, fix, status, body


def finding(rule: str, severity: Severity, message: str, fix: str, dataset: str, value: str | None = None) -> Finding:
    """A finding of this stage about a whole dataset (or source)."""
    return Finding(rule, severity, message, fix, "fetch", dataset, value=value)


class SnapshotLike(Protocol):
    """The parts of a stored snapshot that decide whether to ask again."""

    @property
    def sha256(self) -> str: ...
    @property
    def fetched_at(self) -> datetime: ...
    @property
    def url(self) -> str: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def last_modified(self) -> str | None: ...
    @property
    def catalogue(self) -> Mapping[str, Any]: ...
    @property
    def path(self) -> Path: ...
    @property
    def items(self) -> int | None: ...


class InboxLike(Protocol):
    """Where arriving bytes go; see `ilo_iati.snapshot.Inbox`."""

    path: Path

    @property
    def sha256(self) -> str: ...
    def restart(self) -> None: ...
    def write(self, chunk: bytes) -> None: ...
    def close(self) -> None: ...
    def keep(
        self, facts: Mapping[str, Any], suffix: str = "", suspect: Finding | None = None
    ) -> tuple[Any, list[Finding]]: ...


class StoreLike(Protocol):
    """The store of snapshots; see `ilo_iati.snapshot.Store`. Stages never import each other, so it is handed over."""

    def receive(self, source: str, dataset: str) -> AbstractContextManager[InboxLike]: ...
    def current(self, dataset: str) -> SnapshotLike | None: ...
    def datasets(self, source: str | None = None) -> list[str]: ...
    def note(self, source: str, dataset: str, outcome: str, at: datetime, **facts: Any) -> None: ...
    def retire(self, dataset: str, at: datetime, why: str) -> None: ...


@dataclass(slots=True)
class Log:
    """Findings and changes gathered while one source is refreshed."""

    findings: list[Finding] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    reached: bool = False

    def add(
        self, rule: str, severity: Severity, message: str, fix: str, dataset: str, value: str | None = None
    ) -> None:
        self.findings.append(finding(rule, severity, message, fix, dataset, value))
