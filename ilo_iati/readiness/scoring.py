"""Tallies to scores: each framework's arithmetic as its own code does it, and the points each check loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ilo_iati.readiness.forward import ForwardYear
from ilo_iati.readiness.frameworks import Framework, Indicator, Test
from ilo_iati.readiness.testing import Tallies, Tally
from ilo_iati.readiness.timeliness import FREQUENCIES, LAGS, Timeliness

APPLIES = {"P": "Applies to a UN agency in part.", "D": "Applies to a UN agency as far as documents go."}
"""What the index asks of bilateral donors is not all meant for a UN agency."""


@dataclass(frozen=True, slots=True)
class Score:
    """One line of a framework. `status`: scored, not_evaluated, not_relevant, section or total.

    `score` is a percentage (of `total` lines the framework's score); `points` of `weight` is its part of the total.
    """

    check: str
    parent: str
    name: str
    status: str
    score: float | None
    weight: float
    points: float
    applicable: int | None = None
    passed: float | None = None
    explanation: str = ""
    note: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def lost(self) -> float:
        """Points not reached, never below zero."""
        return max(0.0, self.weight - self.points)


def exact_total(scores: Sequence[Score]) -> float:
    """A framework's total before it is rounded: what one activity of thousands brings would be lost otherwise."""
    return sum(line.points for line in scores if line.status == "scored")


def publishing_scores(
    framework: Framework, tallies: Tallies, timeliness: Timeliness, forward: Sequence[ForwardYear]
) -> list[Score]:
    """IATI Publishing Statistics: total, then each section and its checks. Means are rounded as there."""
    lines = {
        "timeliness": _timeliness_lines(framework, timeliness),
        "forward_looking": _forward_lines(framework, forward),
    }
    for section in framework.sections:
        if section.id not in lines:
            tests = [test for test in framework.tests if test.group == section.id]
            weight = section.weight / len(tests)
            lines[section.id] = [_share_line(framework, test, tallies[test.id], weight) for test in tests]
    means = {name: _mean(own) for name, own in lines.items()}
    means["timeliness"] = round(sum(line.score or 0 for line in lines["timeliness"]) / 2, 2)
    comprehensive = round((2 * means["core"] + means["financials"] + means["value_added"]) / 4, 2)
    total = round((means["timeliness"] + means["forward_looking"] + comprehensive) / 3, 2)
    text = (
        f"Timeliness {means['timeliness']:g}, forward-looking {means['forward_looking']:g}, "
        f"comprehensive {comprehensive:g}: their mean."
    )
    scores = [Score("total", "", framework.name, "total", total, framework.total, total, explanation=text,
                    note=framework.notes("total"), inputs={**means, "comprehensive": comprehensive})]  # fmt: skip
    for section in framework.sections:
        own = means[section.id]
        text = _ceiling(forward) if section.id == "forward_looking" else ""
        scores.append(_section_line(framework, section.id, own, section.weight * own / 100, text))
        scores += lines[section.id]
    return scores


def _mean(lines: Sequence[Score]) -> float:
    return round(sum(round(line.score or 0, 2) for line in lines) / len(lines), 2)


def _ceiling(years: Sequence[ForwardYear]) -> str:
    """What forward-looking could reach at most: a year in which nothing is current cannot score."""
    empty = [str(year.year) for year in years if year.pct is None]
    reachable = 100 * (len(years) - len(empty)) / len(years)
    return f"At most {reachable:.1f} % can be reached: no activity is current in {', '.join(empty)}." if empty else ""


def _section_line(framework: Framework, section: str, score: float | None, points: float, text: str = "") -> Score:
    declared = framework.section(section)
    return Score(
        section,
        "total",
        declared.name,
        "section",
        score,
        declared.weight,
        points,
        explanation=text,
        note=framework.notes(section, declared.note),
    )


def _share_line(framework: Framework, test: Test, tally: Tally, weight: float) -> Score:
    if tally.pct is None and not framework.zero_when_nothing_applies:
        return Score(
            test.id, test.group, test.name, "not_relevant", None, 0.0, 0.0, 0, 0.0, "Nothing to look at.", test.note
        )
    pct = tally.pct or 0.0
    return Score(test.id, test.group, test.name, "scored", round(pct, 2), weight, weight * pct / 100, tally.applicable,
                 tally.passed, _explain(test, tally), test.note)  # fmt: skip


def _explain(test: Test, tally: Tally) -> str:
    if tally.pct is None:
        return "No activity to look at; the framework counts this as nought."
    if tally.pct >= 100:
        return ""
    return test.fix


def _timeliness_lines(framework: Framework, found: Timeliness) -> list[Score]:
    half = framework.section("timeliness").weight / 2
    lines = []
    for check, name, grade, grades, falls in (
        ("frequency", "Frequency", found.frequency, FREQUENCIES, found.frequency_falls),
        ("time_lag", "Time lag", found.time_lag, LAGS, found.time_lag_falls),
    ):
        points = framework.body[check]["points"][grades.index(grade)]
        text = f"{grade} ({points} of 4)."
        if falls:
            text += f" Falls to {falls[1]} on {falls[0]} unless newer transactions are published."
        note = f"Updates {found.basis}." if check == "frequency" else ""
        inputs = {"grade": grade, "falls_on": str(falls[0]) if falls else None,
                  "falls_to": falls[1] if falls else None,
                  "basis": found.basis,
                  "update_months": [f"{year}-{month + 1:02d}" for year, month in found.updates[-24:]]}  # fmt: skip
        lines.append(Score(check, "timeliness", name, "scored", 25.0 * points, half, half * points / 4,
                           explanation=text, note=note, inputs=inputs))  # fmt: skip
    return lines


def forward_check(offset: int) -> str:
    """Code of the check that looks at the budgets so many years ahead."""
    return f"forward_looking.{offset}"


def _forward_lines(framework: Framework, years: Sequence[ForwardYear]) -> list[Score]:
    third = framework.section("forward_looking").weight / 3
    return [
        Score(forward_check(offset), "forward_looking", f"Budgets for {year.year}", "scored",
              float(year.pct or 0), third, third * (year.pct or 0) / 100, year.current, float(year.budgeted),
              _explain_year(year.pct),
              inputs={"year": year.year, "current": year.current, "budgeted": year.budgeted})
        for offset, year in enumerate(years)
    ]  # fmt: skip


def _explain_year(pct: int | None) -> str:
    if pct is None:
        return "No activity is current in this year; the sum is still divided by three."
    return "" if pct >= 100 else "Publish a budget of a year at most for each year the activity still runs."


def transparency_scores(framework: Framework, tallies: Tallies, factor: float) -> list[Score]:
    """Aid Transparency Index, automated part: points = weight x (50 + % x factor / 2) / 100; nought: survey.

    A factor of nought means a frequency that is insufficient: the index then reads no IATI data at all.
    """
    lines = [_indicator_line(framework, indicator, tallies, factor) for indicator in framework.indicators]
    total = round(sum(line.points for line in lines), 2)
    surveyed = sum(line.weight for line in lines if line.status in ("not_evaluated", "not_relevant"))
    text = f"{surveyed:.1f} of 100 points stand in indicators that only the survey can answer now."
    scores = [Score("total", "", framework.name, "total", total, framework.total, total, explanation=text,
                    note=framework.notes("total"),
                    inputs={"frequency_factor": factor, "survey_points": round(surveyed, 2)})]  # fmt: skip
    for section in framework.sections:
        own = [line for line in lines if line.parent == section.id]
        points = sum(line.points for line in own)
        scores += [_section_line(framework, section.id, round(100 * points / section.weight, 2), points), *own]
    return scores


def _indicator_line(framework: Framework, indicator: Indicator, tallies: Tallies, factor: float) -> Score:
    tests = [test for test in framework.tests if test.group == indicator.id]
    relevant = [(test, tallies[test.id]) for test in tests if tallies[test.id].pct is not None]
    said = (indicator.note, APPLIES.get(indicator.applies, ""), *(test.note for test in tests))
    note = framework.notes(indicator.id, " ".join(text for text in said if text))
    name = f"{indicator.id} {indicator.name}"
    shape = (indicator.id, indicator.section, name)
    if indicator.is_survey:
        return Score(*shape, "not_evaluated", None, indicator.weight, 0.0, explanation="Survey only.", note=note)
    inputs = {
        test.id: {"pct": round(t.pct or 0, 2), "applicable": t.applicable, "passed": t.passed} for test, t in relevant
    }
    if not relevant:
        text = "No activity or organisation file to look at."
        return Score(*shape, "not_relevant", None, indicator.weight, 0.0, explanation=text, note=note)
    weights = sum(test.weight for test, _ in relevant)
    pct = sum(test.weight * (tally.pct or 0) for test, tally in relevant) / weights
    applicable = max(tally.applicable for _, tally in relevant) or None
    passed = min(tally.passed for _, tally in relevant) if applicable else None
    missing = " ".join(dict.fromkeys(test.fix for test, tally in relevant if (tally.pct or 0) < 100))
    if pct == 0 or factor == 0:
        text = f"No IATI data: the survey decides. {missing}" if factor else "Published too rarely: the survey decides."
        return Score(*shape, "not_evaluated", 0.0, indicator.weight, 0.0, applicable, passed, text, note, inputs)
    if applicable and factor < 1 and not missing:
        missing = "Lost to the frequency and time lag of publication."
    # Organisation-level indicators do not depend on how often activities are published.
    share = 50 + pct * (factor if applicable else 1.0) / 2
    return Score(*shape, "scored", round(pct, 2), indicator.weight, indicator.weight * share / 100, applicable, passed,
                 missing, note, inputs)  # fmt: skip


def frequency_factor(framework: Framework, timeliness: Timeliness) -> float:
    """The index's factor for the frequency and time lag of publication; 0 where the frequency is insufficient."""
    if timeliness.frequency in framework.body["insufficient"]:
        return 0.0
    table = framework.body["frequency_factor"]
    row = table.get(timeliness.frequency, table["less"])
    return float(row[min(LAGS.index(timeliness.time_lag), 2)])


def standards_scores(framework: Framework, tallies: Tallies) -> list[Score]:
    """UN Data Standards completeness: each relevant standard has the same part of the total."""
    scored = [test for test in framework.tests if framework.section(test.group).weight]
    relevant = [test for test in scored if tallies[test.id].pct is not None]
    weight = framework.total / len(relevant) if relevant else 0.0
    lines = [
        _share_line(framework, test, tallies[test.id], weight if test in relevant else 0.0) for test in framework.tests
    ]
    total = round(sum(line.points for line in lines), 2)
    text = f"Mean over {len(relevant)} of {len(scored)} standards; the others have nothing to look at."
    note = framework.notes("total")
    scores = [Score("total", "", framework.name, "total", total, framework.total, total, explanation=text, note=note)]
    for section in framework.sections:
        own = [line for line in lines if line.parent == section.id]
        scores += [_section_line(framework, section.id, None, sum(line.points for line in own)), *own]
    return scores
