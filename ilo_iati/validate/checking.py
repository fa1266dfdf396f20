"""A dataset to its report: file-level verdicts, and the parts of one file put together."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ilo_iati.errors import InputError
from ilo_iati.findings import FILE_LEVEL, Finding, Severity
from ilo_iati.reader import BREAKS_XML, ByteRange, Fault, open_dataset
from ilo_iati.standard import Standard
from ilo_iati.validate.examine import Examination, Part, by_number
from ilo_iati.validate.references import DUPLICATE
from ilo_iati.validate.report import DatasetReport, Findings, relocated
from ilo_iati.validate.settings import SUPPORTED, VERSION_1, Settings, settings

Source = Path | bytes | BinaryIO
_FIX_VERSION = 'Publish in 2.03 and say so: version="2.03" on the root element.'


@dataclass(frozen=True, slots=True)
class Identity:
    """Which bytes were judged: name, sha256, size."""

    path: str
    sha256: str
    bytes: int


def check_dataset(source: Source, *, standard: Standard, profile: str = "official", now: datetime,
                  known_publishers: Iterable[str] | None = None, known_identifiers: Iterable[str] | None = None,
                  range: ByteRange | None = None, name: str | None = None) -> DatasetReport:  # fmt: skip
    """Validates one IATI file; whatever is wrong with it is a finding.

    `source`: a path, bytes, or a binary stream (which is read into memory). `profile`: 'official' agrees with the IATI
    Validator, 'strict' follows the standard. `now` must know its time zone. `range` judges only part of the file.
    `name` stands as path in the report. Raises InputError when the file does not exist, StandardError without schemas.
    """
    chosen = settings(standard, profile, now, known_publishers, known_identifiers)
    if not isinstance(source, Path | bytes):
        source = source.read()
    identity = identify(source, name)
    part, skipped = examine(source, chosen, range, identity.path)
    return assemble(identity, [part], chosen, skipped)


def identify(source: Path | bytes, name: str | None = None) -> Identity:
    """Checksum and size of what is to be judged."""
    if isinstance(source, bytes):
        return Identity(name or "-", hashlib.sha256(source).hexdigest(), len(source))
    try:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Identity(name or str(source), digest, file.tell())
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror}); name an existing IATI file.") from error


def examine(
    source: Path | bytes, chosen: Settings, part: ByteRange | None = None, name: str = ""
) -> tuple[Part, list[str]]:
    """One pass over a file or a range of it: what was found, and the ids of rules that could not be judged.

    `name` stands as dataset in the findings.
    """
    dataset = open_dataset(source, part)
    try:
        examination = Examination(dataset, chosen, name)
        return examination.run(), examination.not_evaluated()
    finally:
        dataset.close()


def assemble(identity: Identity, parts: Sequence[Part], chosen: Settings, skipped: Sequence[str]) -> DatasetReport:
    """The report of a file from its parts, in file order."""
    first = parts[0]
    found = [*_file_findings(parts, chosen)]
    stopped = any(each.rule_id in ("0.1.1", "0.2.1") for each in found) and not chosen.strict
    findings = Findings(relocated(each, identity.path) for each in found)
    if not stopped:
        findings = _joined(findings, parts, identity.path)
    findings = findings.in_order()
    return DatasetReport(
        identity.path, identity.sha256, identity.bytes,
        first.head.root_tag if first.head.activity_tag else None, first.head.version,
        sum(part.activities for part in parts), findings,
        sorted({*skipped, "0.3.1", "0.6.1", DUPLICATE}, key=by_number) if stopped else list(skipped),
        sum(part.lost_activities for part in parts), sum(part.lost_bytes for part in parts),
    )  # fmt: skip


def _joined(findings: Findings, parts: Sequence[Part], name: str) -> Findings:
    """The file's own findings, then what was found in activities with what only the whole file can tell."""
    identifiers = parts[0].identifiers
    for later in parts[1:]:
        identifiers.absorb(later.identifiers)
    twice = [relocated(each, name) for each in identifiers.duplicates()]
    if len(parts) == 1 and not (findings or twice or parts[0].dangling):
        return parts[0].findings
    found = chain.from_iterable(part.findings for part in parts)
    dangling = (each for part in parts for each in part.dangling if each.value not in identifiers.first)
    findings.extend(heapq.merge(found, twice, dangling, key=lambda each: each.activity_index or 0))
    return findings


def _file_findings(parts: Sequence[Part], chosen: Settings) -> Iterable[Finding]:
    """0.1.1, 0.2.1 and 0.6.1, each at most once, as the official validator counts; further damage under our own ids."""
    faults = [fault for part in parts for fault in part.faults]
    broken = [fault for fault in faults if fault.kind in BREAKS_XML]
    foreign = [fault for fault in faults if fault.kind not in BREAKS_XML]
    for number, fault in enumerate(broken):
        yield _fault_finding("0.1.1" if number == 0 else f"reader.{fault.kind}", fault)
    more = sum(part.more_faults for part in parts)
    if more:
        yield Finding(
            "reader.more", Severity.CRITICAL, f"{more:,} more places of the file could not be read.", category="xml"
        )
    for fault in foreign:
        yield _fault_finding("0.2.1" if not broken else f"reader.{fault.kind}", fault)
    head = parts[0].head
    if head.activity_tag and (chosen.strict or not broken) and head.version not in SUPPORTED:
        yield _version_finding(head.version, head.root_tag, head.line)


def _fault_finding(rule_id: str, fault: Fault) -> Finding:
    lost = f" {fault.lost_bytes:,} bytes were lost." if fault.lost_bytes else ""
    name = FILE_LEVEL if rule_id in ("0.1.1", "0.2.1") else fault.identifier or FILE_LEVEL
    return Finding(
        rule_id, Severity.CRITICAL, fault.message + lost, fault.fix, "xml", identifier=name,
        activity_index=fault.first_index, line=fault.line,
    )  # fmt: skip


def _version_finding(version: str | None, root: str | None, line: int | None) -> Finding:
    said = f"The version is {version}" if version else "The root element has no version"
    own = (
        "; it was checked against its own schema and code lists"
        if version in VERSION_1
        else "; nothing else was checked"
    )
    message = f"{said}, but only 2.01, 2.02 and 2.03 are in use{own}."
    return Finding(
        "0.6.1", Severity.CRITICAL, message, _FIX_VERSION, "iati", line=line, xpath=f"/{root}", value=version
    )  # fmt: skip
