"""The Aid Transparency Index a second time, over the XML itself: nothing here is the product's own code.

Each test is a pair: which current activities it looks at, and what one of them reaches, 0 to 1. Sources: the index's
published tests and weights, as restated in schemas/readiness/transparency_index.yml: the code of the consultation for
2024 where it gives the test (13, 15-19, 23, 27), that of 2020 elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from tests.unit.readiness.second_reading import Activity, Test, a_date, always, back, codes, dates, has, texts

DECLARED = Path(__file__).resolve().parents[3] / "schemas" / "readiness" / "transparency_index.yml"
Share = Callable[[Activity, date], float | None]
VAGUE = frozenset({
    "43010", "43030", "43040", "43050", "43081", "43082", "52010", "99810", "15110", "15111", "15112", "15114", "15130",
    "16010", "16061", "21010", "21020", "22010", "23110",
})  # fmt: skip


def whole_months(start: date, end: date) -> int:
    """By the calendar: from the 31st of a month to the 30th of the next is none."""
    return 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)


def stated(activity: Activity, path: str) -> list[str]:
    return [text for text in texts(activity, path) if text]


def read_dates(activity: Activity, path: str) -> list[date]:
    return [day for day in map(a_date, texts(activity, path)) if day]


SPENDING = "transaction[transaction-type/@code = '2' or transaction-type/@code = '3' or transaction-type/@code = '4']"


def is_current(activity: Activity, today: date) -> bool:
    """Status 2, or an end or a commitment, disbursement or expenditure less than twelve months ago or ahead."""
    found = dates(activity, "3") + dates(activity, "4")
    found += read_dates(activity, f"{SPENDING}/transaction-date/@iso-date")
    return status(activity) == "2" or any(day > back(today, 1) for day in found)


def status(activity: Activity) -> str:
    return "".join(texts(activity, "activity-status/@code"))


def in_status(*wanted: str) -> Test:
    """One of these, or nothing stated: what is not there is not held against an activity."""
    return lambda activity, _: status(activity) in ("", *wanted)


BOTH_LEVELS = "default-aid-type/@code | transaction/aid-type/@code"


def without(*unwanted: str, path: str = BOTH_LEVELS) -> Test:
    """None of these codes, of any vocabulary; a code with `*` stands for all that begin so."""
    exact = {code for code in unwanted if not code.endswith("*")}
    begins = tuple(code.rstrip("*") for code in unwanted if code.endswith("*"))
    return lambda activity, _: not any(code in exact or code.startswith(begins) for code in stated(activity, path))


def both(*tests: Test) -> Test:
    return lambda activity, today: all(test(activity, today) for test in tests)


def document(*categories: str) -> Test:
    return lambda activity, _: bool(set(texts(activity, "document-link/category/@code")) & set(categories))


def of_length(path: str, least: int) -> Test:
    return lambda activity, _: any(len(text) >= least for text in texts(activity, path))


def element(path: str) -> Test:
    return lambda activity, _: bool(activity.xpath(path))


def on_list(name: str, path: str) -> Test:
    """At least one code, and every one on the list: what is not there cannot be on it."""
    return lambda activity, _: bool(stated(activity, path)) and set(stated(activity, path)) <= codes(name)


def runs_on(activity: Activity, today: date) -> bool:
    ends = dates(activity, "3") + dates(activity, "4")
    return bool(ends) and whole_months(today, max(ends)) >= 6


def budget_ahead(longest: int) -> Test:
    def test(activity: Activity, today: date) -> bool:
        periods = [
            (*read_dates(each, "period-start/@iso-date"), *read_dates(each, "period-end/@iso-date"))
            for each in activity.xpath("budget | planned-disbursement")
        ]
        pairs = [period for period in periods if len(period) == 2]
        return any(end >= today and (end - start).days <= longest for start, end in pairs)

    return test


def commitment(activity: Activity, _: date) -> bool:
    values = texts(activity, "transaction[transaction-type/@code = '2']/value/text()")
    return any(value and float(value) != 0 for value in values)


DAC = "not(@vocabulary) or @vocabulary = '1'"
DAC5 = f"sector[{DAC}]/@code"


def specific_sector(activity: Activity, _: date) -> bool:
    """Some DAC sector of the list on the activity, or on each of its transactions, be there any; none vague."""
    listed = codes("Sector")
    holders = [activity] if listed & {*stated(activity, DAC5)} else activity.findall("transaction")
    is_sectored = all(listed & {*stated(each, DAC5)} for each in holders)
    return is_sectored and not VAGUE & {*stated(activity, f"{DAC5} | transaction/{DAC5}")}


def placed(activity: Activity, _: date) -> bool:
    """A point, whatever it says; or a unit or an entry whose vocabulary is on the list."""
    named = stated(activity, "location/administrative/@vocabulary | location/location-id/@vocabulary")
    return bool(activity.xpath("location/point") or codes("GeographicVocabulary") & {*named})


def own_identifier(activity: Activity, _: date) -> bool:
    text = "".join(texts(activity, "iati-identifier/text()"))
    prefixes = stated(activity, "reporting-org/@ref | other-identifier[@type = 'B1']/@ref")
    return any(text.startswith(prefix) for prefix in prefixes)


@cache
def generic_channels() -> frozenset[str]:
    listed = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))["generic_channels"]
    return frozenset(f"XM-DAC-{code}" for code in listed)


def is_valid_ref(ref: str | None) -> bool:
    known = any((ref or "").startswith(f"{agency}-") for agency in codes("OrganisationRegistrationAgency"))
    return known and ref not in generic_channels()


def mean(values: Collection[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def partners(activity: Activity, _: date) -> float | None:
    own = activity.xpath("string(reporting-org/@ref)")
    refs = [each.get("ref") for each in activity.findall("participating-org")]
    return mean([is_valid_ref(ref) for ref in refs if ref != own])


def receivers(activity: Activity, _: date) -> float | None:
    paid = activity.xpath("transaction[transaction-type/@code = '2' or transaction-type/@code = '3']")
    named = [stated(each, "receiver-org/narrative/text()") for each in paid]
    return mean([bool(name) or is_valid_ref(each.xpath("string(receiver-org/@ref)"))
                 for name, each in zip(named, paid, strict=True)])  # fmt: skip


def code_paths(name: str) -> str:
    return f"default-{name}/@code | transaction/{name}/@code"


OPEN = in_status("2", "3", "4")
NOT_ADMINISTRATIVE = both(OPEN, without("G01"))
NO_BUDGET_SUPPORT = both(OPEN, without("A01", "A02", "G01"))
ALIGNS = both(OPEN, without("A01", "A02", "G01", path="default-aid-type/@code"),
              without("A01", "A02", path="transaction/aid-type/@code"))  # fmt: skip
HAS_A_PLACE = without("B01", "B02", "F01", "G01", "H01", "H02", "H03", "H04", "H05")
IN_THE_COUNTRY = both(OPEN, without("998", path="recipient-region/@code"), HAS_A_PLACE)
ENDS = without("501", "433", "432", "1100", "210", path=code_paths("finance-type"))
DAC_AID = f"default-aid-type[{DAC}]/@code | transaction/aid-type[{DAC}]/@code"
PROCURES = both(OPEN, without("A01", "A02", "B02", "G01"))
GOES_ON = both(in_status("2", "3"), without("G01"), runs_on)
OBJECTIVES = element("description[@type = '2'][normalize-space(narrative)] | document-link/category[@code = 'A02']")
EVALUATED = document("A07")
ENDED = in_status("3", "4")


ACTIVITY_TESTS: dict[str, tuple[Test, Share]] = {
    "11.a": (GOES_ON, budget_ahead(370)),
    "11.b": (GOES_ON, budget_ahead(94)),
    "12.a": (NO_BUDGET_SUPPORT, document("A05")),
    "13.a": (OPEN, commitment),
    "14.a": (OPEN, element("transaction[transaction-type/@code = '3' or transaction-type/@code = '4']")),
    "15.a": (ALIGNS, has("capital-spend/@percentage")),
    "15.b": (ALIGNS, specific_sector),
    "16.a": (always, has("title/narrative/text()")),
    "16.b": (always, of_length("title/narrative/text()", 10)),
    "17.a": (always, has("description/narrative/text()")),
    "17.b": (always, of_length("description/narrative/text()", 80)),
    "18.a": (always, element("activity-date[@type = '1']")),
    "18.b": (ENDS, element("activity-date[@type = '3']")),
    "19.a": (OPEN, element("activity-date[@type = '2']")),
    "19.b": (ENDED, element("activity-date[@type = '4']")),
    "20.a": (always, has("activity-status/@code")),
    "20.b": (always, on_list("ActivityStatus", "activity-status/@code")),
    "21.a": (always, element("contact-info")),
    "22.a": (always, element("sector | transaction/sector")),
    "22.b": (always, on_list("Sector", f"{DAC5} | transaction/{DAC5}")),
    "23.a": (IN_THE_COUNTRY, element("location")),
    "23.b": (IN_THE_COUNTRY, placed),
    "24.a": (OPEN, element("conditions")),
    "24.b": (both(OPEN, lambda a, _: a.xpath("string(conditions/@attached)") not in ("0", "false")), document("A04")),
    "25.a": (always, has("iati-identifier/text()")),
    "25.b": (always, own_identifier),
    "26.a": (OPEN, has(code_paths("flow-type"))),
    "26.b": (OPEN, on_list("FlowType", code_paths("flow-type"))),
    "27.a": (OPEN, element("default-aid-type | transaction/aid-type")),
    "27.b": (OPEN, on_list("AidType", DAC_AID)),
    "28.a": (OPEN, has(code_paths("finance-type"))),
    "28.b": (OPEN, on_list("FinanceType", code_paths("finance-type"))),
    "29.a": (OPEN, has(code_paths("tied-status"))),
    "29.b": (OPEN, on_list("TiedStatus", code_paths("tied-status"))),
    "30.a": (always, element("participating-org[@role = '4']")),
    "30.b": (lambda a, today: partners(a, today) is not None, partners),
    "30.c": (lambda a, today: receivers(a, today) is not None, receivers),
    "31.a": (PROCURES, document("A06", "A11")),
    "31.b": (PROCURES, document("A10")),
    "32.a": (NOT_ADMINISTRATIVE, OBJECTIVES),
    "33.a": (both(OPEN, without("A*", "B*", "D*", "E*", "F01", "G01", "H*")), document("A01")),
    "34.a": (both(without("G01"), lambda a, t: EVALUATED(a, t) or ENDED(a, t)), EVALUATED),
    "35.a": (NOT_ADMINISTRATIVE, element("result")),
    "35.b": (NOT_ADMINISTRATIVE, document("A08")),
}


def activity_shares(activity: Activity, today: date) -> dict[str, float]:
    """What a current activity reaches in each test that looks at it; nothing for one that is not current."""
    if not is_current(activity, today):
        return {}
    shares = {name: then(activity, today) for name, (given, then) in ACTIVITY_TESTS.items() if given(activity, today)}
    return {name: float(share or 0) for name, share in shares.items()}


DOCUMENTS = {"3.a": "B02", "4.a": "B01", "5.a": "B04", "6.a": "B05", "8.a": "B06"}


def organisation_shares(
    organisations: Collection[Activity], activities: Iterable[Activity], today: date
) -> dict[str, float | None]:
    """What the organisation files reach in each test; None where there is nothing to look at."""
    held = {code for each in organisations for code in texts(each, "document-link/category/@code")}
    found: dict[str, float | None] = {name: float(code in held) for name, code in DOCUMENTS.items()}
    found["7.a"] = countries_with_strategy(organisations, [each for each in activities if is_current(each, today)])
    for number, letter in enumerate("abc"):
        start = today + timedelta(days=365 * number)
        found[f"9.{letter}"] = float(any(ends_within_a_year(each, "total-budget", start) for each in organisations))
        found[f"10.{letter}"] = budgeted_countries(organisations, start)
    return found


def countries_with_strategy(organisations: Iterable[Activity], current: Iterable[Activity]) -> float | None:
    """Each country of a current activity: a strategy of its own, or a memorandum with an activity there."""
    strategies = "document-link[category/@code = 'B03' or category/@code = 'B13']/recipient-country/@code"
    told = {code for each in organisations for code in texts(each, strategies)}
    countries = set()
    for activity in current:
        own = set(texts(activity, "recipient-country/@code"))
        countries |= own
        told |= own if document("A09")(activity, date.max) else set()
    return mean([country in told for country in countries])


def ends_within_a_year(parent: Activity, path: str, start: date) -> bool:
    ends = read_dates(parent, f"{path}/period-end/@iso-date")
    return any(start <= end <= start + timedelta(days=365) for end in ends)


def budgeted_countries(organisations: Iterable[Activity], start: date) -> float:
    """Share of the countries with budgets that have one ending in the year; or lines of a total budget of it."""
    ahead: dict[str, bool] = {}
    lines = False
    for each in organisations:
        for budget in each.findall("recipient-country-budget"):
            country = budget.xpath("string(recipient-country/@code)")
            ahead[country] = ahead.get(country, False) or ends_within_a_year(budget, ".", start)
        lines = lines or ends_within_a_year(each, "total-budget[budget-line]", start)
    return max(mean(list(ahead.values())) or 0.0, float(lines))
