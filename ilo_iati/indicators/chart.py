"""One small chart an indicator as inline SVG text: baseline band, path to the target, actuals, breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 440, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 30, 26
"""Margins in SVG units: value axis, last year's label, labels above the plot, years."""
TICKS, YEAR_LABELS = 4, 7
"""About as many as can be read at the width of a phone."""


@dataclass(frozen=True, slots=True)
class Point:
    """One yearly value; hollow when the year is not over, or cannot be compared with the baseline."""

    year: int
    value: float
    is_over: bool = True
    is_comparable: bool = True

    def follows(self, other: Point) -> bool:
        """Whether a line may join the two: years in a row, both over, measured alike."""
        joined = self.year == other.year + 1 and self.is_comparable == other.is_comparable
        return joined and self.is_over and other.is_over


@dataclass(frozen=True, slots=True)
class Mark:
    """A comparability break: years both included, `letter` under which its note stands beside the chart."""

    letter: str
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn, all values in one unit. `window` are the baseline years; `path` runs to the target and beyond."""

    name: str
    words: str
    actuals: Sequence[Point]
    others: Sequence[Sequence[Point]]
    window: tuple[int, int]
    baseline: float | None
    path: Sequence[tuple[float, float]]
    target: tuple[int, float] | None
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class _Frame:
    first: int
    last: int
    bottom: float
    top: float

    def x(self, year: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (year - self.first + 0.5) / (self.last - self.first + 1)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.bottom) / (self.top - self.bottom)

    def clip(self, year: float) -> float:
        return min(max(self.x(year), LEFT), WIDTH - RIGHT)


def figure(value: float | None) -> str:
    """From 1,000 without decimals, below with one, below 1 with three; empty for None."""
    if value is None:
        return ""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 1 or size == 0 else 3
    return f"{value:,.{digits}f}"


def draw(plot: Plot) -> str:
    """The chart as `<svg>` text; its description says in words what the picture shows."""
    frame = _frame(plot)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"{plot.name}. {plot.words}")}">',
        _band(frame, plot), *_axes(frame), *(_break(frame, mark) for mark in plot.marks), _baseline(frame, plot),
        *(_line(frame, points, f"other other-{n}") for n, points in enumerate(plot.others)), _path(frame, plot),
        _line(frame, plot.actuals, "actual"), *(_dot(frame, point) for point in plot.actuals), _target(frame, plot),
    ]  # fmt: skip
    return "".join([*parts, "</svg>"])


def _frame(plot: Plot) -> _Frame:
    points = [*plot.actuals, *(point for line in plot.others for point in line)]
    values = [p.value for p in points] + [v for _, v in plot.path] + [plot.baseline or 0.0, 0.0]
    years = [p.year for p in points] + ([plot.target[0]] if plot.target else [])
    # The window is shown also where no value falls into it: that there is none is part of what is said.
    years += [plot.window[0], plot.window[1]]
    step = _step(max(values) - min(values))
    bottom = floor(min(values) / step) * step
    return _Frame(min(years), max(years), bottom, max(ceil(max(values) / step), 1) * step)


def _step(span: float) -> float:
    if span <= 0:
        return 1.0
    power = 10.0 ** floor(log10(span / TICKS))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * TICKS >= span)


def _band(frame: _Frame, plot: Plot) -> str:
    left, right = frame.clip(plot.window[0] - 0.5), frame.clip(plot.window[1] + 0.5)
    return (
        f'<rect class="window" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{HEIGHT - TOP - BOTTOM}"/>'
    )


def _axes(frame: _Frame) -> list[str]:
    step = _step(frame.top - frame.bottom)
    lines = []
    for number in range(round((frame.top - frame.bottom) / step) + 1):
        value = frame.bottom + number * step
        y = frame.y(value)
        kind = "zero" if abs(value) < step / 1e6 else "grid"
        lines.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.6g}</text>')
    every = max(1, ceil((frame.last - frame.first + 1) / YEAR_LABELS))
    lines += [
        f'<text class="tick" x="{frame.x(year):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{year}</text>'
        for year in range(frame.first, frame.last + 1)
        if (year - frame.last) % every == 0
    ]
    return lines


def _break(frame: _Frame, mark: Mark) -> str:
    edges = [frame.x(mark.first_year - 0.5), frame.x(mark.last_year + 0.5)]
    drawn = "".join(
        f'<line class="break" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        for x in edges
        if LEFT < x < WIDTH - RIGHT - 1
    )
    middle = (frame.clip(mark.first_year - 0.5) + frame.clip(min(mark.last_year, frame.last) + 0.5)) / 2
    x = edges[0] + 9 if mark.last_year > frame.last else middle
    return (
        f'{drawn}<text class="letter" x="{x:.1f}" y="{HEIGHT - BOTTOM - 7}" text-anchor="middle">{mark.letter}</text>'
    )


def _baseline(frame: _Frame, plot: Plot) -> str:
    left, right = frame.clip(plot.window[0] - 0.5), frame.clip(plot.window[1] + 0.5)
    if plot.baseline is None:
        words, line = "no baseline", ""
    else:
        y = frame.y(plot.baseline)
        words = f"baseline {figure(plot.baseline)}"
        line = (
            f'<line class="base-on" x1="{right:.1f}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<line class="base" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    middle = min(max((left + right) / 2, LEFT + 40), WIDTH - RIGHT - 40)
    return f'{line}<text class="label" x="{middle:.1f}" y="{TOP - 6}" text-anchor="middle">{words}</text>'


def _line(frame: _Frame, points: Sequence[Point], kind: str) -> str:
    """Nothing is joined over a gap, over a break, or to a year that is not over."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and point.follows(runs[-1][-1]):
            runs[-1].append(point)
        else:
            runs.append([point])
    return "".join(
        f'<polyline class="{kind}" points="{_joined(frame, [(p.year, p.value) for p in run])}"/>' for run in runs
    )


def _joined(frame: _Frame, points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{frame.x(year):.1f},{frame.y(value):.1f}" for year, value in points)


def _dot(frame: _Frame, point: Point) -> str:
    kind = "dot" if point.is_over and point.is_comparable else "dot hollow"
    return (
        f'<circle class="{kind}" cx="{frame.x(point.year):.1f}" cy="{frame.y(point.value):.1f}" r="3.4">'
        f"<title>{point.year}: {figure(point.value)}</title></circle>"
    )


def _path(frame: _Frame, plot: Plot) -> str:
    return f'<polyline class="path" points="{_joined(frame, plot.path)}"/>' if plot.path else ""


def _target(frame: _Frame, plot: Plot) -> str:
    if plot.target is None:
        return ""
    x, y = frame.x(plot.target[0]), frame.y(plot.target[1])
    words = f"target {figure(plot.target[1])} in {plot.target[0]}"
    # Kept inside the picture: a label of this length is up to 145 units wide.
    at = min(max(x, LEFT + 72), WIDTH - RIGHT - 72)
    # Where dots stand just above the target the label moves over them: it would hide the figures it is compared with.
    near = [frame.y(point.value) for point in plot.actuals if abs(frame.x(point.year) - at) < 76]
    over = min([y, *(dot for dot in near if y - 30 < dot < y)])
    return (
        f'<path class="target" d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"><title>{words}</title></path>'
        f'<text class="label aim" x="{at:.1f}" y="{max(over - 11, 12):.1f}" text-anchor="middle">{words}</text>'
    )
