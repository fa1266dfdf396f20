"""The frameworks read into frozen objects: sections, indicators and tests from schemas/readiness/*.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ilo_iati.errors import SpecError
from ilo_iati.readiness.gates import READINESS
from ilo_iati.spec.reading import read_yaml, require

PUBLISHING, TRANSPARENCY, STANDARDS = "publishing_statistics", "transparency_index", "un_data_standards"
FRAMEWORKS = (PUBLISHING, TRANSPARENCY, STANDARDS)
LEVELS = ("all", "lowest", "first_with_commitments", "most_budgets")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a framework; `weight` are its points of the total."""

    id: str
    name: str
    weight: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A check made of several tests; `is_survey`: no machine can answer it; `applies`: to the UN (A, P, D)."""

    id: str
    section: str
    name: str
    weight: float
    is_survey: bool = False
    applies: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition: activities meeting `given` are looked at, `then` is true, false or a share between 0 and 1.

    `scope`: current (the framework's own given holds as well), every (all activities) or any (one passing is enough).
    An organisation test has `sql` and `needs` instead and concerns no activity.
    """

    id: str
    group: str
    name: str
    fix: str
    given: str = "true"
    then: str = "false"
    level: str = "all"
    scope: str = "current"
    weight: float = 1.0
    note: str = ""
    sql: str = ""
    needs: str = ""

    __test__ = False  # pytest would otherwise take the name for a test of ours


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework as declared; `body` is the whole document for what only one framework has.

    `structural`: (section, effect of the ILO's way of publishing). `differences`: (check, where the framework's page
    and its code part, and what is done here).
    """

    code: str
    name: str
    total: float
    given: str
    sections: tuple[Section, ...]
    indicators: tuple[Indicator, ...]
    tests: tuple[Test, ...]
    zero_when_nothing_applies: bool
    structural: tuple[tuple[str, str], ...]
    differences: tuple[tuple[str, str], ...]
    body: Mapping[str, Any] = field(repr=False, hash=False, compare=False)

    def notes(self, check: str, own: str = "") -> str:
        """What is to be said beside a check: its own note, effects by construction, differences of page and code."""
        texts = [own] if own else []
        texts += [f"By construction: {text}" for name, text in self.structural if name == check]
        texts += [f"Page and code differ: {text}" for name, text in self.differences if name == check]
        return " ".join(texts)

    def section(self, name: str) -> Section:
        """The section called `name`. Raises StopIteration."""
        return next(section for section in self.sections if section.id == name)


@cache
def load_framework(code: str, folder: Path = READINESS) -> Framework:
    """The framework declared in `<code>.yml`. Raises SpecError naming the file and what to correct."""
    path = folder / f"{code}.yml"
    body = read_yaml(path)
    extra = ("indicators", "organisation_tests", "structural", "differences", "points", "frequency_factor", "frequency")
    require(
        path,
        body,
        ("framework", "name", "total", "given", "sections", "tests"),
        (*extra, "time_lag", "first_published", "not_applicable_scores_zero", "insufficient", "generic_channels"),
    )
    sections = tuple(Section(**item) for item in body["sections"])
    indicators = tuple(_indicator(item) for item in body.get("indicators", ()))
    tests = tuple(_test(path, item) for item in (*body["tests"], *body.get("organisation_tests", ())))
    groups = {section.id for section in sections} | {indicator.id for indicator in indicators}
    stray = {test.group for test in tests} - groups
    if stray:
        raise SpecError(f"{path}: tests of {', '.join(sorted(stray))}, which is neither section nor indicator.")
    structural = tuple((item["section"], item["text"]) for item in body.get("structural", ()))
    differences = tuple((item["check"], item["text"]) for item in body.get("differences", ()))
    zero = bool(body.get("not_applicable_scores_zero"))
    return Framework(
        body["framework"], body["name"], float(body["total"]), body["given"], sections, indicators, tests, zero,
        structural, differences, body,
    )  # fmt: skip


def _indicator(item: Mapping[str, Any]) -> Indicator:
    given = {key: value for key, value in item.items() if key != "survey"}
    return Indicator(**given, is_survey=bool(item.get("survey")))


def _test(path: Path, item: Mapping[str, Any]) -> Test:
    known = ("given", "then", "level", "scope", "weight", "note", "sql", "needs", "section", "indicator")
    require(path, item, ("id", "name", "fix"), known)
    body = {key: value for key, value in item.items() if key not in ("section", "indicator")}
    test = Test(**body, group=str(item.get("section") or item.get("indicator") or ""))
    if test.level not in LEVELS or test.scope not in ("current", "every", "any"):
        raise SpecError(f"{path}: test {test.id}: unknown level {test.level!r} or scope {test.scope!r}.")
    return test
