"""The timeliness grades as rows and alarms: what each is, when it falls, and by when to publish."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ilo_iati.findings import Finding, Severity
from ilo_iati.readiness.timeliness import FREQUENCIES, LAGS, Fall, Month, Timeliness, full_months

WARNED_DAYS = 92
"""A quarter: the ILO's declared rhythm, so that one publication lies between the alarm and the loss."""


def grade_rows(found: Timeliness | None, as_of: date) -> list[dict[str, Any]]:
    """Rows of mart.readiness_timeliness; none where nothing was scored."""
    if found is None:
        return []
    return [
        _row(
            "frequency", "Frequency", found.frequency, FREQUENCIES, found.frequency_falls, found.updates, found, as_of
        ),
        _row("time_lag", "Time lag", found.time_lag, LAGS, found.time_lag_falls, found.transactions, found, as_of),
    ]


def _row(
    code: str,
    name: str,
    grade: str,
    grades: Sequence[str],
    falls: Fall | None,
    months: Collection[Month],
    found: Timeliness,
    as_of: date,
) -> dict[str, Any]:
    held = [month for month in full_months(as_of) if month in months]
    last = falls[0] - timedelta(days=1) if falls else None
    return {
        "grade_code": code,
        "grade_name": name,
        "grade": grade,
        "points": len(grades) - 1 - grades.index(grade),
        "basis": found.basis if code == "frequency" else "observed",
        "month_count": len(held),
        "months": ", ".join(f"{year}-{month + 1:02d}" for year, month in held) or None,
        "falls_on_date": falls[0] if falls else None,
        "falls_to": falls[1] if falls else None,
        "publish_by_date": last,
        "alarm": _alarm(name, grade, falls, last) if falls and (falls[0] - as_of).days <= WARNED_DAYS else None,
        "as_of_date": as_of,
    }


def _alarm(name: str, grade: str, falls: Fall, last: date | None) -> str:
    return (
        f"The {name.lower()} grade {grade} falls to {falls[1]} on {falls[0]} "
        f"unless newer transactions are published by {last}."
    )


def alarms(rows: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """A finding for each grade that is about to be lost."""
    return [
        Finding(
            "readiness.grade_at_risk",
            Severity.WARNING,
            row["alarm"],
            f"Publish the transactions of the last full month by {row['publish_by_date']}.",
            category="timeliness",
            value=row["grade"],
        )
        for row in rows
        if row["alarm"]
    ]
