"""The frameworks' formulas written a second time, over the XML itself: nothing here is the product's own code.

Each test is a pair: which current activities it looks at, and whether one passes. Sources: the Publishing Statistics'
methodology and code, and the Aid Transparency Index's published tests, as restated in schemas/readiness.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from lxml import etree

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
CODELISTS = SCHEMAS / "codelists"
Activity = etree._Element
Test = Callable[[Activity, date], bool]
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@cache
def codes(name: str) -> frozenset[str]:
    with (CODELISTS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return frozenset(row["code"] for row in csv.DictReader(stream))


def texts(activity: Activity, path: str) -> list[str]:
    return [str(each).strip() for each in activity.xpath(path)]


def has(path: str) -> Test:
    """Some node of `path` with a text that is not blank."""
    return lambda activity, _: any(texts(activity, path))


def a_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def dates(activity: Activity, kind: str) -> list[date]:
    found = (a_date(text) for text in texts(activity, f"activity-date[@type='{kind}']/@iso-date"))
    return [each for each in found if each]


def back(day: date, years: int) -> date:
    return day.replace(year=day.year - years)


def is_current(activity: Activity, today: date) -> bool:
    planned, actual = dates(activity, "3"), dates(activity, "4")
    status = "".join(texts(activity, "activity-status/@code"))
    return (
        (not planned and status in ("2", "4"))
        or any(back(today, 1) <= day <= today for day in actual)
        or any(day >= today for day in planned)
    )


def add_up(nodes: Iterable[Activity]) -> bool:
    shares = [node.get("percentage") for node in nodes]
    return (len(shares) == 1 and shares[0] is None) or abs(sum(float(share or 0) for share in shares) - 100) < 0.01


def sectors_add_up(activity: Activity) -> bool:
    by_vocabulary = defaultdict(list)
    for sector in activity.findall("sector"):
        by_vocabulary[sector.get("vocabulary") or "1"].append(sector)
    return all(add_up(found) for found in by_vocabulary.values())


def every_transaction(activity: Activity, *paths: str) -> bool:
    found = activity.findall("transaction")
    return bool(found) and all(any(each.find(path) is not None for path in paths) for each in found)


def sector(activity: Activity, _: date) -> bool:
    own = activity.findall("sector")
    return sectors_add_up(activity) if own else every_transaction(activity, "sector")


def place(activity: Activity, _: date) -> bool:
    own = [*activity.findall("recipient-country"), *activity.findall("recipient-region")]
    return add_up(own) if own else every_transaction(activity, "recipient-country", "recipient-region")


def identifier(activity: Activity, _: date) -> bool:
    text = "".join(texts(activity, "iati-identifier/text()"))
    prefixes = texts(activity, "reporting-org/@ref") + texts(activity, "other-identifier[@type='B1']/@ref")
    return any(prefix and text.startswith(prefix) for prefix in prefixes)


def reporting_org(activity: Activity, today: date) -> bool:
    return has("reporting-org/@ref")(activity, today) and has("reporting-org/narrative/text()")(activity, today)


def activity_dates(activity: Activity, _: date) -> bool:
    every = texts(activity, "activity-date/@iso-date")
    return bool(dates(activity, "1") or dates(activity, "2")) and all(a_date(text) for text in every)


def status(activity: Activity, _: date) -> bool:
    return any(code in codes("ActivityStatus") for code in texts(activity, "activity-status/@code"))


def valid_money(*kinds: str) -> Test:
    def test(activity: Activity, _: date) -> bool:
        found = [each for each in activity.findall("transaction") if each.find("transaction-type").get("code") in kinds]
        return bool(found) and all(
            texts(each, "value/text()")
            and (texts(each, "transaction-date/@iso-date") or texts(each, "value/@value-date"))
            for each in found
        )

    return test


INCOMING = "transaction[transaction-type/@code = '1' or transaction-type/@code = '11' or transaction-type/@code = '13']"


def is_donor(activity: Activity) -> bool:
    """The reporting organisation funds or extends and does not implement: it has no donor's activity to name."""
    own = texts(activity, "reporting-org/@ref")[:1]
    funds = texts(activity, "participating-org[@role='1' or @role='3']/@ref")
    return own[0] in funds and own[0] not in texts(activity, "participating-org[@role='4']/@ref")


def traced(activity: Activity, _: date) -> bool:
    return is_donor(activity) or all(
        texts(each, "provider-org/@provider-activity-id") for each in activity.xpath(INCOMING)
    )


def began_a_year_ago(activity: Activity, today: date) -> bool:
    start = dates(activity, "2") or dates(activity, "1")
    return bool(start) and start[0] < today - timedelta(days=365)


def budget(activity: Activity, today: date) -> int:
    """Budgets that are complete, and a reason of the list for having none: the code counts the two apart."""
    declined = activity.get("budget-not-provided") in codes("BudgetNotProvided")
    return has_complete_budgets(activity, today) + declined


def has_complete_budgets(activity: Activity, _: date) -> bool:
    needed = ("period-start/@iso-date", "period-end/@iso-date", "value/@value-date", "value/text()")
    found = activity.findall("budget")
    return bool(found) and all(all(texts(each, path) for path in needed) for each in found)


def coordinates(activity: Activity, _: date) -> bool:
    points = [text.split(" ") for text in texts(activity, "location/point/pos/text()")]
    return bool(points) and all(
        len(point) == 2 and -90 <= float(point[0]) <= 90 and -180 <= float(point[1]) <= 180
        and (float(point[0]), float(point[1])) != (0, 0)
        for point in points
    )  # fmt: skip


def dac_sector(activity: Activity, _: date) -> bool:
    dac = "sector[not(@vocabulary) or @vocabulary = '' or @vocabulary = '1' or @vocabulary = '2']"
    known = codes("Sector") | {row[:3] for row in codes("Sector")}
    if activity.find("sector") is None:
        return every_transaction(activity, "sector")
    return bool(activity.xpath(dac)) and all(code in known for code in texts(activity, f"{dac}/@code"))


def documents(activity: Activity, _: date) -> bool:
    known, found = codes("DocumentCategory"), activity.findall("document-link")
    return bool(found) and all(
        "://" in each.get("url", "") and (texts(each, "category/@code") or [""])[0] in known for each in found
    )


def aid_type(activity: Activity, _: date) -> bool:
    known, own = codes("AidType"), texts(activity, "default-aid-type/@code")
    if own and all(code in known for code in own):
        return True
    found = activity.findall("transaction")
    return bool(found) and all(known & {*texts(each, "aid-type/@code")} for each in found)


def version(activity: Activity, _: date) -> bool:
    return activity.getparent().get("version") in codes("Version")


@cache
def spoken() -> dict[str, set[str]]:
    """Official languages by country."""
    found = defaultdict(set)
    with (SCHEMAS / "readiness" / "country_language.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["country_code"]].add(row["language_code"])
    return found


def local_language(activity: Activity, _: date) -> bool:
    wanted = spoken()[activity.xpath("string(recipient-country/@code)")]

    def told(path: str) -> bool:
        filled = [each for each in activity.xpath(path) if (each.text or "").strip()]
        # The code compares letter by letter: EN is not en.
        return any((each.get(LANGUAGE) or activity.get(LANGUAGE)) in wanted for each in filled)

    return told("title/narrative") and told("description/narrative")


def always(activity: Activity, today: date) -> bool:
    return True


PUBLISHING_STATISTICS: dict[str, tuple[Test, Callable[[Activity, date], int]]] = {
    "core.version": (always, version),
    "core.reporting-org": (always, reporting_org),
    "core.iati-identifier": (always, identifier),
    "core.participating-org": (always, has("participating-org[@role='1']/@role")),
    "core.title": (always, has("title/narrative/text()")),
    "core.description": (always, has("description/narrative/text()")),
    "core.activity-status": (always, status),
    "core.activity-date": (always, activity_dates),
    "core.sector": (always, sector),
    "core.country-or-region": (always, place),
    "financials.commitment": (always, valid_money("2", "11")),
    "financials.spend": (began_a_year_ago, valid_money("3", "4")),
    "financials.traceability": (lambda a, _: bool(a.xpath(INCOMING)) or is_donor(a), traced),
    "financials.budget": (always, budget),
    "value_added.contact-info": (always, has("contact-info/email/text()")),
    "value_added.location": (
        always, has("location/name/narrative/text() | location/description/narrative/text() | location/point/pos/text()"
                    " | location/administrative/@code")),
    "value_added.coordinates": (always, coordinates),
    "value_added.sector-dac": (always, dac_sector),
    "value_added.capital-spend": (always, has("capital-spend/@percentage")),
    "value_added.document-link": (always, documents),
    "value_added.aid-type": (always, aid_type),
    "value_added.recipient-language": (lambda a, _: len(a.findall("recipient-country")) == 1, local_language),
    "value_added.result-indicator": (always, lambda a, _: a.find("result/indicator") is not None),
}  # fmt: skip


def level(activity: Activity) -> int:
    return int(activity.get("hierarchy", "1"))


def first_with_commitments(activities: Sequence[Activity], current: Sequence[Activity]) -> int:
    committing = "transaction[transaction-type/@code = '2' or transaction-type/@code = '11']"
    return min((level(each) for each in current if each.xpath(committing)), default=lowest(activities, current))


def lowest(activities: Sequence[Activity], _: Sequence[Activity]) -> int:
    return max(map(level, activities), default=1)


def with_most_budgets(_: Sequence[Activity], current: Sequence[Activity]) -> int:
    found = Counter({level(each): 0 for each in current})
    for each in current:
        found[level(each)] += bool(each.findall("budget")) + bool(each.get("budget-not-provided"))
    return min(found, key=lambda one: (-found[one], one), default=1)


LEVELS = {
    "financials.commitment": first_with_commitments,
    "financials.spend": lowest,
    "financials.traceability": lowest,
    "financials.budget": with_most_budgets,
}
"""Money is looked for at one level of the hierarchy; all else at any."""


def statistic_shares(activities: Sequence[Activity], today: date) -> list[dict[str, float]]:
    """What each current activity reaches in each test that looks at it; nothing for one that is not current."""
    current = [activity for activity in activities if is_current(activity, today)]
    levels = {name: choose(activities, current) for name, choose in LEVELS.items()}
    return [
        {name: float(then(activity, today)) for name, (given, then) in PUBLISHING_STATISTICS.items()
         if levels.get(name, level(activity)) == level(activity) and given(activity, today)}
        if is_current(activity, today) else {}
        for activity in activities
    ]  # fmt: skip


def percentages(activities: Sequence[Activity], today: date) -> dict[str, tuple[int, float]]:
    """Activities looked at and the sum of what they reach, by test of the Publishing Statistics."""
    found = defaultdict(list)
    for shares in statistic_shares(activities, today):
        for name, share in shares.items():
            found[name].append(share)
    return {name: (len(shares), sum(shares)) for name, shares in found.items()}
