"""The Aid Transparency Index's arithmetic a second time: from the shares of its tests to points, sections and total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

SECTIONS = {
    "planning": [str(number) for number in range(1, 9)],
    "finance": [str(number) for number in range(9, 16)],
    "attributes": [str(number) for number in range(16, 26)],
    "joining_up": [str(number) for number in range(26, 32)],
    "performance": [str(number) for number in range(32, 36)],
}
WEIGHTS = (
    dict.fromkeys(SECTIONS["planning"], 15 / 8)
    | dict.fromkeys(("9", "10"), 25 / 6)
    | dict.fromkeys(("11", "12", "13", "14", "15"), 10 / 3)
    | dict(zip(SECTIONS["attributes"], (1, 3, 1, 1, 1, 1, 2.5, 3.5, 3.5, 2.5), strict=True))
    | dict(zip(SECTIONS["joining_up"], (3, 3, 3, 3, 5, 3), strict=True))
    | dict.fromkeys(SECTIONS["performance"], 5)
)
TEST_WEIGHTS = {"30.a": 2, "30.b": 2, "31.a": 2}
"""Of indicators whose tests do not weigh the same; any other test weighs 1."""
FACTORS = {"Monthly": (1, 0.963, 0.813), "Quarterly": (0.963, 0.925, 0.775)}
LESS_OFTEN = (0.813, 0.775, 0.625)


def factor(frequency: str, time_lag: str) -> float:
    """By frequency and time lag of publication; nought where the frequency is insufficient."""
    if frequency == "Less than Annual":
        return 0
    place = {"One month": 0, "A quarter": 1}.get(time_lag, 2)
    return FACTORS.get(frequency, LESS_OFTEN)[place]


def percentages(
    activities: Iterable[Mapping[str, float]], organisation: Mapping[str, float | None]
) -> dict[str, tuple[int, float, float]]:
    """Activities looked at, sum of their shares, percentage: by test that finds something to look at."""
    found = defaultdict(list)
    for shares in activities:
        for name, share in shares.items():
            found[name].append(share)
    tallies = {name: (len(shares), sum(shares), 100 * sum(shares) / len(shares)) for name, shares in found.items()}
    own = {name: (0, 0.0, 100 * share) for name, share in organisation.items() if share is not None}
    return tallies | own


def indicators(tests: Mapping[str, tuple[int, float, float]]) -> dict[str, float]:
    """The weighted mean of its tests, by indicator that has any."""
    by_indicator = defaultdict(list)
    for name, (_, _, pct) in tests.items():
        by_indicator[name.split(".")[0]].append((TEST_WEIGHTS.get(name, 1), pct))
    return {
        number: sum(weight * pct for weight, pct in own) / sum(weight for weight, _ in own)
        for number, own in by_indicator.items()
    }


def points(found: Mapping[str, float], by_frequency: float) -> dict[str, float]:
    """Half the weight for data at all, the rest by percentage (times the factor where activities are looked at)."""
    given = {}
    for number, weight in WEIGHTS.items():
        pct, times = found.get(number, 0), by_frequency if int(number) > 10 else 1
        has_data = pct > 0 and by_frequency > 0
        given[number] = weight * (50 + pct * times / 2) / 100 if has_data else 0.0
    return given


def section_points(given: Mapping[str, float]) -> dict[str, float]:
    return {section: sum(given[number] for number in own) for section, own in SECTIONS.items()}
