"""Waivers: findings a reviewer has accepted, for a reason and a time; waived findings stay visible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from ilo_iati.errors import UsageError
from ilo_iati.findings import Finding

_KEYS = ("rule", "scope", "reason", "approved_by", "until")
_SCOPES = ("dataset", "identifier", "xpath", "value")


@dataclass(frozen=True, slots=True)
class Waiver:
    """`rule` and the texts of `scope` may hold `*`; an empty scope means everywhere. `until` is the last day."""

    rule: str
    scope: tuple[tuple[str, str], ...]
    reason: str
    approved_by: str
    until: date

    def covers(self, finding: Finding) -> bool:
        """True when rule and scope fit, whatever the date."""
        return fnmatchcase(finding.rule_id, self.rule) and all(_fits(finding, *each) for each in self.scope)

    def as_dict(self) -> dict[str, str]:
        """What a report says of the waiver of a finding."""
        return {"reason": self.reason, "approved_by": self.approved_by, "until": self.until.isoformat()}

    def describe(self) -> str:
        """The waiver in one phrase."""
        where = ", ".join(f"{name} {pattern}" for name, pattern in self.scope) or "everywhere"
        return f"rule {self.rule}, {where}"


def _fits(finding: Finding, name: str, pattern: str) -> bool:
    value = getattr(finding, name) or ""
    # A dataset may be named by its file name alone, whatever folder it was checked in.
    return fnmatchcase(value, pattern) or (name == "dataset" and fnmatchcase(Path(value).name, pattern))


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Reads a waiver file: a list `waivers:` of rule, scope, reason, approved_by, until. Any flaw is a UsageError."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name an existing waiver file.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = str(error).replace("\n", " ")
        raise UsageError(f"{path} is not YAML ({place}); correct it or leave --waivers out.") from error
    if not isinstance(found, dict) or set(found) != {"waivers"} or not isinstance(found["waivers"], list):
        raise UsageError(f"{path} does not hold a list 'waivers:'; see `ilo-iati check --help` for its form.")
    return tuple(_waiver(path, number, entry) for number, entry in enumerate(found["waivers"], 1))


def _waiver(path: Path, number: int, entry: Any) -> Waiver:
    where = f"{path}, waiver {number}"
    if not isinstance(entry, dict):
        raise UsageError(f"{where} is not a mapping; give it {', '.join(_KEYS)}.")
    unknown = [str(key) for key in entry if key not in _KEYS]
    missing = [key for key in _KEYS if key != "scope" and not str(entry.get(key) or "").strip()]
    if unknown or missing:
        flaw = f"unknown key {unknown[0]}" if unknown else f"{missing[0]} is missing"
        raise UsageError(f"{where}: {flaw}; a waiver has {', '.join(_KEYS)}.")
    return Waiver(str(entry["rule"]), _scope(where, entry.get("scope")), str(entry["reason"]).strip(),
                  str(entry["approved_by"]).strip(), _date(where, entry["until"]))  # fmt: skip


def _scope(where: str, scope: Any) -> tuple[tuple[str, str], ...]:
    if scope is None or scope == "all":
        return ()
    if isinstance(scope, str | int):
        return (("identifier", str(scope)),)
    if not isinstance(scope, dict) or not scope:
        raise UsageError(f"{where}: scope must be an identifier, 'all', or a mapping of {', '.join(_SCOPES)}.")
    unknown = [str(key) for key in scope if key not in _SCOPES]
    if unknown:
        raise UsageError(f"{where}: scope knows no {unknown[0]}; use {', '.join(_SCOPES)}.")
    return tuple((str(name), str(pattern)) for name, pattern in scope.items())


def _date(where: str, value: Any) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise UsageError(f"{where}: until is {value!r}, not a date; write it as YYYY-MM-DD.") from error


def waiver_of(finding: Finding, waivers: Iterable[Waiver], today: date) -> Waiver | None:
    """The first waiver in force that covers the finding."""
    return next((each for each in waivers if each.until >= today and each.covers(finding)), None)


def expired(waivers: Iterable[Waiver], today: date) -> list[Waiver]:
    """Waivers whose time is over; what they covered counts again."""
    return [each for each in waivers if each.until < today]
