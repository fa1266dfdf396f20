"""One pass over a file, or a range of it: documents in, findings out."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from ilo_iati.findings import FILE_LEVEL, NO_IDENTIFIER, Finding, Severity
from ilo_iati.reader import BREAKS_XML, Dataset, Document, Fault, Head
from ilo_iati.validate.codelists import string_value
from ilo_iati.validate.references import DUPLICATE, REFERENCE_IDS, Identifiers, dangling, references
from ilo_iati.validate.report import Findings
from ilo_iati.validate.rules import RuleHit, RuleSet
from ilo_iati.validate.schema import SchemaFault, schema_faults
from ilo_iati.validate.settings import SUPPORTED, VERSION_1, Settings, rules_for

IDENTIFIER_OF = {"iati-activity": "iati-identifier", "iati-organisation": "organisation-identifier"}


@dataclass(slots=True)
class Part:
    """What one range of a file gave; `dangling` are references that stand or fall by the whole file's identifiers."""

    head: Head
    findings: Findings = field(default_factory=Findings)
    faults: list[Fault] = field(default_factory=list)
    identifiers: Identifiers = field(default_factory=Identifiers)
    dangling: Findings = field(default_factory=Findings)
    activities: int = 0
    lost_activities: int = 0
    lost_bytes: int = 0
    more_faults: int = 0


FAULTS_KEPT = 1000
"""Faults told one by one; of further ones only the number, so that a file of nothing but damage stays small."""


class Examination:
    """The checks that apply to one file, run document by document."""

    def __init__(self, dataset: Dataset, settings: Settings, name: str = "") -> None:
        head = dataset.head
        self._dataset, self._settings, self._name = dataset, settings, name
        self.part, self._root_judged = Part(head), False
        self._file_type = head.root_tag if head.activity_tag else None
        self._version = head.version or ""
        self._judged = self._file_type is not None and self._version in SUPPORTED | VERSION_1
        self._schema: etree.XMLSchema | None = None
        self._rules: RuleSet | None = None
        if self._judged and self._file_type:
            self._schema = settings.standard.schema(self._version, self._file_type)
            self._rules = rules_for(settings, self._version, self._file_type)

    def run(self) -> Part:
        """Reads everything and returns what was found."""
        part = self.part
        for item in self._dataset:
            if isinstance(item, Fault):
                self._note(item)
                continue
            part.activities += len(item.activities)
            if self._judged:
                self._document(item)
        return part

    def _note(self, fault: Fault) -> None:
        part = self.part
        part.lost_bytes += fault.lost_bytes
        part.lost_activities += fault.first_index is not None
        if len(part.faults) < FAULTS_KEPT:
            part.faults.append(fault)
        else:
            part.more_faults += fault.kind in BREAKS_XML

    def _document(self, document: Document) -> None:
        assert self._schema is not None
        first = document.first_index == 1 and not self._root_judged
        self._root_judged = self._root_judged or first
        wrong = list(schema_faults(document, self._schema, first=first))
        if first and self._rules:
            for hit in self._rules.check_root(self._dataset.head.attributes):
                self._root_finding(hit)
        activities = document.activities
        names = [_identifier(activity) for activity in activities]
        hits = self._rules.check_records(document.root, activities) if self._rules else [()] * len(activities)
        by_position: dict[int | None, list[Finding]] = {}
        for fault in wrong:
            name = names[fault.position - 1] if fault.position else FILE_LEVEL
            by_position.setdefault(fault.position, []).append(self._schema_finding(fault, name))
        self.part.findings.extend(by_position.get(None, ()))
        for position, activity in enumerate(activities, 1):
            found = by_position.get(position, [])
            index, name = document.first_index + position - 1, names[position - 1]
            found.extend(self._hit_finding(document, activity, hit, name, index) for hit in hits[position - 1])
            self._identified(document, activity, index, name)
            if len(found) > 1:
                found.sort(key=lambda each: (each.line or 0, each.severity.rank, each.rule_id))
            self.part.findings.extend(found)

    def _identified(self, document: Document, activity: etree._Element, index: int, name: str) -> None:
        """Notes the identifier and the references; there are findings only once the whole file is known."""
        if document.tag != "iati-activity" or self._version not in SUPPORTED:
            return
        holder = activity.find("iati-identifier")
        if holder is not None and name != NO_IDENTIFIER:
            self.part.identifiers.add(name, index, document.line(holder))
        known = self._settings.known_identifiers
        if known is not None:
            for rule_id, element, value in references(activity, known):
                self.part.dangling.append(self._reference_finding(document, rule_id, element, value, name, index))

    def _schema_finding(self, fault: SchemaFault, name: str) -> Finding:
        rule_id, severity = (
            ("0.3.1", Severity.CRITICAL) if self._version in SUPPORTED else ("version1.schema", Severity.ERROR)
        )
        return Finding(
            rule_id, severity, fault.message, fault.fix, "schema", self._name, identifier=name,
            activity_index=fault.index, line=fault.line, xpath=fault.xpath, value=fault.value,
        )  # fmt: skip

    def _hit_finding(
        self, document: Document, activity: etree._Element, hit: RuleHit, name: str, index: int
    ) -> Finding:
        element = activity if hit.element is None else hit.element
        return Finding(
            self._own_id(hit.rule_id), hit.severity, hit.message, hit.fix, hit.category, self._name, identifier=name,
            activity_index=index, line=document.line(element), xpath=_xpath(element, document, index),
            value=hit.value or element.get("percentage") or None,
        )  # fmt: skip

    def _root_finding(self, hit: RuleHit) -> None:
        head = self._dataset.head
        self.part.findings.append(Finding(
            self._own_id(hit.rule_id), hit.severity, hit.message, hit.fix, hit.category, self._name, line=head.line,
            xpath=f"/{head.root_tag}", value=hit.value,
        ))  # fmt: skip

    def _reference_finding(
        self, document: Document, rule_id: str, element: etree._Element, value: str, name: str, index: int
    ) -> Finding:
        message, fix = dangling(rule_id, value)
        return Finding(
            rule_id, Severity.ADVISORY, message, fix, "identifiers", self._name, identifier=name, activity_index=index,
            line=document.line(element), xpath=_xpath(element, document, index), value=value,
        )  # fmt: skip

    def _own_id(self, rule_id: str) -> str:
        """The official validator judges no 1.0x file: there the finding is ours and says so by its id."""
        return rule_id if self._version in SUPPORTED or not rule_id[0].isdigit() else f"version1.{rule_id}"

    def not_evaluated(self) -> list[str]:
        """Ids of rules that could not be judged for this file."""
        if not self._judged:
            return ["0.3.1"]
        found = set(self._rules.not_evaluated) if self._rules else set()
        if self._settings.known_identifiers is None and self._file_type == "iati-activities":
            found.update(REFERENCE_IDS)
        if self._version not in SUPPORTED:
            found = {"0.3.1", DUPLICATE, *REFERENCE_IDS}
        return sorted(found, key=by_number)


def by_number(rule_id: str) -> tuple[tuple[int, str], ...]:
    """Sorts rule ids as people count: 1.3.13 before 1000.0.1."""
    return tuple((int(part), "") if part.isdigit() else (1 << 30, part) for part in rule_id.split("."))


def _identifier(activity: etree._Element) -> str:
    found = activity.find(IDENTIFIER_OF[str(activity.tag)])
    if found is None and activity.tag == "iati-organisation":
        found = activity.find("iati-identifier")
    text = string_value(found).strip() if found is not None else ""
    return text or NO_IDENTIFIER


def _xpath(element: etree._Element, document: Document, index: int) -> str:
    """Path of the element in the file: libxml2's own within the activity, with the activity's true index."""
    path = element.getroottree().getpath(element)
    inner = path.split("/", 3)
    rest = f"/{inner[3]}" if len(inner) > 3 else ""
    return f"/{document.root.tag}/{document.tag}[{index}]{rest}"
