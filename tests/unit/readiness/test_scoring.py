"""Each framework's arithmetic, against figures worked out by hand."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from ilo_iati.readiness.forward import ForwardYear
from ilo_iati.readiness.frameworks import PUBLISHING, STANDARDS, TRANSPARENCY, load_framework
from ilo_iati.readiness.scoring import frequency_factor, publishing_scores, standards_scores, transparency_scores
from ilo_iati.readiness.testing import Tally
from ilo_iati.readiness.timeliness import FREQUENCIES, LAGS, Timeliness
from tests.unit.readiness import second_reading_points

AS_OF = date(2026, 11, 20)
YEARS = [ForwardYear(2026, 3, 2, 66), ForwardYear(2027, 3, 1, 33), ForwardYear(2028, 0, 0, None)]


def _timeliness(frequency="Quarterly", lag="A quarter"):
    return Timeliness(frequency, lag, None, None, "observed", ())


def _tallies(code, pct=100.0, **other):
    given = {test.id: Tally(4, 4 * pct / 100, pct) for test in load_framework(code).tests}
    return given | other


def test_publishing_statistics_arithmetic():
    tallies = _tallies(PUBLISHING) | {"core.title": Tally(4, 1, 25.0), "financials.budget": Tally(4, 2, 50.0)}
    scores = publishing_scores(load_framework(PUBLISHING), tallies, _timeliness(), YEARS)
    found = {score.check: score for score in scores}
    # Timeliness (3 + 3) / 8 = 75. Forward (66 + 33 + 0) / 3 = 33. Core (9 x 100 + 25) / 10 = 92.5; financials 87.5;
    # value added 100; comprehensive (2 x 92.5 + 87.5 + 100) / 4 = 93.125, rounded 93.12. Mean of the three: 67.04.
    assert found["total"].inputs["comprehensive"] == 93.12
    assert found["total"].score == 67.04
    assert found["timeliness"].score == 75
    assert found["forward_looking"].score == 33
    # A quarter of the title: 100/3 x 1/2 / 10 points at stake, three quarters of them lost.
    assert found["core.title"].lost == pytest.approx(100 / 3 / 2 / 10 * 0.75)
    lost = sum(score.lost for score in scores if score.status == "scored")
    assert 100 - lost == pytest.approx(67.04, abs=0.01)
    assert found["humanitarian"].weight == 0


def test_publishing_statistics_count_what_does_not_apply_as_nought():
    tallies = _tallies(PUBLISHING) | {"value_added.recipient-language": Tally(0, 0, None)}
    found = {s.check: s for s in publishing_scores(load_framework(PUBLISHING), tallies, _timeliness(), YEARS)}
    assert found["value_added"].score == pytest.approx(88.89)
    assert found["value_added.recipient-language"].lost > 0


def test_transparency_points():
    framework = load_framework(TRANSPARENCY)
    scores = transparency_scores(framework, _tallies(TRANSPARENCY), 1.0)
    assert scores[0].score == pytest.approx(96.25)  # everything but the two survey indicators of 1.875 each
    tallies = _tallies(TRANSPARENCY) | {"16.b": Tally(4, 2, 50.0), "13.a": Tally(4, 0, 0.0)}
    found = {s.check: s for s in transparency_scores(framework, tallies, 0.925)}
    # 16: mean of 100 and 50 is 75; 50 + 75 x 0.925 / 2 = 84.6875 % of one point.
    assert found["16"].points == pytest.approx(0.846875)
    assert found["13"].status == "not_evaluated"
    assert found["13"].points == 0
    assert found["1"].status == "not_evaluated"
    # 30: weights 2, 2 and 1.
    tallies = _tallies(TRANSPARENCY) | {"30.c": Tally(4, 0, 0.0)}
    assert {s.check: s.score for s in transparency_scores(framework, tallies, 1.0)}["30"] == 80


@pytest.mark.parametrize(
    ("changed", "indicator", "score"),
    [
        ({"31.a": 0.0}, "31", 100 / 3),  # contracts weigh 2, tenders 1
        ({"31.b": 0.0}, "31", 200 / 3),
        ({"30.a": 0.0}, "30", 60),  # 2, 2 and 1
        ({"30.b": None, "30.c": 0.0}, "30", 200 / 3),  # what is not relevant is left out: 2 and 1
        ({"9.b": 0.0, "9.c": 0.0}, "9", 100 / 3),  # one of three years
        ({"15.a": 0.0}, "15", 50),
        ({"19.b": None, "19.a": 40.0}, "19", 40),
    ],
)
def test_an_indicator_is_the_weighted_mean_of_its_relevant_tests(changed, indicator, score):
    tallies = _tallies(TRANSPARENCY)
    for name, pct in changed.items():
        tallies[name] = Tally(0, 0, None) if pct is None else Tally(4, pct / 25, pct)
    line = {s.check: s for s in transparency_scores(load_framework(TRANSPARENCY), tallies, 1.0)}[indicator]
    assert line.status == "scored"
    assert line.score == pytest.approx(score, abs=0.006)
    assert line.points == pytest.approx(line.weight * (50 + score / 2) / 100)


def test_an_indicator_without_anything_to_look_at_brings_nothing_and_is_no_failure():
    tallies = _tallies(TRANSPARENCY) | {"7.a": Tally(0, 0, None), "8.a": Tally(0, 0.0, 0.0)}
    scores = transparency_scores(load_framework(TRANSPARENCY), tallies, 1.0)
    found = {line.check: line for line in scores}
    assert (found["7"].status, found["7"].score, found["7"].points) == ("not_relevant", None, 0)
    assert (found["8"].status, found["8"].score, found["8"].points) == ("not_evaluated", 0, 0)
    # With the two of the survey four of the eight indicators of the section are left.
    assert found["planning"].score == 50
    assert scores[0].inputs["survey_points"] == 4 * 1.875


@pytest.mark.parametrize(("pct", "factor"), [(100, 1.0), (1, 1.0), (50, 0.625), (100, 0.813)])
def test_half_is_for_data_at_all(pct, factor):
    tallies = _tallies(TRANSPARENCY) | {"14.a": Tally(100, pct, float(pct))}
    line = {s.check: s for s in transparency_scores(load_framework(TRANSPARENCY), tallies, factor)}["14"]
    assert line.points == pytest.approx(10 / 3 * (0.5 + pct * factor / 200))


def test_organisation_indicators_do_not_depend_on_frequency():
    tallies = _tallies(TRANSPARENCY) | {f"9.{letter}": Tally(0, 0.0, 100.0) for letter in "abc"}
    found = {s.check: s for s in transparency_scores(load_framework(TRANSPARENCY), tallies, 0.625)}
    assert found["9"].points == pytest.approx(25 / 6)
    assert found["14"].points == pytest.approx(10 / 3 * (50 + 100 * 0.625 / 2) / 100)


def test_a_publisher_that_has_stopped_has_no_iati_data_for_the_index():
    scores = transparency_scores(load_framework(TRANSPARENCY), _tallies(TRANSPARENCY), 0.0)
    assert scores[0].score == 0
    assert {line.status for line in scores if line.parent not in ("", "total")} == {"not_evaluated"}


def test_forward_looking_says_what_can_be_reached_at_most():
    # Nothing is current in 2028: two of three years can score.
    scores = publishing_scores(load_framework(PUBLISHING), _tallies(PUBLISHING), _timeliness(), YEARS)
    section = next(score for score in scores if score.check == "forward_looking")
    assert section.explanation == "At most 66.7 % can be reached: no activity is current in 2028."
    assert "By construction" in section.note
    assert section.note.count("Page and code differ") == 3


def test_every_named_difference_and_effect_belongs_to_a_line():
    for code in (PUBLISHING, TRANSPARENCY, STANDARDS):
        framework = load_framework(code)
        known = {"total"} | {item.id for item in (*framework.sections, *framework.indicators)}
        assert {name for name, _ in (*framework.differences, *framework.structural)} <= known
        assert framework.differences


@pytest.mark.parametrize(
    ("frequency", "lag", "factor"),
    [
        ("Monthly", "One month", 1.0), ("Monthly", "A quarter", 0.963), ("Monthly", "Six months", 0.813),
        ("Quarterly", "One month", 0.963), ("Quarterly", "A quarter", 0.925), ("Quarterly", "One year", 0.775),
        ("Annual", "One month", 0.813), ("Six-Monthly", "A quarter", 0.775),
        ("Annual", "More than one year", 0.625), ("Less than Annual", "One month", 0.0),
    ],
)  # fmt: skip
def test_frequency_factor(frequency, lag, factor):
    assert frequency_factor(load_framework(TRANSPARENCY), _timeliness(frequency, lag)) == factor


@pytest.mark.parametrize(("frequency", "lag"), [*product(FREQUENCIES, LAGS)])
def test_every_pair_of_grades_has_the_factor_of_a_second_reading(frequency, lag):
    expected = second_reading_points.factor(frequency, lag)
    assert frequency_factor(load_framework(TRANSPARENCY), _timeliness(frequency, lag)) == expected


def test_weights_add_up():
    framework = load_framework(TRANSPARENCY)
    assert len(framework.indicators) == 35
    for section in framework.sections:
        own = sum(indicator.weight for indicator in framework.indicators if indicator.section == section.id)
        assert own == pytest.approx(section.weight)
    assert sum(section.weight for section in load_framework(PUBLISHING).sections) == pytest.approx(100)


def test_standards_are_equal_parts_of_those_that_apply():
    tallies = _tallies(STANDARDS) | {"IV": Tally(0, 0, None), "VI": Tally(4, 1, 25.0)}
    scores = standards_scores(load_framework(STANDARDS), tallies)
    assert scores[0].score == pytest.approx((4 * 100 + 25) / 5)
    assert {s.check: s for s in scores}["VII"].weight == 0


def test_standards_of_a_publisher_with_nothing_to_look_at():
    tallies = {test.id: Tally(0, 0, None) for test in load_framework(STANDARDS).tests}
    scores = standards_scores(load_framework(STANDARDS), tallies)
    assert scores[0].score == 0
    assert {line.status for line in scores if line.parent in ("standards", "optional")} == {"not_relevant"}


@pytest.mark.parametrize(("pct", "points"), [(100.0, 100 / 6), (40.0, 40 / 6), (0.0, 0.0)])
@pytest.mark.parametrize("standard", ["I", "II", "III", "IV", "V", "VI"])
def test_a_standard_filled_in_part_or_not_at_all(standard, pct, points):
    tallies = _tallies(STANDARDS) | {standard: Tally(10, pct / 10, pct)}
    scores = standards_scores(load_framework(STANDARDS), tallies)
    assert {s.check: s for s in scores}[standard].points == pytest.approx(points)
    assert scores[0].score == pytest.approx(500 / 6 + points, abs=0.006)


@pytest.mark.parametrize(
    ("attribute", "scope", "clusters", "score"),
    [(100, 100, 100, 100), (50, 25, 0, 43.75), (None, None, None, 0)],  # the last publishes nothing humanitarian
)
def test_humanitarian_is_the_mean_of_four(attribute, scope, clusters, score):
    tallies = _tallies(PUBLISHING)
    for name, pct in (("attribute", attribute), ("scope", scope), ("clusters", clusters)):
        tallies[f"humanitarian.{name}"] = Tally(0, 0, None) if pct is None else Tally(4, pct / 25, float(pct))
    if attribute is None:
        tallies["humanitarian.publishes"] = Tally(4, 0, 0.0)
    scores = publishing_scores(load_framework(PUBLISHING), tallies, _timeliness(), YEARS)
    assert {s.check: s for s in scores}["humanitarian"].score == score


@pytest.mark.parametrize(
    ("frequency", "lag", "score"),
    [("Monthly", "One month", 100), ("Quarterly", "One month", 87.5), ("Six-Monthly", "A quarter", 62.5),
     ("Annual", "Six months", 37.5), ("Annual", "One year", 25), ("Less than Annual", "More than one year", 0)],
)  # fmt: skip
def test_timeliness_is_both_grades_of_eight(frequency, lag, score):
    scores = publishing_scores(load_framework(PUBLISHING), _tallies(PUBLISHING), _timeliness(frequency, lag), YEARS)
    assert {s.check: s for s in scores}["timeliness"].score == score
