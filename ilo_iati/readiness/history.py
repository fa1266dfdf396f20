"""The scores of every run so far: precious, append-only, one JSON line a day in the home's history folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ilo_iati.errors import SnapshotError
from ilo_iati.readiness.reading import relations, rows, scalar
from ilo_iati.readiness.scoring import Score
from ilo_iati.readiness.timeliness import Observation

FILE = "readiness.jsonl"
FINDINGS = "findings"
"""Stands for a framework where a row counts the findings of a rule: since when a rule is broken is a score as well."""
LATEST = (
    "SELECT max(day) FROM (SELECT coalesce(transaction_date, value_date) AS day FROM core.iati_transaction) "
    "WHERE day <= as_of()"
)
"""The newest transaction date (the value date where there is none) that is not in the future."""


def read_history(folder: Path | None) -> list[dict[str, Any]]:
    """Rows of mart.readiness_history kept in `folder`; the newest line of a day wins. Raises SnapshotError."""
    path = folder / FILE if folder else None
    if path is None or not path.exists():
        return []
    days: dict[str, list[dict[str, Any]]] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except ValueError:
            if number == len(lines):  # a run was killed while writing; the line before it is whole
                continue
            raise SnapshotError(f"{path}, line {number}: not readable; restore the file from a backup.") from None
        days[entry["as_of_date"]] = [{**row, "as_of_date": entry["as_of_date"]} for row in entry["rows"]]
    return [_typed(row) for day in sorted(days) for row in days[day]]


def append_history(folder: Path, as_of: date, rows: Iterable[Mapping[str, Any]]) -> None:
    """Adds the rows of one day (mart.readiness_history without the date) as one line, flushed to disk.

    The same content twice is written once, so a repeated run leaves no trace.
    """
    plain = [{key: value for key, value in row.items() if key != "as_of_date"} for row in rows]
    kept = [row for row in read_history(folder) if row["as_of_date"] == as_of]
    fresh = [_typed({**row, "as_of_date": as_of.isoformat()}) for row in json.loads(json.dumps(plain, default=str))]
    if kept == fresh:
        return
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"as_of_date": as_of.isoformat(), "rows": plain}, default=str)
    with (folder / FILE).open("a+", encoding="utf-8") as stream:
        stream.write(("\n" if _is_torn(folder / FILE) else "") + line + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _is_torn(path: Path) -> bool:
    """True where the last line has no end: then a new one must not be glued to it."""
    size = path.stat().st_size
    if not size:
        return False
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) != b"\n"


def with_today(
    connection: duckdb.DuckDBPyConnection,
    kept: Sequence[Mapping[str, Any]],
    lines: Sequence[tuple[str, Score]],
    as_of: date,
) -> list[dict[str, Any]]:
    """Rows of mart.readiness_history: those kept of other days, then the scores and the findings by rule of `as_of`."""
    present = relations(connection)
    day = {"as_of_date": as_of, "latest_transaction_date": scalar(connection, LATEST) if lines else None}
    if "audit.snapshot" in present:
        checksums = "SELECT sha256(string_agg(sha256, '' ORDER BY dataset)) FROM audit.snapshot WHERE is_current"
        day["data_sha256"] = scalar(connection, checksums)
    scored = [
        {**day, "framework_code": framework, "check_code": score.check, "score": score.score, "points": score.points}
        for framework, score in lines
    ]
    counted = _findings(connection) if "readiness_finding" in present else []
    earlier = [dict(row) for row in kept if row["as_of_date"] != as_of]
    return earlier + scored + [{**day, "framework_code": FINDINGS, **row} for row in counted]


def _findings(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return rows(
        connection,
        "SELECT rule_id || ' ' || severity AS check_code, count(*)::DOUBLE AS score FROM readiness_finding "
        "GROUP BY rule_id, severity ORDER BY 1",
    )


def seen_since(history: Iterable[Mapping[str, Any]]) -> dict[str, date]:
    """By rule and severity the day from which it was broken on every day kept up to the newest."""
    days = sorted({row["as_of_date"] for row in history if row["framework_code"] == FINDINGS}, reverse=True)
    broken = {(row["as_of_date"], row["check_code"]) for row in history if row["framework_code"] == FINDINGS}
    since: dict[str, date] = {}
    for code in {code for day, code in broken if days and day == days[0]}:
        for day in days:
            if (day, code) not in broken:
                break
            since[code] = day
    return since


def observations(history: Iterable[Mapping[str, Any]]) -> list[Observation]:
    """Day and latest transaction date of each run kept, for the frequency grade."""
    seen = {row["as_of_date"]: row["latest_transaction_date"] for row in history if row.get("latest_transaction_date")}
    return sorted(seen.items())


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _date(value) if key.endswith("_date") else value for key, value in row.items()}


def _date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value
