"""The indicator page: baselines, targets and paths as one static HTML file that needs no network and no script."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ilo_iati.indicators.chart import figure
from ilo_iati.indicators.judging import AT_RISK, ON_TRACK
from ilo_iati.indicators.paper import Paper

HERE = Path(__file__).resolve().parent


def render(paper: Paper) -> str:
    """The whole document. It depends on `paper` alone, so the same figures give the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters.update(figure=figure, day=day, plain=plain, drawn=_drawn, tidy=tidy)
    return environment.get_template("page.html").render(
        p=paper,
        areas=paper.areas(),
        css=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        tallies=_tallies(paper),
        illustrative=[row["source"] for row in paper.sources if row["is_illustrative"]],
        real=[row["source"] for row in paper.sources if not row["is_illustrative"]],
        on_track=round(100 * ON_TRACK),
        at_risk=round(100 * AT_RISK),
    )


def _drawn(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704 - the chart escapes its texts


def _tallies(paper: Paper) -> list[tuple[str, int]]:
    """How many indicators stand where, in the order a reader asks: those to act on first."""
    order = ("off_track", "at_risk", "on_track", "not_comparable", "no_data", "monitored")
    found = [card.status["status"] for card in paper.cards]
    return [(name, found.count(name)) for name in order if name in found]


def day(value: Any) -> str:
    """A date as `3 March 2026`; an empty string for None."""
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else ""


def plain(value: str) -> str:
    """A code such as `on_track` in words."""
    return value.replace("_", " ")


def tidy(sql: str) -> str:
    """A SELECT without the blank lines at its ends."""
    return re.sub(r"\n{3,}", "\n\n", sql.strip())
