"""What the page and the workbook show: the computed tables joined with the register into one card an indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_lowercase
from typing import Any

import duckdb
import pyarrow as pa

from ilo_iati.indicators.chart import Mark, Plot, Point, draw, figure
from ilo_iati.indicators.judging import path_at
from ilo_iati.spec.indicator import Indicator, Series, Target
from ilo_iati.spec.table import load_tables

AREAS = {
    "F": "Funding", "D": "Contributors", "O": "Official development assistance", "S": "Spending", "R": "Results",
    "T": "Transparency",
}  # fmt: skip
"""By the first letter of an indicator's id; any other letter is shown under `OTHER`."""
OTHER = "Further indicators"
OTHERS_DRAWN = 2
"""Further series drawn beside the headline; with more, lines can no longer be told apart in a small chart."""
RESULTS = "mart.result_summary"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """One indicator as shown; `values` by series in the order of the register, `drawn` the series in the chart."""

    indicator: Indicator
    area: str
    status: Row
    baseline: Row
    target: Row | None
    values: Sequence[tuple[Series, Sequence[Row]]]
    chart: str
    words: str
    marks: Sequence[tuple[str, str, str]]
    drawn: Sequence[Series]


@dataclass(frozen=True, slots=True)
class Paper:
    """All of it: cards, the snapshots behind them, results published in IATI, and the tables themselves by name."""

    as_of: date
    cards: Sequence[Card]
    sources: Sequence[Row]
    evidence: Sequence[Row]
    results: Sequence[Row]
    tables: Mapping[str, pa.Table]

    @property
    def tried(self) -> list[Card]:
        """Cards whose target is only tried, not registered."""
        return [card for card in self.cards if card.target and card.target["target_status"] == "what_if"]

    def areas(self) -> dict[str, list[Card]]:
        """Cards by area, in the order of the register."""
        found: dict[str, list[Card]] = {}
        for card in self.cards:
            found.setdefault(card.area, []).append(card)
        return found


def compose(
    connection: duckdb.DuckDBPyConnection, register: Sequence[Indicator], tables: Mapping[str, pa.Table], as_of: date
) -> Paper:
    """Joins `tables` (from `compute`, for the same register and date) with what the warehouse says of its sources."""
    rows = {name.removeprefix("mart.indicator_"): table.to_pylist() for name, table in tables.items()}
    return Paper(
        as_of,
        [_card(one, rows) for one in register],
        _rows(connection, SOURCES),
        rows["evidence"],
        _rows(connection, BIENNIA),
        {**tables, RESULTS: _results(connection)},
    )


SOURCES = """
    SELECT source, count(DISTINCT dataset) AS datasets, bool_or(is_illustrative) AS is_illustrative,
        CAST(min(fetched_at) AS DATE) AS first_date, CAST(max(fetched_at) AS DATE) AS last_date
    FROM audit.snapshot WHERE is_current AND sha256 IS NOT NULL GROUP BY source ORDER BY source
"""
BIENNIA = """
    SELECT publisher_ref, biennium_start, sum(activity_count) AS activities, sum(indicator_count) AS indicators,
        sum(indicator_with_baseline_count) AS with_baseline, sum(indicator_with_target_count) AS with_target,
        sum(indicator_with_actual_count) AS with_actual, sum(qualitative_count) AS qualitative,
        sum(compared_count) AS compared, sum(met_count) AS met
    FROM mart.result_summary GROUP BY ALL ORDER BY ALL
"""


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _results(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The summary in one order: a table's own order is not kept from build to build."""
    columns = ", ".join(column.name for column in load_tables()[RESULTS].columns)
    return connection.sql(f"SELECT {columns} FROM {RESULTS} ORDER BY ALL").to_arrow_table()


def _card(one: Indicator, rows: Mapping[str, Sequence[Row]]) -> Card:
    def mine(table: str) -> list[Row]:
        return [row for row in rows[table] if row["indicator_id"] == one.id]

    values = [(series, [row for row in mine("value") if row["series"] == series.name]) for series in one.series]
    status, base = mine("status")[0], mine("baseline")[0]
    target = next(iter(mine("target")), None)
    marks = [
        Mark(letter, found.first_year, found.last_year)
        for letter, found in zip(ascii_lowercase, _own_breaks(one), strict=False)
    ]
    notes = [
        (mark.letter, _years(found.first_year, found.last_year), found.note)
        for mark, found in zip(marks, _own_breaks(one), strict=True)
    ]
    beside = [s for s, found in values[1:] if found and s.unit == one.headline.unit]
    drawn = beside if len(beside) <= OTHERS_DRAWN else []
    words = _words(status, base)
    area = AREAS.get(one.id[:1], OTHER)
    chart = _chart(one, values, drawn, base, target, marks, words) if values[0][1] else ""
    return Card(one, area, status, base, target, values, chart, words, notes, drawn)


def _own_breaks(one: Indicator) -> list[Any]:
    """Breaks of the headline: they stand in the chart; those of other series stand beside their figures."""
    return [found for found in one.breaks if found.series == one.headline.name]


def _years(first: int, last: int) -> str:
    return f"{first} on" if last == 9999 else str(first) if first == last else f"{first}–{last}"


def _chart(
    one: Indicator, values: Sequence[tuple[Series, Sequence[Row]]], drawn: Sequence[Series], base: Row,
    target: Row | None, marks: Sequence[Mark], words: str,
) -> str:  # fmt: skip
    others = [[p for p in _points(found) if p.is_over] for series, found in values[1:] if series in drawn]
    actuals = _points(values[0][1])
    last = max([point.year for point in actuals] + [target["target_year"]] if target else [0])
    return draw(
        Plot(
            name=f"{one.id} {one.name}, {one.headline.unit}",
            words=words,
            actuals=actuals,
            others=others,
            window=(base["first_year"], base["last_year"]),
            baseline=base["baseline_value"],
            path=_path(base, target, last),
            target=(target["target_year"], target["target_value"]) if target else None,
            marks=marks,
        )
    )


def _points(found: Sequence[Row]) -> list[Point]:
    return [
        Point(row["year"], row["value"], row["is_complete"], row["is_comparable"])
        for row in found
        if row["value"] is not None
    ]


def _path(base: Row, target: Row | None, last: int) -> list[tuple[float, float]]:
    """From the end of the baseline to the target, a step with its riser, and level from there on."""
    if target is None:
        return []
    aim = Target(target["target_value"], target["target_year"], target["path"], "", "")
    start, value = base["last_year"], base["baseline_value"]
    years = [float(year) for year in range(start, last + 1)]
    path = [(year, at) for year in years if (at := path_at(value, start, aim, int(year))) is not None]
    if target["path"] == "step" and value is not None and aim.year > start:
        path = sorted({*path, (float(aim.year), value)}, key=lambda point: (point[0], point[1] == aim.value))
    return path


def _words(status: Row, base: Row) -> str:
    """The picture in a sentence or three, for those who do not see it."""
    window = _years(base["first_year"], base["last_year"])
    parts = [
        f"Baseline {window}: {figure(base['baseline_value'])}."
        if base["baseline_value"] is not None
        else f"No baseline: {base['years_found']} of {base['years_needed']} years needed in {window}."
    ]
    if status["actual_value"] is not None:
        parts.append(f"Latest: {figure(status['actual_value'])} in {status['actual_year']}.")
    if status["target_value"] is not None:
        standing = status["target_status"].replace("_", " ")
        parts.append(f"Target: {figure(status['target_value'])} in {status['target_year']} ({standing}).")
    if status["path_value"] is not None:
        parts.append(f"The path asks for {figure(status['path_value'])} in {status['actual_year']}.")
    return " ".join([*parts, f"Status: {status['status'].replace('_', ' ')}."])
