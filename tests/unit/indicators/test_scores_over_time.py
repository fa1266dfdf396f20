"""T02 and T03 are scores: of each year the last one, from the history that every refresh leaves."""

from __future__ import annotations

from datetime import date

from ilo_iati.indicators import compute
from ilo_iati.spec.indicator import load_register
from tests.unit.indicators.conftest import AS_OF
from tests.unit.marts.warehouse import build, empty_warehouse


def test_earlier_years_come_from_the_history():
    empty = empty_warehouse()
    build(empty)
    for framework, score in (("publishing_statistics", 70), ("transparency_index", 40)):
        for day, gain in (("2024-03-01", 0), ("2024-11-30", 5), ("2025-06-30", 9), ("2026-11-20", 99)):
            empty.execute(
                "INSERT INTO mart.readiness_history (as_of_date, framework_code, check_code, score) "
                "VALUES (?, ?, 'total', ?)",
                [day, framework, score + gain],
            )
        empty.execute(
            "INSERT INTO mart.readiness_score (as_of_date, framework_code, check_code, score, status, weight_points, "
            "applicable_count) VALUES (?, ?, 'total', ?, 'scored', 60, 12)",
            [date(2026, 11, 20), framework, score + 10],
        )
    rows = compute(empty, load_register(), AS_OF)["mart.indicator_value"].to_pylist()
    found = {
        name: {row["year"]: row["value"] for row in rows if row["indicator_id"] == name} for name in ("T02", "T03")
    }
    assert found["T02"] == {2024: 75, 2025: 79, 2026: 80}
    assert found["T03"] == {2024: 45, 2025: 49, 2026: 50}
