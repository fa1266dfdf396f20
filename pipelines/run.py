"""One refresh as a value: which home, which bytes, as of when; and the folder it works in until it is published."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ilo_iati.errors import UsageError
from ilo_iati.findings import Finding, Severity
from ilo_iati.paths import Home

FINDINGS = "findings"
MODES = ("sample", "live", "offline")
"""sample: bundled, illustrative bytes through the live code; live: the internet; offline: the snapshots at hand."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one refresh was asked to do. `now` is the only clock its steps see; `as_of` dates indicators and scores."""

    run_id: str
    home: Home
    mode: str
    as_of: date
    now: datetime

    @property
    def bytes_of(self) -> str:
        """Whose snapshots are read: `sample` or `live`; the two never share a folder."""
        if self.mode != "offline":
            return self.mode
        return "live" if (self.home.snapshots / "live").is_dir() else "sample"

    @property
    def snapshots(self) -> Path:
        return self.home.snapshots / self.bytes_of

    @property
    def work(self) -> Path:
        """Staging folder of the build in progress; beside the published files so that a rename is atomic."""
        return self.home.build / ".staging"

    @property
    def database(self) -> Path:
        return self.work / "ilo_iati.duckdb"

    @property
    def published(self) -> Path:
        """Facts about the published build: what it was made from (`PUBLISHED.json`)."""
        return self.home.build / "PUBLISHED.json"


def plan(run_id: str, home: str = "", mode: str = "", as_of: str = "", now: datetime | None = None) -> Run:
    """The Run meant by these words; empty ones take their default. Raises UsageError when sample would replace live."""
    place = Home.at(home or None)
    known = read_published(place.build / "PUBLISHED.json").get("bytes_of")
    chosen = mode or (known if known in MODES else "sample")
    if chosen not in MODES:
        raise UsageError(f"mode {chosen!r} is not known; choose one of {', '.join(MODES)}.")
    if chosen == "sample" and known == "live":
        raise UsageError(
            f"{place.build} holds a warehouse of live data, which the sample would replace; give the sample --home DIR."
        )
    moment = now or _now()
    try:
        day = date.fromisoformat(as_of) if as_of else moment.date()
    except ValueError:
        raise UsageError(f"--as-of {as_of!r} is not a date; write it as 2026-11-23.") from None
    return Run(run_id, place, str(chosen), day, moment)


def _now() -> datetime:
    """The clock, or the instant of `ILO_IATI_NOW` (ISO 8601) for a run that must be reproduced."""
    told = os.environ.get("ILO_IATI_NOW")
    return datetime.fromisoformat(told).astimezone(UTC) if told else datetime.now(UTC)


def read_published(path: Path) -> dict[str, str]:
    """The facts of the published build; empty when there is none or it is unreadable: then it is built again."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def begin(run: Run) -> None:
    """An empty staging folder, but for what fetching said: nothing an interrupted run left reaches a reader."""
    for path in run.work.glob("*"):
        if path != run.work / FINDINGS:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for folder in (run.work / FINDINGS).glob("*"):
        if folder.name != "fetch":
            shutil.rmtree(folder)


def keep_findings(run: Run, stage: str, subject: str, findings: Iterable[Finding]) -> None:
    """Holds what a stage said of a subject (dataset, source) until the warehouse is loaded; replaces earlier words."""
    folder = run.work / FINDINGS / stage
    folder.mkdir(parents=True, exist_ok=True)
    rows = [finding.as_dict() for finding in findings]
    (folder / f"{subject}.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def kept_findings(run: Run, stage: str = "*") -> Iterator[tuple[str, Finding]]:
    """Every held finding with its stage, in order of stage and subject."""
    for path in sorted((run.work / FINDINGS).glob(f"{stage}/*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            yield path.parent.name, Finding(**{**row, "severity": Severity(row["severity"])})
