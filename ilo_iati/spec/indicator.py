"""schemas/indicators.yml into frozen objects: what is measured, and which baseline and target it is read against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ilo_iati.errors import SpecError, UsageError
from ilo_iati.paths import MARTS, SCHEMAS
from ilo_iati.spec.reading import read_yaml, require

REGISTER = SCHEMAS / "indicators.yml"
FORMULAS = MARTS / "indicators"
DIRECTIONS = ("up", "down", "monitored")
PATHS = ("linear", "step")
TARGET_STATUSES = ("verified", "unverified", "what_if")
METHODS = ("mean", "ratio")
PERIODS = ("year", "snapshot")


@dataclass(frozen=True, slots=True)
class Series:
    """One way of measuring an indicator. `inputs` are names of sources, whose snapshots are the evidence.

    `rows` is the SELECT that lists the rows a figure of this series is made from; None where none is named.
    """

    name: str
    label: str
    unit: str
    inputs: tuple[str, ...]
    rows: Path | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """Years both included; `method` mean of the yearly values, or ratio of the sums of numerators and denominators."""

    first_year: int
    last_year: int
    minimum_years: int
    method: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """`value` in the indicator's unit by the end of `year`; reached on a line from the baseline, or in one step."""

    value: float
    year: int
    path: str
    source: str
    status: str
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """Years of a series that are measured otherwise; `is_comparable` False bars them from status, else a note only."""

    series: str
    first_year: int
    last_year: int
    is_comparable: bool
    note: str

    def covers(self, year: int) -> bool:
        return self.first_year <= year <= self.last_year


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of the register; baseline, target and status follow the first of `series`, the headline."""

    id: str
    name: str
    definition: str
    unit: str
    direction: str
    basis: str
    paragraphs: tuple[str, ...]
    deliverable: str
    series: tuple[Series, ...]
    baseline: Baseline
    target: Target | None
    breaks: tuple[Break, ...]
    period: str
    formula: Path
    no_data_reason: str

    @property
    def headline(self) -> Series:
        return self.series[0]


def _series(path: Path, formulas: Path, unit: str, body: Any) -> tuple[Series, ...]:
    found = []
    for name, part in body.items():
        require(path, part, ("label", "inputs"), ("unit", "rows"))
        rows = formulas / "rows" / f"{part['rows']}.sql" if "rows" in part else None
        if rows is not None and not rows.exists():
            raise SpecError(f"{path}: series {name} lists rows by {part['rows']}; write {rows.name} in {rows.parent}.")
        found.append(Series(name, part["label"], part.get("unit", unit), tuple(part["inputs"]), rows))
    return tuple(found)


def _baseline(path: Path, body: Mapping[str, Any]) -> Baseline:
    require(path, body, (), ("window", "minimum_years", "method", "why"))
    first, last = body.get("window", (2012, 2017))
    method = body.get("method", "mean")
    _choose(path, "baseline method", method, METHODS)
    needed = body.get("minimum_years", 4)
    if not 1 <= needed <= last - first + 1:
        raise SpecError(f"{path}: {needed} baseline years of {first} to {last} cannot be had; correct minimum_years.")
    return Baseline(first, last, needed, method, body.get("why", ""))


def _target(path: Path, body: Mapping[str, Any] | None) -> Target | None:
    if body is None:
        return None
    require(path, body, ("value", "year", "source", "status"), ("path", "approver"))
    course = body.get("path", "linear")
    _choose(path, "target path", course, PATHS)
    _choose(path, "target status", body["status"], TARGET_STATUSES[:2])
    if body["status"] == "verified" and not body.get("approver"):
        raise SpecError(f"{path}: a verified target names its approver; add one, or call it unverified.")
    return Target(
        float(body["value"]), int(body["year"]), course, body["source"], body["status"], body.get("approver", "")
    )


def _break(path: Path, names: set[str], body: Any) -> Break:
    require(path, body, ("series", "first_year", "note"), ("last_year", "comparable"))
    if body["series"] not in names:
        raise SpecError(f"{path}: a break names series {body['series']}, which the indicator has not.")
    last = body.get("last_year", 9999)
    return Break(body["series"], body["first_year"], last, bool(body.get("comparable", False)), body["note"])


def _choose(path: Path, what: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SpecError(f"{path}: {what} {value!r}; choose one of {', '.join(allowed)}.")


NEEDED = ("id", "name", "definition", "unit", "direction", "basis", "paragraphs", "series")
KNOWN = ("deliverable", "baseline", "target", "breaks", "period", "no_data_reason")


def _indicator(path: Path, formulas: Path, body: Any) -> Indicator:
    require(path, body, NEEDED, KNOWN)
    _choose(path, f"{body['id']}: direction", body["direction"], DIRECTIONS)
    period = body.get("period", "year")
    _choose(path, f"{body['id']}: period", period, PERIODS)
    formula = formulas / f"{body['id']}.sql"
    if not formula.exists():
        raise SpecError(f"{path}: {body['id']} has no SELECT; write {formula.name} in {formulas}.")
    series = _series(path, formulas, body["unit"], body["series"])
    breaks = tuple(_break(path, {one.name for one in series}, item) for item in body.get("breaks", ()))
    return Indicator(
        id=body["id"],
        name=body["name"],
        definition=" ".join(str(body["definition"]).split()),
        unit=body["unit"],
        direction=body["direction"],
        basis=" ".join(str(body["basis"]).split()),
        paragraphs=tuple(str(one) for one in body["paragraphs"]),
        deliverable=body.get("deliverable", ""),
        series=series,
        baseline=_baseline(path, body.get("baseline") or {}),
        target=_target(path, body.get("target")),
        breaks=breaks,
        period=period,
        formula=formula,
        no_data_reason=" ".join(str(body.get("no_data_reason", "")).split()),
    )


def load_register(path: Path = REGISTER, formulas: Path = FORMULAS) -> tuple[Indicator, ...]:
    """Every indicator in the order of the register; `formulas` holds one `<id>.sql` each. Raises SpecError."""
    document = read_yaml(path)
    require(path, document, ("indicators",), ())
    found = tuple(_indicator(path, formulas, body) for body in document["indicators"])
    names = [one.id for one in found]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SpecError(f"{path}: {', '.join(repeated)} stands there twice; keep one of them.")
    return found


def parse_what_if(text: str, register: tuple[Indicator, ...]) -> tuple[str, Target]:
    """`F05=15@2030` as the indicator's id and a target under discussion. Raises UsageError."""
    match = re.fullmatch(r"\s*(\w+)\s*=\s*(-?\d+(?:\.\d+)?)\s*@\s*(\d{4})\s*", text)
    if match is None:
        raise UsageError(f"--target {text}: write it as ID=VALUE@YEAR, for example F05=15@2030.")
    known = {one.id for one in register}
    if match[1] not in known:
        raise UsageError(f"--target {text}: no indicator {match[1]}; choose one of {', '.join(sorted(known))}.")
    if not date.min.year < int(match[3]) < 2200:
        raise UsageError(f"--target {text}: {match[3]} is no year a target can be set for.")
    return match[1], Target(float(match[2]), int(match[3]), "linear", "tried on the command line", "what_if")
