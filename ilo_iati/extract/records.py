"""Records: what is known of each activity or organisation whose rows are being gathered."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilo_iati.extract.part import Source
from ilo_iati.findings import NO_IDENTIFIER, Finding, Severity


@dataclass(slots=True)
class Records:
    """What is known of each record (activity or organisation) of the rows at hand, by ordinal."""

    source: list[Source] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    identifier: list[str | None] = field(default_factory=list)
    root: list[dict[str, str]] = field(default_factory=list)

    def add(self, source: Source, number: int, identifier: str | None, root: dict[str, str]) -> int:
        """The ordinal of a new record."""
        self.source.append(source)
        self.number.append(number)
        self.identifier.append(identifier)
        self.root.append(root)
        return len(self.source) - 1

    def clear(self) -> None:
        for values in (self.source, self.number, self.identifier, self.root):
            values.clear()

    def finding(
        self, ordinal: int, line: int, rule_id: str, severity: Severity, message: str, fix: str, xpath: str, value: str
    ) -> Finding:
        """What extraction has to say of a place in this record."""
        return Finding(
            rule_id,
            severity,
            message,
            fix,
            "extraction",
            self.source[ordinal].dataset,
            self.identifier[ordinal] or NO_IDENTIFIER,
            self.number[ordinal],
            line,
            xpath,
            value,
        )
