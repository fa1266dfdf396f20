"""What a report says of itself: profile, standard, date, waivers, gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ilo_iati.findings import Finding, Severity
from ilo_iati.validate.report import finding_dict
from ilo_iati.validate.waivers import Waiver, waiver_of


@dataclass(frozen=True, slots=True)
class Occasion:
    """The circumstances of a check. `gate`: severity from which the answer is no, None for never."""

    profile: str
    standard: Mapping[str, Any]
    today: date
    gate: Severity | None = None
    waivers: tuple[Waiver, ...] = field(default=())
    colour: bool = False

    def waiver_of(self, finding: Finding) -> dict[str, str] | None:
        """Reason, approver and end of the waiver that covers a finding."""
        waiver = waiver_of(finding, self.waivers, self.today)
        return waiver.as_dict() if waiver else None

    def waived_dict(self, finding: Finding) -> dict[str, object]:
        """A waived finding with its waiver."""
        return {**finding_dict(finding), "waiver": self.waiver_of(finding)}
