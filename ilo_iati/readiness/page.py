"""The readiness page: sections and gates written into one static HTML file that needs no network and no script."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ilo_iati.readiness import chart
from ilo_iati.readiness.reading import Row, opened
from ilo_iati.readiness.sections import BASELINE_YEARS, Money, Sections, gather

HERE = Path(__file__).resolve().parent
ADVICE = {
    "publish": "Every gate was evaluated and passed.",
    "waivers": "No gate that stops a publication failed, but a named person has to accept what is listed below.",
    "hold": "At least one gate that stops a publication failed. Work through the failed gates first.",
}
TITLES = {"publish": "Publish", "waivers": "Publish with waivers", "hold": "Hold"}


def render(
    source: duckdb.DuckDBPyConnection | Path | str,
    out: Path,
    as_of: date,
    tables: Mapping[str, pa.Table] | None = None,
) -> Path:
    """Writes the page for the warehouse `source` (connection or database file) to `out` and returns it.

    `tables` are mart.readiness_* fresh from `assess`; without them those of the warehouse are
    shown. The file is written aside and renamed, so a reader never sees half a page.
    Raises WarehouseError.
    """
    with opened(source) as connection:
        text = page(gather(connection, as_of, tables))
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(out)
    return out


def page(sections: Sections) -> str:
    """The whole HTML document."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters.update(number=number, whole=whole, figure=figure, day=day, slug=slug)
    return environment.get_template("page.html").render(
        s=sections,
        verdict=verdict_of(sections.checks),
        titles=TITLES,
        advice=ADVICE,
        css=_own("page.css"),
        script=_own("page.js"),
        charts=_money_charts(sections.money),
        trend=_trend(sections.history),
        trend_names=sorted({row["framework_code"] for row in sections.history}),
        baseline_years=f"{BASELINE_YEARS.start}–{BASELINE_YEARS.stop - 1}",
        illustrative=[item["name"] for item in sections.provenance if item["is_illustrative"]],
        real=[item["name"] for item in sections.provenance if not item["is_illustrative"] and item["rows"]],
        datasets=sorted({name for row in sections.findings for name in row["datasets"] or ()}),
    )


def _own(name: str) -> Markup:
    # Our own file, not input: it must not be escaped.
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704


def verdict_of(checks: list[Row]) -> str:
    """`publish`, `waivers` or `hold` from the rows of mart.readiness_check; no rows at all is `waivers`."""
    if any(row["verdict"] == "fail" and row["is_blocking"] for row in checks):
        return "hold"
    return "publish" if checks and all(row["verdict"] == "pass" for row in checks) else "waivers"


def number(value: Any, digits: int = 1) -> str:
    """1234.56 as `1,234.6`; an empty string for None."""
    return "" if value is None else f"{float(value):,.{digits}f}"


def whole(value: Any) -> str:
    """Integers with thousands separators, other numbers with up to two decimals; an empty string for None."""
    if value is None:
        return ""
    figure = float(value)
    return f"{figure:,.0f}" if figure == int(figure) else f"{figure:,.2f}"


def figure(value: Any) -> str:
    """An indicator's value: from 1,000 without decimals, below with one, below 1 with three; empty for None."""
    if value is None:
        return ""
    size = abs(float(value))
    return number(value, 0 if size >= 1000 else 1 if size >= 1 or size == 0 else 3)


def day(value: Any) -> str:
    """A date as `3 March 2026`; an empty string for None."""
    if not isinstance(value, date | datetime):
        return str(value or "")
    return f"{value.day} {value:%B %Y}"


def slug(value: Any) -> str:
    """A name as a class or anchor: lower case, words joined by hyphens."""
    return "-".join(str(value or "").lower().replace("_", " ").split())


def _money_charts(money: Money | None) -> dict[str, Markup]:
    if money is None:
        return {}
    reference = None
    if money.baseline is not None:
        reference = chart.Reference(money.baseline, f"mean 2012–17: USD {money.baseline:,.1f} million")
    return {kind: _money_chart(money, reference, width, height) for kind, width, height in _SIZES}


_SIZES = (("wide", 992, 340), ("narrow", 358, 260))
"""Two drawings of each chart: letters keep their size on a phone instead of shrinking with the picture."""


def _money_chart(money: Money, reference: chart.Reference | None, width: int, height: int) -> Markup:
    drawn = chart.bars(
        [str(year) for year in money.years],
        money.revenue,
        marks=money.published if any(value is not None for value in money.published) else (),
        reference=reference,
        highlighted=frozenset(str(year) for year in BASELINE_YEARS),
        title="Voluntary contributions a year in USD million; the figures stand in the table below",
        width=width,
        height=height,
    )
    return Markup(drawn)  # noqa: S704 - chart escapes every label


def _trend(history: list[Row]) -> dict[str, Markup]:
    days = sorted({row["as_of_date"] for row in history})
    if len(days) < 2:
        return {}
    totals = {
        (row["framework_code"], row["as_of_date"]): row["score"] for row in history if row["check_code"] == "total"
    }
    names = sorted({framework for framework, _ in totals})
    lines = [(name, [totals.get((name, day)) for day in days]) for name in names]
    labels = [day.isoformat() for day in days]
    return {
        kind: Markup(  # noqa: S704 - chart escapes every label
            chart.series(labels, lines, title="Scores over time", width=w, height=h)
        )
        for kind, w, h in _SIZES
    }
