"""Identifiers across the activities of a file: which are used twice, and which references lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from ilo_iati.findings import Finding, Severity

DUPLICATE = "1.1.2"
REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("1000.0.1", "participating-org", "activity-id"),
    ("1000.0.2", "planned-disbursement/provider-org", "provider-activity-id"),
    ("1000.0.3", "planned-disbursement/receiver-org", "receiver-activity-id"),
    ("1000.0.4", "transaction/provider-org", "provider-activity-id"),
    ("1000.0.5", "transaction/receiver-org", "receiver-activity-id"),
    ("1000.0.6", "related-activity", "ref"),
)
"""Official advisory id, element that refers, attribute that names an activity."""
REFERENCE_IDS = tuple(rule_id for rule_id, _, _ in REFERENCES)


@dataclass(slots=True)
class Identifiers:
    """Where each identifier of a file (or a range of it) stands first, and where else: index and line."""

    first: dict[str, tuple[int, int]] = field(default_factory=dict)
    again: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, identifier: str, index: int, line: int) -> None:
        """Notes one activity."""
        if identifier in self.first:
            self.again.setdefault(identifier, []).append((index, line))
        else:
            self.first[identifier] = (index, line)

    def absorb(self, later: Identifiers) -> None:
        """Joins the identifiers of a later range of the same file."""
        for identifier, place in later.first.items():
            self.add(identifier, *place)
        for identifier, places in later.again.items():
            self.again.setdefault(identifier, []).extend(places)

    def duplicates(self) -> list[Finding]:
        """A finding for every activity whose identifier is not its own, in file order."""
        places = [
            (index, line, identifier)
            for identifier, others in self.again.items()
            for index, line in (self.first[identifier], *others)
        ]
        return [_duplicate(identifier, index, line) for index, line, identifier in sorted(places)]


def _duplicate(identifier: str, index: int, line: int) -> Finding:
    return Finding(
        DUPLICATE,
        Severity.ERROR,
        f"The identifier {identifier} is used by more than one activity of this file.",
        "Give each activity an identifier of its own, or merge the activities.",
        "identifiers",
        identifier=identifier,
        activity_index=index,
        line=line,
        xpath=f"/iati-activities/iati-activity[{index}]/iati-identifier",
        value=identifier,
    )


def references(activity: etree._Element, known: Iterable[str]) -> Iterator[tuple[str, etree._Element, str]]:
    """References to activities that are not among `known`: rule id, element, the identifier it names."""
    for rule_id, path, attribute in REFERENCES:
        for element in activity.iterfind(path):
            value = element.get(attribute)
            if value and value not in known:
                yield rule_id, element, value


def dangling(rule_id: str, value: str) -> tuple[str, str]:
    """Message and fix of a reference that leads nowhere."""
    where = next(f"{path}/@{attribute}" for each, path, attribute in REFERENCES if each == rule_id)
    message = f"{where} names the activity {value}, which is neither in this file nor in the list of known identifiers."
    return message, "Correct the identifier, or publish the activity it names."
