"""Finding and Severity: the one shape of "the data is imperfect", whichever stage noticed it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """The IATI Validator's four severities, gravest first; `rank` orders them (0 is gravest)."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    ADVISORY = "advisory"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    def at_least(self, other: Severity) -> bool:
        """True when this severity is as grave as `other` or graver."""
        return self.rank <= other.rank


_ORDER = list(Severity)

NO_IDENTIFIER = "noIdentifier"
"""Stands where an activity or organisation has no identifier."""
FILE_LEVEL = "file"
"""Stands as identifier for a finding about the dataset as a whole."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One imperfection and its place.

    `rule_id`: the official id where one exists (`6.11.1`), else `stage.what` (`cast.lost`, `fetch.kept_last_good`).
    `activity_index`: 1-based position of the activity (or organisation) in its file; None at file level.
    `line`: 1-based true line in the file as received; None where no line applies.
    `value`: the offending text as published; None where there is none.
    """

    rule_id: str
    severity: Severity
    message: str
    fix: str = ""
    category: str = ""
    dataset: str = ""
    identifier: str = FILE_LEVEL
    activity_index: int | None = None
    line: int | None = None
    xpath: str | None = None
    value: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain dict of all fields, severity as text."""
        return {**asdict(self), "severity": self.severity.value}
