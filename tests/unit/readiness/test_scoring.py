"""Forward-looking budgets, hierarchy levels and each framework's arithmetic, against figures worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.readiness.facts import make_facts
from ilo_iati.readiness.forward import ForwardYear, forward_years
from ilo_iati.readiness.frameworks import PUBLISHING, STANDARDS, TRANSPARENCY, load_framework
from ilo_iati.readiness.reading import prepare
from ilo_iati.readiness.scoring import frequency_factor, publishing_scores, standards_scores, transparency_scores
from ilo_iati.readiness.testing import Tally, empty_results, run_tests
from ilo_iati.readiness.timeliness import Timeliness
from tests.unit.readiness.made import activity, empty_warehouse, fill

AS_OF = date(2026, 11, 20)
YEARS = [ForwardYear(2026, 3, 2, 66), ForwardYear(2027, 3, 1, 33), ForwardYear(2028, 0, 0, None)]


def _timeliness(frequency="Quarterly", lag="A quarter"):
    return Timeliness(frequency, lag, None, None, "observed", ())


def _warehouse(activities, **tables):
    connection = empty_warehouse()
    rows = {
        f"core.iati_{name}": [{"activity_key": f"made#{key}", **row} for key, row in own]
        for name, own in tables.items()
    }
    fill(connection, {"core.iati_activity": activities, **rows})
    prepare(connection, AS_OF)
    make_facts(connection)
    return connection


def _end(day):
    return {"activity_date_number": 1, "type_code": "3", "iso_date": day}


def _budget(start, end):
    return {"budget_number": 1, "period_start": start, "period_end": end}


def _money(number, kind, day, amount):
    return {
        "transaction_number": number,
        "transaction_type_code": kind,
        "transaction_date": day,
        "value_amount": amount,
    }


def _forward(connection):
    return [(year.current, year.budgeted, year.pct) for year in forward_years(connection, AS_OF, has_usd=False)]


def test_current_activities_and_their_budgets():
    # 1 runs to 2028 with a budget for 2027; 2 has no end and none; 3 ends within six months and is left out.
    connection = _warehouse(
        [activity(1), activity(2), activity(3)],
        activity_date=[(1, _end("2028-12-31")), (3, _end("2027-05-19"))],
        budget=[(1, _budget("2027-01-01", "2027-12-31"))],
    )
    assert _forward(connection) == [(2, 0, 0), (2, 1, 50), (2, 0, 0)]


@pytest.mark.parametrize(
    ("start", "end", "year"),
    [
        ("2026-07-01", "2027-06-30", 2026),  # ends in June: the year before
        ("2026-08-01", "2027-07-31", 2027),  # ends in July: that year
        ("2027-01-01", "2027-03-31", 2026),  # begins and ends in 2027, yet counts for 2026, as the code has it
        ("2027-01-01", "2028-01-06", 2027),  # 370 days
        ("2027-01-01", "2028-01-07", None),  # 371 days are ignored
    ],
)
def test_budget_year(start, end, year):
    connection = _warehouse([activity(1)], budget=[(1, _budget(start, end))])
    found = {2026 + place: pct for place, (_, _, pct) in enumerate(_forward(connection))}
    assert found == {each: 100 if each == year else 0 for each in (2026, 2027, 2028)}


def test_six_months_ahead_to_the_day():
    connection = _warehouse([activity(1)], activity_date=[(1, _end("2027-05-20"))])
    assert [current for current, _, _ in _forward(connection)] == [1, 1, 0]


@pytest.mark.parametrize(("spent", "current"), [(89, 1), (90, 0)])
def test_activity_that_has_spent_nine_tenths_is_left_out(spent, current):
    money = [("2", "2026-01-01", 100), ("3", "2026-02-01", 50), ("4", "2026-03-01", spent - 50)]
    connection = _warehouse(
        [activity(1)],
        transaction=[
            (
                1,
                _money(n, kind, day, amount),
            )
            for n, (kind, day, amount) in enumerate(money)
        ],
    )
    assert _forward(connection)[0][0] == current


def test_share_spent_needs_a_date_and_takes_that_of_the_value():
    commitment, spending = _money(1, "2", None, 100), _money(2, "3", None, 95)
    undated = _warehouse([activity(1)], transaction=[(1, commitment), (1, spending)])
    assert _forward(undated)[0][0] == 1  # without any date neither counts, as in the code
    dated = [(1, {**row, "value_date": "2026-02-01"}) for row in (commitment, spending)]
    assert _forward(_warehouse([activity(1)], transaction=dated))[0][0] == 0


def test_budget_not_provided_counts_and_the_percentage_is_cut():
    activities = [activity(1, budget_not_provided_code="1"), activity(2, budget_not_provided_code="1"), activity(3)]
    assert _forward(_warehouse(activities)) == [(3, 2, 66)] * 3  # 66.67 is cut, not rounded


def test_the_only_level_with_budgets_counts():
    connection = _warehouse(
        [activity(1, hierarchy=1), activity(2, hierarchy=2), activity(3, hierarchy=2)],
        budget=[(1, _budget("2026-01-01", "2026-12-31"))],
    )
    assert _forward(connection)[0] == (1, 1, 100)


def test_several_levels_with_budgets_count_together():
    connection = _warehouse(
        [activity(1, hierarchy=1), activity(2, hierarchy=2), activity(3, hierarchy=2)],
        budget=[(1, _budget("2026-01-01", "2026-12-31")), (2, _budget("2026-01-01", "2026-12-31"))],
    )
    assert _forward(connection)[0] == (3, 2, 66)


def test_levels_of_the_financial_tests():
    # Commitments sit at level 1, spending at level 2 (the lowest), most budgets at level 1.
    old = {"activity_date_number": 1, "type_code": "2", "iso_date": "2020-01-01"}
    connection = _warehouse(
        [activity(n, hierarchy=level, activity_status_code="2") for n, level in ((1, 1), (2, 2), (3, 2))],
        activity_date=[(1, old), (2, old), (3, old)],
        transaction=[
            (1, _money(1, "2", "2021-01-01", 5)),
            (2, _money(1, "4", "2021-01-01", 5)),
        ],
        budget=[(1, {**_budget("2026-01-01", "2026-12-31"), "value_amount": 1, "value_date": "2026-01-01"})],
    )
    empty_results(connection)
    found = run_tests(connection, load_framework(PUBLISHING))
    assert found["financials.commitment"] == Tally(1, 1.0, 100.0)
    assert found["financials.spend"] == Tally(2, 1.0, 50.0)
    assert found["financials.budget"] == Tally(1, 1.0, 100.0)


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
