"""Findings by rule: how often, how grave, where first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ilo_iati.findings import Finding


@dataclass(slots=True)
class Group:
    """All findings of one rule at one severity; `places` holds the first few of them."""

    first: Finding
    count: int = 0
    places: list[Finding] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Findings beyond `places`."""
        return self.count - len(self.places)


def by_rule(findings: Iterable[Finding], places: int) -> list[Group]:
    """Groups by rule, gravest first, then the most frequent."""
    groups: dict[tuple[str, str], Group] = {}
    for finding in findings:
        key = finding.rule_id, finding.severity.value
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group(finding)
        group.count += 1
        if len(group.places) < places:
            group.places.append(finding)
    return sorted(groups.values(), key=lambda group: (group.first.severity.rank, -group.count, group.first.rule_id))
