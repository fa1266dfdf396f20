"""What a validation says of one dataset, and a store of findings that does not grow with their number."""

from __future__ import annotations

import json
import os
import tempfile
import weakref
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from ilo_iati.findings import Finding, Severity

IN_MEMORY = 4000
"""Findings kept as objects before they are written, compressed, to a temporary file."""
_CHUNK = 1000
_VALUES = attrgetter(*(each.name for each in fields(Finding)))
"""Far cheaper than dataclasses.astuple, which copies each value."""


class Findings:
    """A sequence of Finding to append to and iterate over; beyond IN_MEMORY it lives in a temporary file.

    It can be handed to another process, which then owns the file; the file is removed with its owner.
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._recent: list[Finding] = []
        self._path: Path | None = None
        self._written = 0
        self._cleanup: Any = None
        self.counts: Counter[tuple[str, Severity]] = Counter()
        self.extend(findings)

    def append(self, finding: Finding) -> None:
        """Adds one finding."""
        self._recent.append(finding)
        self.counts[finding.rule_id, finding.severity] += 1
        if len(self._recent) >= IN_MEMORY:
            self._spill()

    def extend(self, findings: Iterable[Finding]) -> None:
        """Adds findings in order."""
        for finding in findings:
            self.append(finding)

    def __len__(self) -> int:
        return self._written + len(self._recent)

    def __iter__(self) -> Iterator[Finding]:
        if self._path is not None:
            with self._path.open("rb") as lines:
                for line in lines:
                    for values in json.loads(zlib.decompress(bytes.fromhex(line.strip().decode()))):
                        yield Finding(values[0], Severity(values[1]), *values[2:])
        yield from list(self._recent)

    def let_go(self) -> None:
        """Forgets the findings but not how many there were, when a report has taken what it needs."""
        counts, number = self.counts, len(self)
        if self._cleanup is not None:
            self._cleanup()
        self._recent, self._path, self._written, self.counts = [], None, number, counts

    def in_order(self) -> Findings:
        """The same by place in the file, as long as they are few enough to be in memory; else as they came."""
        if self._path is None:
            self._recent.sort(key=lambda e: (e.activity_index or 0, e.line or 0, e.severity.rank, e.rule_id))
        return self

    def summary(self) -> dict[str, int]:
        """Number of findings by severity, all four severities, gravest first."""
        found = Counter[Severity]()
        for (_, severity), number in self.counts.items():
            found[severity] += number
        return {severity.value: found[severity] for severity in Severity}

    def _spill(self) -> None:
        if self._path is None:
            handle, name = tempfile.mkstemp(prefix="ilo-iati-findings-")
            os.close(handle)
            self._own(Path(name))
        assert self._path is not None
        with self._path.open("ab") as file:
            for start in range(0, len(self._recent), _CHUNK):
                rows = [_VALUES(finding) for finding in self._recent[start : start + _CHUNK]]
                file.write(zlib.compress(json.dumps(rows).encode(), 1).hex().encode() + b"\n")
        self._written += len(self._recent)
        self._recent = []

    def _own(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            self._cleanup = weakref.finalize(self, path.unlink, missing_ok=True)

    def __getstate__(self) -> dict[str, Any]:
        if self._cleanup is not None:
            self._cleanup.detach()
        return {"recent": self._recent, "path": self._path, "written": self._written, "counts": self.counts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._recent, self._written, self.counts = state["recent"], state["written"], state["counts"]
        self._cleanup = None
        self._own(state["path"])


@dataclass(slots=True)
class DatasetReport:
    """The answer for one dataset.

    `valid`: no critical finding. `activities`: activities (or organisations) that could be read. `lost_activities` and
    `lost_bytes`: what could not. `not_evaluated`: rule ids that could not be judged. `findings`: file-level ones first,
    then in file order. `waived`: findings that a waiver accepts: visible, in no summary, closing no gate,
    but a dataset with a waived critical finding is still not valid.
    """

    path: str
    sha256: str
    bytes: int
    file_type: str | None
    iati_version: str | None
    activities: int
    findings: Findings
    not_evaluated: list[str] = field(default_factory=list)
    lost_activities: int = 0
    lost_bytes: int = 0
    waived: Findings = field(default_factory=Findings)

    @property
    def valid(self) -> bool:
        """True when no finding is critical, waived or not, as the IATI Validator counts."""
        return self.summary["critical"] + self.waived.summary()["critical"] == 0

    @property
    def summary(self) -> dict[str, int]:
        """Number of findings by severity."""
        return self.findings.summary()

    def worst(self) -> Severity | None:
        """The gravest severity found, None when there is no finding."""
        return min((severity for _, severity in self.findings.counts), key=lambda each: each.rank, default=None)

    def head(self) -> dict[str, object]:
        """The report as a plain dict, without its findings."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "file_type": self.file_type,
            "iati_version": self.iati_version,
            "valid": self.valid,
            "activities": self.activities,
            "lost_activities": self.lost_activities,
            "lost_bytes": self.lost_bytes,
            "summary": self.summary,
            "not_evaluated": self.not_evaluated,
        }

    def as_dict(self) -> dict[str, object]:
        """The whole report as a plain dict; all findings are in memory."""
        return {**self.head(), "findings": [finding_dict(finding) for finding in self.findings]}


def finding_dict(finding: Finding) -> dict[str, object]:
    """One finding as `check --format json` gives it: without the dataset, which the report names."""
    found = finding.as_dict()
    del found["dataset"]
    return found


def relocated(finding: Finding, dataset: str) -> Finding:
    """The finding as one of the named dataset."""
    return replace(finding, dataset=dataset)
