"""Gates: what must hold before a publication, declared in schemas/readiness/gates.yml and decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.errors import SpecError
from ilo_iati.paths import SCHEMAS
from ilo_iati.readiness.reading import scalar
from ilo_iati.spec.reading import read_yaml, require

READINESS = SCHEMAS / "readiness"
SECTIONS = ("changes", "findings", "reconciliation")
"""Sections of the page that show what a gate found."""


class Verdict(StrEnum):
    """What a gate, or the whole set of gates, comes to."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    WAIVED = "waived"
    NOT_EVALUATED = "not_evaluated"


class Decision(StrEnum):
    """The advice on top of the page."""

    PUBLISH = "publish"
    WAIVERS = "publish with waivers"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: the number `sql` gives must not exceed `at_most`. `holds`: failing stops publication."""

    id: str
    name: str
    needs: tuple[str, ...]
    sql: str
    at_most: float
    unit: str
    holds: bool
    why: str
    fix: str
    look_at: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failing gate that `approved_by` has accepted: to the day `until`, itself included, and to the value `up_to`."""

    gate: str
    until: date
    approved_by: str
    why: str
    up_to: float | None = None


@dataclass(frozen=True, slots=True)
class GateSet:
    """The gates in the order the page shows them, and the waivers in force or lapsed."""

    gates: tuple[Gate, ...]
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A gate decided: `value` is None where it could not be evaluated; `detail` then says why not."""

    gate: Gate
    verdict: Verdict
    value: float | None
    detail: str


def load_gates(folder: Path = READINESS) -> GateSet:
    """The gates and waivers declared in `folder`. Raises SpecError naming the file and what to correct."""
    path = folder / "gates.yml"
    document = read_yaml(path)
    require(path, document, ("gates",), ())
    gates = tuple(_gate(path, body) for body in document["gates"])
    return GateSet(gates, _waivers(folder / "waivers.yml", {gate.id for gate in gates}))


def _gate(path: Path, body: Mapping[str, Any]) -> Gate:
    require(path, body, ("id", "name", "needs", "sql", "unit", "on_fail", "why", "fix"), ("at_most", "look_at"))
    if body["on_fail"] not in ("hold", "waive"):
        raise SpecError(f"{path}: gate {body['id']}: on_fail is {body['on_fail']!r}; write hold or waive.")
    if not isinstance(body.get("at_most"), int | float):
        raise SpecError(f"{path}: gate {body['id']}: at_most must be a number.")
    look_at = body.get("look_at", "findings")
    if look_at not in SECTIONS:
        raise SpecError(f"{path}: gate {body['id']}: look_at is {look_at!r}; write one of {', '.join(SECTIONS)}.")
    return Gate(
        str(body["id"]),
        body["name"],
        tuple(body["needs"]),
        body["sql"],
        float(body["at_most"]),
        body["unit"],
        body["on_fail"] == "hold",
        body["why"],
        body["fix"],
        look_at,
    )


def _waivers(path: Path, known: set[str]) -> tuple[Waiver, ...]:
    found = []
    for body in read_yaml(path)["waivers"] or ():
        require(path, body, ("gate", "until", "approved_by", "why"), ("up_to",))
        if body["gate"] not in known:
            raise SpecError(f"{path}: waiver for {body['gate']}, which is no gate; see gates.yml.")
        if not isinstance(body["until"], date):
            raise SpecError(f"{path}: waiver for {body['gate']}: until must be a date such as 2027-03-31.")
        up_to = body.get("up_to")
        if not isinstance(up_to, int | float | None):
            raise SpecError(f"{path}: waiver for {body['gate']}: up_to must be a number, or be left out.")
        found.append(Waiver(body["gate"], body["until"], body["approved_by"], body["why"], up_to))
    return tuple(found)


def check_gates(
    connection: duckdb.DuckDBPyConnection,
    gates: GateSet,
    relations: set[str],
    as_of: date,
    kept: Mapping[str, float] | None = None,
) -> list[Check]:
    """Each gate decided over the data `connection` holds; `relations` are the tables in reach (see `prepare`).

    `kept`: values found earlier, for gates that compare with a published version where none is in reach.
    """
    return [
        _check(connection, gate, relations, [w for w in gates.waivers if w.gate == gate.id], as_of, kept or {})
        for gate in gates.gates
    ]


def _check(
    connection: duckdb.DuckDBPyConnection,
    gate: Gate,
    relations: set[str],
    waivers: Sequence[Waiver],
    as_of: date,
    kept: Mapping[str, float],
) -> Check:
    missing = [name for name in gate.needs if name not in relations]
    if missing and gate.id in kept and all(name.startswith("published.") for name in missing):
        return _judged(gate, kept[gate.id], waivers, as_of)
    if missing:
        return Check(gate, Verdict.NOT_EVALUATED, None, _absent(missing))
    try:
        value = scalar(connection, gate.sql)
    except duckdb.Error as error:
        return Check(
            gate, Verdict.NOT_EVALUATED, None, f"the question could not be asked: {str(error).splitlines()[0]}"
        )
    if value is None:
        return Check(gate, Verdict.NOT_EVALUATED, None, "there is nothing to compare")
    return _judged(gate, float(value), waivers, as_of)


def _judged(gate: Gate, value: float, waivers: Sequence[Waiver], as_of: date) -> Check:
    if value <= gate.at_most:
        return Check(gate, Verdict.PASS, value, "")
    in_force = [waiver for waiver in waivers if as_of <= waiver.until]
    for waiver in in_force:
        if waiver.up_to is None or value <= waiver.up_to:
            accepted = f"{waiver.why} ({waiver.approved_by}, until {waiver.until})"
            return Check(gate, Verdict.WAIVED, value, accepted)
    if in_force:
        widest = max(in_force, key=lambda waiver: waiver.up_to or 0)
        return Check(gate, Verdict.FAIL, value, f"the waiver of {widest.approved_by} covers up to {widest.up_to:g}")
    newest = max(waivers, key=lambda waiver: waiver.until, default=None)
    lapsed = f"the waiver of {newest.approved_by} lapsed on {newest.until}" if newest else ""
    return Check(gate, Verdict.FAIL, value, lapsed)


def _absent(missing: Sequence[str]) -> str:
    if any(name.startswith("published.") for name in missing):
        return "no published version to compare with"
    return "needs " + ", ".join(name.removeprefix("readiness_") for name in missing)


def decide(checks: Sequence[Check]) -> Decision:
    """The advice the checks come to: one failing gate that holds is enough to hold.

    A gate that could not be evaluated is no pass: someone has to accept that nobody looked.
    """
    if any(check.verdict is Verdict.FAIL and check.gate.holds for check in checks):
        return Decision.HOLD
    if all(check.verdict is Verdict.PASS for check in checks):
        return Decision.PUBLISH
    return Decision.WAIVERS
