"""From a figure back to the rows it is made from: dataset, snapshot, line, and the id that `ilo-iati trace` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from ilo_iati.errors import UsageError, WarehouseError
from ilo_iati.spec.indicator import Indicator, Series

COLUMNS = ("year", "dataset", "snapshot_sha256", "source_line", "trace_id", "label", "amount_usd")
"""What every SELECT of rows answers; `trace_id` is NULL where the row stands in no IATI file."""


def parse_figure(text: str, register: Sequence[Indicator]) -> tuple[Indicator, Series, tuple[int, ...]]:
    """`F05/ceb/2024`, `F05/2024` for the headline series, `F05/baseline` for the years of its baseline window.

    Raises UsageError saying what there is.
    """
    name, *rest = text.strip().split("/")
    one = next((one for one in register if one.id == name), None)
    if one is None:
        known = ", ".join(sorted(one.id for one in register))
        raise UsageError(f"{text}: no indicator {name}; choose one of {known}.")
    wanted = rest[0] if len(rest) == 2 else one.headline.name
    series = next((series for series in one.series if series.name == wanted), None)
    if series is None:
        raise UsageError(f"{text}: {name} has no series {wanted}; it has {', '.join(s.name for s in one.series)}.")
    if rest[-1:] == ["baseline"]:
        return one, series, tuple(range(one.baseline.first_year, one.baseline.last_year + 1))
    if not 1 <= len(rest) <= 2 or not rest[-1].isdigit():
        raise UsageError(f"{text}: write it as ID/SERIES/YEAR, for example F05/ceb/2024, or F05/baseline.")
    return one, series, (int(rest[-1]),)


def rows_behind(connection: duckdb.DuckDBPyConnection, series: Series, year: int) -> list[Mapping[str, Any]]:
    """The rows the figure of `series` in `year` is made from, numerator and denominator alike, in a fixed order.

    Raises UsageError where the register names no rows for the series, WarehouseError where its SELECT fails.
    """
    if series.rows is None:
        raise UsageError(f"Series {series.name} names no rows; give it `rows:` in the register and a SELECT.")
    query = series.rows.read_text(encoding="utf-8")
    given = {"year": year, "series": series.name}
    try:
        cursor = connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM ({query}) ORDER BY ALL",
            {name: value for name, value in given.items() if f"${name}" in query},
        )
    except duckdb.Error as error:
        raise WarehouseError(f"{series.rows}: {str(error).splitlines()[0]}; correct the SELECT or refresh.") from error
    return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
