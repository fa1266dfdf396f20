"""Runs every formula of the register on a warehouse and lays the answers out as the mart.indicator_* tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.errors import WarehouseError
from ilo_iati.indicators.evidence import Evidence, gather
from ilo_iati.indicators.judging import Base, Value, Verdict, baseline_of, is_barred, judge, path_at
from ilo_iati.spec.indicator import Indicator, Target
from ilo_iati.spec.table import Table, load_tables

COLUMNS = ("series", "year", "value", "numerator", "denominator", "n", "coverage_pct", "basis")
"""What every formula answers, in this order; NULL where a column does not apply."""

TABLES = ("definition", "baseline", "target", "value", "status", "evidence")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """Everything computed for one indicator; `bases` by series name, `latest` the headline's last value that counts."""

    indicator: Indicator
    values: tuple[Value, ...]
    bases: Mapping[str, Base]
    latest: Value | None
    verdict: Verdict


def _run(connection: duckdb.DuckDBPyConnection, indicator: Indicator) -> tuple[Value, ...]:
    """Rounded to six decimals, so that the order in which threads add up does not show in the bytes."""
    try:
        cursor = connection.execute(indicator.formula.read_text(encoding="utf-8"))
    except duckdb.Error as error:
        raise WarehouseError(
            f"{indicator.formula}: {str(error).splitlines()[0]}; correct the SELECT or refresh."
        ) from error
    names = tuple(column[0] for column in cursor.description or ())
    if names != COLUMNS:
        raise WarehouseError(f"{indicator.formula}: answers {', '.join(names)}; it must answer {', '.join(COLUMNS)}.")
    known = {one.name for one in indicator.series}
    values = [_value(row) for row in cursor.fetchall() if row[1] is not None]
    unknown = sorted({one.series for one in values} - known)
    if unknown:
        raise WarehouseError(
            f"{indicator.formula}: series {', '.join(unknown)} is not in the register; declare it there."
        )
    return tuple(sorted(values, key=lambda one: (one.series, one.year)))


def _value(row: Sequence[Any]) -> Value:
    series, year, value, above, below, n, coverage, basis = row
    numbers = [None if one is None else round(float(one), 6) + 0.0 for one in (value, above, below, coverage)]
    return Value(
        series, int(year), numbers[0], numbers[1], numbers[2], None if n is None else int(n), numbers[3], basis or ""
    )


def _assess(indicator: Indicator, values: tuple[Value, ...], as_of: date) -> Result:
    """A year counts when it is over; values of a state (period `snapshot`) count as they stand on `as_of`."""
    last = as_of.year if indicator.period == "snapshot" else as_of.year - 1
    seen = tuple(one for one in values if one.year <= as_of.year)
    complete = [one for one in seen if one.year <= last and one.value is not None]
    by_series = {one.name: [v for v in complete if v.series == one.name] for one in indicator.series}
    bases = {name: baseline_of(indicator.baseline, found) for name, found in by_series.items()}
    headline = indicator.headline.name
    latest = max(by_series[headline], key=lambda one: one.year, default=None)
    verdict = judge(
        latest, bases[headline], indicator.baseline, indicator.target, indicator.direction, indicator.breaks
    )
    if verdict.status == "no_data" and latest is None and indicator.no_data_reason:
        verdict = replace(verdict, reason=indicator.no_data_reason)
    return Result(indicator, seen, bases, latest, verdict)


def _definition(result: Result) -> Row:
    one = result.indicator
    notes = "; ".join(
        f"{b.series} {b.first_year}-{'' if b.last_year == 9999 else b.last_year}: {b.note}" for b in one.breaks
    )
    return {
        "indicator_id": one.id, "indicator_name": one.name, "definition": one.definition, "unit": one.unit,
        "direction": one.direction, "basis": one.basis, "formula": f"warehouse/marts/indicators/{one.formula.name}",
        "headline_series": one.headline.name, "series": ", ".join(s.name for s in one.series),
        "baseline_first_year": one.baseline.first_year, "baseline_last_year": one.baseline.last_year,
        "baseline_minimum_years": one.baseline.minimum_years, "baseline_method": one.baseline.method,
        "paragraphs": ", ".join(one.paragraphs), "deliverable": one.deliverable, "breaks": notes,
    }  # fmt: skip


def _baseline(result: Result, evidence: Mapping[tuple[str, ...], Evidence]) -> Row:
    one, rule = result.indicator, result.indicator.baseline
    base = result.bases[one.headline.name]
    used = [v for v in result.values if v.series == one.headline.name and rule.first_year <= v.year <= rule.last_year]
    covered = [v.coverage_pct for v in used if v.coverage_pct is not None]
    return {
        "indicator_id": one.id, "series": one.headline.name, "first_year": rule.first_year, "last_year": rule.last_year,
        "years_needed": rule.minimum_years, "years_found": base.years_found, "baseline_method": rule.method,
        "baseline_value": base.value, "unit": one.headline.unit, "baseline_status": base.status,
        "coverage_pct": round(min(covered), 6) if covered else None,
        "basis": ", ".join(sorted({v.basis for v in used if v.basis})),
        "snapshot_set": evidence[one.headline.inputs].snapshot_set,
        "is_illustrative": evidence[one.headline.inputs].is_illustrative,
    }  # fmt: skip


def _target(result: Result) -> list[Row]:
    target = result.indicator.target
    if target is None:
        return []
    return [{
        "indicator_id": result.indicator.id, "target_value": target.value, "target_year": target.year,
        "unit": result.indicator.headline.unit, "path": target.path, "source": target.source,
        "target_status": target.status, "approver": target.approver or None,
    }]  # fmt: skip


def _path(result: Result, value: Value) -> float | None:
    one = result.indicator
    base = result.bases[one.headline.name].value
    if value.series != one.headline.name or one.target is None:
        return None
    path = path_at(base, one.baseline.last_year, one.target, value.year)
    return None if path is None else round(path, 6)


def _values(result: Result, as_of: date, evidence: Mapping[tuple[str, ...], Evidence]) -> list[Row]:
    one = result.indicator
    series = {s.name: s for s in one.series}
    rows = []
    for value in result.values:
        notes = [b.note for b in one.breaks if b.series == value.series and b.covers(value.year)]
        source = evidence[series[value.series].inputs]
        rows.append({
            "indicator_id": one.id, "series": value.series, "year": value.year, "value": value.value,
            "unit": series[value.series].unit, "numerator": value.numerator, "denominator": value.denominator,
            "n": value.n, "coverage_pct": value.coverage_pct, "basis": value.basis,
            "is_headline": value.series == one.headline.name,
            "is_complete": one.period == "snapshot" or value.year < as_of.year,
            "is_comparable": is_barred(one.breaks, value.series, value.year, one.baseline) is None,
            "note": "; ".join(notes) or None, "path_value": _path(result, value),
            "snapshot_set": source.snapshot_set, "is_illustrative": source.is_illustrative,
        })  # fmt: skip
    return rows


def _status(result: Result, as_of: date, evidence: Mapping[tuple[str, ...], Evidence]) -> Row:
    one, latest, verdict = result.indicator, result.latest, result.verdict
    base = result.bases[one.headline.name]
    source, target = evidence[one.headline.inputs], one.target
    actual = latest.value if latest else None
    change = None if not base.value or actual is None else round(100 * (actual / base.value - 1), 6)
    return {
        "indicator_id": one.id, "indicator_name": one.name, "unit": one.headline.unit, "direction": one.direction,
        "as_of_date": as_of, "status": verdict.status, "reason": verdict.reason, "series": one.headline.name,
        "baseline_value": base.value, "baseline_status": base.status,
        "target_value": target.value if target else None, "target_year": target.year if target else None,
        "target_status": target.status if target else None, "actual_value": actual,
        "actual_year": latest.year if latest else None, "change_pct": change, "path_value": verdict.path_value,
        "path_ratio": verdict.ratio, "n": latest.n if latest else None,
        "coverage_pct": latest.coverage_pct if latest else None, "basis": latest.basis if latest else one.basis,
        "snapshot_set": source.snapshot_set, "is_illustrative": source.is_illustrative,
    }  # fmt: skip


def compute(
    connection: duckdb.DuckDBPyConnection,
    register: Iterable[Indicator],
    as_of: date,
    targets: Mapping[str, Target] | None = None,
) -> dict[str, pa.Table]:
    """The mart.indicator_* tables by name, typed as declared; `connection` is only read.

    `as_of` decides which years are over; `targets` (by indicator id) stand in for those of the register without
    touching it. The same warehouse, register and date give the same tables. Raises WarehouseError when a formula fails.
    """
    chosen = [replace(one, target=targets[one.id]) if targets and one.id in targets else one for one in register]
    evidence = gather(connection, {series.inputs for one in chosen for series in one.series})
    results = [_assess(one, _run(connection, one), as_of) for one in chosen]
    rows: dict[str, list[Row]] = {
        "definition": [_definition(one) for one in results],
        "baseline": [_baseline(one, evidence) for one in results],
        "target": [row for one in results for row in _target(one)],
        "value": [row for one in results for row in _values(one, as_of, evidence)],
        "status": [_status(one, as_of, evidence) for one in results],
        "evidence": sorted(
            {tuple(row.items()): row for found in evidence.values() for row in found.rows()}.values(),
            key=lambda row: (row["snapshot_set"], row["dataset"], row["sha256"]),
        ),
    }
    specs = load_tables()
    return {f"mart.indicator_{name}": _typed(specs[f"mart.indicator_{name}"], rows[name]) for name in TABLES}


TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(), "INTEGER": pa.int32(), "BIGINT": pa.int64(), "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(), "DATE": pa.date32(),
}  # fmt: skip


def _typed(spec: Table, rows: Sequence[Row]) -> pa.Table:
    """Columns in the declared order; a key too many or too few is our own error and shows as KeyError."""
    columns = [column.name for column in spec.columns]
    for row in rows:
        if set(row) != set(columns):
            raise KeyError(f"{spec.name}: computed {sorted(set(row) ^ set(columns))} otherwise than declared")
    fields = [pa.field(column.name, TYPES[column.type]) for column in spec.columns]
    return pa.Table.from_arrays(
        [pa.array([row[field.name] for row in rows], type=field.type) for field in fields], schema=pa.schema(fields)
    )


def store(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Writes the computed tables into a warehouse open for writing, in place of what stood there."""
    for name, table in tables.items():
        connection.register("computed", table)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM computed LIMIT 0")
        connection.execute(f"DELETE FROM {name}")
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM computed")
        connection.unregister("computed")
