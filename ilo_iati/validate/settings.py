"""What a validation is asked to do: profile, clock and lists, and the compiled rules that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from ilo_iati.standard import Standard
from ilo_iati.validate.rules import PROFILES, RuleSet

SUPPORTED = frozenset({"2.01", "2.02", "2.03"})
"""Versions the IATI Validator accepts; any other is finding 0.6.1."""
VERSION_1 = frozenset({"1.01", "1.02", "1.03", "1.04", "1.05"})
"""Versions we check in our own right beside 0.6.1."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to judge. `known_publishers` and `known_identifiers` (of activities) are None where no list is given."""

    standard: Standard
    profile: str
    now: datetime
    known_publishers: frozenset[str] | None = None
    known_identifiers: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"profile {self.profile!r}; choose one of {', '.join(PROFILES)}")

    @property
    def strict(self) -> bool:
        return self.profile == "strict"


def settings(
    standard: Standard,
    profile: str,
    now: datetime,
    known_publishers: Iterable[str] | None = None,
    known_identifiers: Iterable[str] | None = None,
) -> Settings:
    """Settings of any iterables of identifiers."""
    return Settings(standard, profile, now, _frozen(known_publishers), _frozen(known_identifiers))


def _frozen(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


@cache
def rules_for(chosen: Settings, version: str, file_type: str) -> RuleSet:
    """The compiled rules for one version and file type, made once per process."""
    standard = chosen.standard
    agencies = standard.codes("OrganisationRegistrationAgency", "2.03").codes
    return RuleSet.for_version(
        version,
        file_type,
        chosen.profile,
        standard,
        chosen.now,
        known_publishers=chosen.known_publishers,
        org_id_prefixes=agencies,
    )
