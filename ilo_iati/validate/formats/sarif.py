"""`check --format sarif`: SARIF 2.1.0, for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from ilo_iati.findings import Finding, Severity
from ilo_iati.validate.formats.occasion import Occasion
from ilo_iati.validate.report import DatasetReport

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.CRITICAL: "error", Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVISORY: "note"}


def write_sarif(reports: Iterable[DatasetReport], occasion: Occasion, out: TextIO) -> None:
    """Writes one SARIF log with one run; results come first, so that they need not be kept in memory."""
    out.write(_dump({"$schema": SCHEMA, "version": "2.1.0"})[:-1] + ', "runs": [{"columnKind": "unicodeCodePoints",\n')
    out.write('"results": [')
    rules: dict[str, Finding] = {}
    artifacts: list[dict[str, object]] = []
    count = 0
    for report in reports:
        artifacts.append(_artifact(report))
        for findings, waived in ((report.findings, False), (report.waived, True)):
            for finding in findings:
                rules.setdefault(finding.rule_id, finding)
                out.write((",\n" if count else "\n") + _dump(_result(report, finding, occasion if waived else None)))
                count += 1
    driver = {
        "name": "ilo-iati",
        "version": version("ilo-iati"),
        "rules": [_rule(*rule) for rule in sorted(rules.items())],
    }
    properties = {"profile": occasion.profile, "standard": occasion.standard}
    out.write(f'],\n"artifacts": {_dump(artifacts)},\n"properties": {_dump(properties)},\n')
    out.write(f'"tool": {{"driver": {_dump(driver)}}}}}]}}\n')


def _artifact(report: DatasetReport) -> dict[str, object]:
    return {"location": {"uri": _uri(report.path)}, "length": report.bytes, "hashes": {"sha-256": report.sha256}}


def _rule(rule_id: str, finding: Finding) -> dict[str, object]:
    return {
        "id": rule_id,
        "shortDescription": {"text": finding.message},
        "help": {"text": finding.fix or finding.message},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"category": finding.category, "severity": finding.severity.value},
    }


def _result(report: DatasetReport, finding: Finding, waived: Occasion | None) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": _uri(report.path)}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    location: dict[str, object] = {"physicalLocation": place}
    if finding.xpath:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.xpath, "kind": "element"}]
    found: dict[str, object] = {
        "ruleId": finding.rule_id,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
        "properties": {
            "severity": finding.severity.value,
            "identifier": finding.identifier,
            "activityIndex": finding.activity_index,
            "value": finding.value,
        },
    }
    if waived:
        reason = (waived.waiver_of(finding) or {}).get("reason", "")
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return found


def _uri(path: str) -> str:
    if path == "-":
        return "stdin"
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
