"""Charts as inline SVG text: no library, no script, readable in print and by a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

LEFT, RIGHT, TOP, BOTTOM = 44, 12, 18, 30
"""Margins in SVG units: room for the value axis, the last label, the baseline's label and the year labels."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A horizontal line drawn across the chart, such as a baseline: its value and its label."""

    value: float
    label: str


def nice_step(highest: float, ticks: int = 5) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that covers `highest` in about `ticks` steps."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** floor(log10(highest / ticks))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * ticks >= highest)


@dataclass(frozen=True, slots=True)
class _Frame:
    width: int
    height: int
    top: float
    slots: int

    def x(self, slot: float) -> float:
        return LEFT + (self.width - LEFT - RIGHT) * slot / max(self.slots, 1)

    def y(self, value: float) -> float:
        return self.height - BOTTOM - (self.height - TOP - BOTTOM) * value / self.top


def bars(
    labels: Sequence[str],
    values: Sequence[float | None],
    *,
    title: str,
    marks: Sequence[float | None] = (),
    reference: Reference | None = None,
    highlighted: frozenset[str] = frozenset(),
    width: int = 760,
    height: int = 300,
) -> str:
    """A bar a label with its value in the tooltip; `marks` are a second series drawn as rings; None leaves a gap.

    `highlighted` labels get the second shade (the baseline years). Values in one unit, none negative.
    """
    seen = [value for value in (*values, *marks) if value is not None] + ([reference.value] if reference else [])
    step = nice_step(max(seen, default=1.0))
    frame = _Frame(width, height, step * max(1, ceil(max(seen, default=1.0) / step)), len(labels))
    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}">',
        *_axis(frame, step),
        *(_bar(frame, slot, label, values[slot], label in highlighted) for slot, label in enumerate(labels)),
        *(_mark(frame, slot, labels[slot], value) for slot, value in enumerate(marks) if value is not None),
        *_year_labels(frame, labels),
    ]
    if reference:
        parts += _line(frame, reference)
    return "".join([*parts, "</svg>"])


def _axis(frame: _Frame, step: float) -> list[str]:
    lines, value = [], 0.0
    while value <= frame.top + step / 1e6:
        y = frame.y(value)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{frame.width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.4g}</text>')
        value += step
    return lines


def _bar(frame: _Frame, slot: int, label: str, value: float | None, highlighted: bool) -> str:
    if value is None:
        return ""
    left, right, top = frame.x(slot + 0.16), frame.x(slot + 0.84), frame.y(max(value, 0.0))
    kind = "bar base" if highlighted else "bar"
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{frame.y(0) - top:.1f}"><title>{escape(label)}: {value:,.1f}</title></rect>'
    )


def _mark(frame: _Frame, slot: int, label: str, value: float) -> str:
    return (
        f'<circle class="mark" cx="{frame.x(slot + 0.5):.1f}" cy="{frame.y(value):.1f}" r="4.5">'
        f"<title>{escape(label)}: {value:,.1f}</title></circle>"
    )


def _year_labels(frame: _Frame, labels: Sequence[str]) -> list[str]:
    # A letter takes about seven units; ten more leave air around the label.
    needed = 10 + 7 * max((len(label) for label in labels), default=0)
    every = max(1, ceil(needed * len(labels) / (frame.width - LEFT - RIGHT)))
    return [
        f'<text class="tick" x="{frame.x(slot + 0.5):.1f}" y="{frame.height - BOTTOM + 18}" '
        f'text-anchor="middle">{escape(label)}</text>'
        for slot, label in enumerate(labels)
        if slot % every == 0
    ]


def _line(frame: _Frame, reference: Reference) -> list[str]:
    y = frame.y(reference.value)
    return [
        f'<line class="reference" x1="{LEFT}" x2="{frame.width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<text class="reference-label" x="{LEFT + 4}" y="{TOP - 4}">{escape(reference.label)}</text>',
    ]


SPARK_POINTS = 40
"""More would not be told apart in a line as wide as a word."""


def spark(values: Sequence[float | None], top: float = 100.0) -> str:
    """A line as wide as a word over `values` from 0 to `top`; what it says is told to a screen reader in words."""
    step = max(1, ceil(len(values) / SPARK_POINTS))
    chosen = [*values[:-1:step], values[-1]] if values else []
    seen = [(place, min(max(value, 0.0), top)) for place, value in enumerate(chosen) if value is not None]
    points = " ".join(f"{2 + 76 * place / max(len(chosen) - 1, 1):.1f},{20 - 18 * v / top:.1f}" for place, v in seen)
    said = f"from {seen[0][1]:.1f} to {seen[-1][1]:.1f}" if seen else "no value"
    return (
        f'<svg class="spark" viewBox="0 0 80 22" role="img" aria-label="over time {said}">'
        f'<polyline class="line line-0" points="{points}"/></svg>'
    )


def series(
    labels: Sequence[str],
    lines: Sequence[tuple[str, Sequence[float | None]]],
    *,
    title: str,
    width: int = 760,
    height: int = 240,
    top: float = 100.0,
) -> str:
    """Lines over the same labels, 0 to `top`, each named at its last point; None breaks the line."""
    frame = _Frame(width, height, top, max(len(labels), 1))
    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}">']
    parts += _axis(frame, top / 4)
    for number, (name, values) in enumerate(lines):
        points = [(slot, value) for slot, value in enumerate(values) if value is not None]
        path = " ".join(f"{frame.x(slot + 0.5):.1f},{frame.y(value):.1f}" for slot, value in points)
        parts.append(f'<polyline class="line line-{number}" points="{path}"/>')
        parts += [
            f'<circle class="dot line-{number}" cx="{frame.x(s + 0.5):.1f}" cy="{frame.y(v):.1f}" r="3.5">'
            f"<title>{escape(name)}, {escape(labels[s])}: {v:,.1f}</title></circle>"
            for s, v in points
        ]
    return "".join([*parts, *_year_labels(frame, labels), "</svg>"])
