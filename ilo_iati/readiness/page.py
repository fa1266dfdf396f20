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
from ilo_iati.readiness.frameworks import (
    FRAMEWORKS,
    PUBLISHING,
    STANDARDS,
    TRANSPARENCY,
    Framework,
    load_framework,
)
from ilo_iati.readiness.gates import load_gates
from ilo_iati.readiness.history import FINDINGS, seen_since
from ilo_iati.readiness.leads import by_correction, gain_by_rule
from ilo_iati.readiness.reading import Row, opened
from ilo_iati.readiness.sections import BASELINE_YEARS, Money, Months, Sections, gather

HERE = Path(__file__).resolve().parent
ADVICE = {
    "publish": "Every gate was evaluated and passed.",
    "waivers": "No gate that stops a publication failed, but these need, or have, the word of a named person:",
    "hold": "At least one gate that stops a publication failed. Work through these first:",
}
SHORT_NAMES = {PUBLISHING: "Publishing Statistics", TRANSPARENCY: "Transparency Index", STANDARDS: "UN standards"}
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
    corrections = by_correction(sections.fixes)
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters.update(
        number=number, whole=whole, signed=signed, gain=gain, breakable=breakable, figure=figure, day=day, slug=slug
    )
    return environment.get_template("page.html").render(
        s=sections,
        verdict=verdict_of(sections.checks),
        look_at={gate.id: gate.look_at for gate in load_gates().gates},
        titles=TITLES,
        advice=ADVICE,
        css=_own("page.css"),
        script=_own("page.js"),
        charts=_money_charts(sections.money),
        trend=_trend(sections.history),
        trend_names=sorted({row["framework_code"] for row in sections.history} - {FINDINGS}),
        sparks=_sparks(sections.history),
        months=_months_charts(sections.months),
        frameworks={code: load_framework(code).name for code in FRAMEWORKS},
        short_names=SHORT_NAMES,
        differences={code: _reckoning(load_framework(code)) for code in FRAMEWORKS},
        effects=_effects(),
        is_short=_is_short,
        corrections=corrections,
        rule_gains=gain_by_rule(sections.fixes),
        since=seen_since(sections.history),
        changes=_grouped(sections.changes),
        nothing_missing=_all_passed(sections.scores),
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


def signed(value: Any) -> str:
    """Like `whole`, with a sign; an empty string for None."""
    return "" if value is None else ("+" if float(value) > 0 else "") + whole(value)


def gain(points: float) -> str:
    """Points gained as `+1.06`; what would be rounded to nothing as `<0.01`."""
    return f"+{points:.2f}" if points >= 0.005 else "<0.01"


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


def breakable(value: Any) -> Markup:
    """A rule's code that may be broken after each underscore."""
    return Markup("_<wbr>").join(str(value).split("_"))


def slug(value: Any) -> str:
    """A name as a class or anchor: lower case, words joined by hyphens."""
    return "-".join(str(value or "").lower().replace("_", " ").split())


def _reckoning(framework: Framework) -> list[tuple[str, str]]:
    """Where the framework's page and code differ, with the name of the check or section it is about."""
    names = {section.id: section.name for section in framework.sections}
    names |= {indicator.id: indicator.name for indicator in framework.indicators}
    return [(names.get(check, "In all"), text) for check, text in framework.differences]


def _effects() -> dict[tuple[str, str], str]:
    """By framework and section what is lost by construction, and notes of the section itself."""
    found: dict[tuple[str, str], list[str]] = {}
    for framework in map(load_framework, FRAMEWORKS):
        for section in framework.sections:
            found[framework.code, section.id] = [section.note] if section.note else []
        for section_id, text in framework.structural:
            found[framework.code, section_id].append(f"By construction: {text}")
    return {key: " ".join(texts) for key, texts in found.items()}


def _grouped(changes: list[Row]) -> dict[str, list[Row]]:
    """Changes by kind, in the order they come."""
    kinds = dict.fromkeys(row["change_type"] for row in changes)
    return {kind: [row for row in changes if row["change_type"] == kind] for kind in kinds}


def _all_passed(scores: list[Row]) -> dict[str, list[str]]:
    """By framework the names of the checks that lose nothing."""
    return {
        code: [
            row["check_name"]
            for row in scores
            if row["framework_code"] == code and row["status"] == "scored" and not _is_short(row)
        ]
        for code in FRAMEWORKS
    }


def _is_short(row: Row) -> bool:
    """Whether a check loses points, or would if it brought any (the humanitarian ones are shown and not scored)."""
    return bool(
        row["lost_points"] > 0 or (not row["weight_points"] and row["score"] is not None and row["score"] < 100)
    )


def _sparks(history: list[Row]) -> dict[tuple[str, str], Markup]:
    """By framework and check a small line of its scores; none before there are two days."""
    lines: dict[tuple[str, str], list[float | None]] = {}
    for row in history:
        if row["framework_code"] != FINDINGS:
            lines.setdefault((row["framework_code"], row["check_code"]), []).append(row["score"])
    return {
        key: Markup(chart.spark(values))  # noqa: S704 - figures only
        for key, values in lines.items()
        if len([value for value in values if value is not None]) > 1
    }


def _months_charts(months: Months) -> dict[str, Markup]:
    if not any(count for _, count in months):
        return {}
    title = "Transactions dated in each of the last full months; the figures stand in the table below"
    return {
        kind: Markup(  # noqa: S704 - chart escapes every label
            chart.bars([m for m, _ in months], [float(n) for _, n in months], title=title, width=width, height=200)
        )
        for kind, width, _ in _SIZES
    }


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
    days = sorted({row["as_of_date"] for row in history if row["framework_code"] != FINDINGS})
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
