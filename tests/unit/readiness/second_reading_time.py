"""The Publishing Statistics' frequency, time lag, forward-looking and humanitarian scores a second time, over the XML.

Nothing here is the product's own code. Sources: the statistics' methodology and code, as restated in
schemas/readiness/publishing_statistics.yml. Months are counted as year x 12 + month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from tests.unit.readiness.second_reading import Activity, a_date, codes, dates, texts

FREQUENCY_POINTS = {"Monthly": 4, "Quarterly": 3, "Six-Monthly": 2, "Annual": 1, "Less than Annual": 0}
LAG_POINTS = {"One month": 4, "A quarter": 3, "Six months": 2, "One year": 1, "More than one year": 0}


def later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month(day: date) -> int:
    return day.year * 12 + day.month


def dates_of(transaction: Activity) -> list[date]:
    """The date of a transaction, or that of its value where it has none."""
    stated = texts(transaction, "transaction-date/@iso-date") or texts(transaction, "value/@value-date")
    return [day for day in map(a_date, stated[:1]) if day]


def transaction_dates(activities: Iterable[Activity]) -> list[date]:
    return [day for activity in activities for each in activity.findall("transaction") for day in dates_of(each)]


def transaction_months(activities: Iterable[Activity]) -> set[int]:
    return {month(day) for day in transaction_dates(activities)}


def update_months(snapshots: Iterable[tuple[date, Iterable[Activity]]]) -> set[int]:
    """Months of the snapshots that first showed a later transaction date, not after their own day."""
    newest, months = date.min, set()
    for taken, activities in snapshots:
        latest = max((day for day in transaction_dates(activities) if day <= taken), default=date.min)
        if latest > newest:
            newest = latest
            months.add(month(taken))
    return months


def frequency(updates: Collection[int], first_published: date, today: date) -> str:
    """By the months of updates among the full months before `today`; young publishers have rules of their own."""
    hits = [month(today) - back in updates for back in range(1, 13)]
    if first_published >= later(today, -3):
        return "Annual"
    if first_published >= later(today, -6):
        return "Monthly" if sum(hits[:3]) == 3 else "Annual"
    if first_published >= later(today, -12):
        if sum(hits[:6]) >= 4:
            return "Monthly"
        return "Quarterly" if sum(hits[:3]) and sum(hits[3:6]) else "Annual"
    if sum(hits) >= 7 and sum(hits[:2]) >= 1:
        return "Monthly"
    if sum(hits) >= 3 and sum(hits[:4]) >= 1:
        return "Quarterly"
    if sum(hits[:6]) and sum(hits[6:]):
        return "Six-Monthly"
    return "Annual" if sum(hits) else "Less than Annual"


def time_lag(months: Collection[int], today: date) -> str:
    hits = [month(today) - back in months for back in range(1, 13)]
    if sum(hits[:3]) >= 2:
        return "One month"
    for reach, grade in ((3, "A quarter"), (6, "Six months"), (12, "One year")):
        if sum(hits[:reach]):
            return grade
    return "More than one year"


def money(activity: Activity, kinds: Collection[str], until: int) -> float:
    """Amounts of transactions with a date, up to the end of a year; of one currency, as the made files are."""
    total = 0.0
    for each in activity.findall("transaction"):
        days = dates_of(each)
        if each.xpath("string(transaction-type/@code)") in kinds and days and days[0].year <= until:
            total += float((texts(each, "value/text()") or ["0"])[0])
    return total


def still_counts(activity: Activity, year: int, today: date) -> bool:
    """Running in the year, not over within six months, and nine tenths of its commitments not yet spent."""
    ends = dates(activity, "3") + dates(activity, "4")
    first_end = (dates(activity, "4") or dates(activity, "3") or [date.max])[0]
    committed, used = money(activity, ("2",), 9999), money(activity, ("3", "4"), year)
    is_spent = committed > 0 and used / committed >= 0.9
    return (not ends or max(ends).year >= year) and first_end >= later(today, 6) and not is_spent


def budget_years(activity: Activity) -> set[int]:
    """A budget is of the year it ends in, or of the one before if it ends by June; longer than 370 days: of none."""
    years = set()
    for each in activity.findall("budget"):
        days = [a_date(text) for text in texts(each, "period-start/@iso-date | period-end/@iso-date")]
        if len(days) == 2 and days[0] and days[1] and (days[1] - days[0]).days <= 370:
            years.add(days[1].year if days[1].month >= 7 else days[1].year - 1)
    return years


def forward_looking(activities: Sequence[Activity], today: date) -> list[tuple[int, int, int | None]]:
    """For this year and the two after it: activities that count, those with a budget, percentage without decimals."""
    years = range(today.year, today.year + 3)
    counted = {year: [each for each in activities if still_counts(each, year, today)] for year in years}
    levels = {each.get("hierarchy", "1") for year in years for each in counted[year] if year in budget_years(each)}
    found: list[tuple[int, int, int | None]] = []
    for year in years:
        own = [each for each in counted[year] if len(levels) != 1 or each.get("hierarchy", "1") in levels]
        budgeted = sum((year in budget_years(each)) + bool(each.get("budget-not-provided")) for each in own)
        # The dashboard's code rounds to two decimals and then cuts them off.
        found.append((len(own), budgeted, int(round(100 * budgeted / len(own), 2)) if own else None))
    return found


DAC_HUMANITARIAN = {code for code in codes("Sector") if "72010" <= code <= "74020"}
TRUE, FALSE = ("1", "true"), ("0", "false")


def humanitarian_sector(node: Activity) -> bool:
    five = texts(node, "sector[not(@vocabulary) or @vocabulary = '1']/@code")
    three = texts(node, "sector[@vocabulary = '2']/@code")
    return bool(set(five) & DAC_HUMANITARIAN or set(three) & {"720", "730", "740"})


def knows_flags(activity: Activity) -> bool:
    """Versions that have the humanitarian attribute and scope."""
    return activity.getparent().get("version") in ("2.02", "2.03")


def flagged_humanitarian(activity: Activity) -> bool:
    """On the activity, or on a transaction unless the activity refuses."""
    if not knows_flags(activity) or activity.get("humanitarian") in FALSE:
        return False
    return activity.get("humanitarian") in TRUE or any(
        each.get("humanitarian") in TRUE for each in activity.findall("transaction")
    )


def is_humanitarian(activity: Activity) -> bool:
    parts = [each for each in activity.findall("transaction") if each.get("humanitarian") not in FALSE]
    by_sector = humanitarian_sector(activity) or any(map(humanitarian_sector, parts))
    return activity.get("humanitarian") not in FALSE and (flagged_humanitarian(activity) or by_sector)


def has_scope(activity: Activity) -> bool:
    found = activity.findall("humanitarian-scope")
    return knows_flags(activity) and bool(found) and all(each.get("type") and each.get("code") for each in found)


def has_cluster(activity: Activity) -> bool:
    return knows_flags(activity) and bool(activity.xpath("sector[@vocabulary = '10']"))


def humanitarian(activities: Iterable[Activity]) -> dict[str, tuple[int, int]]:
    """Of all activities, current or not: humanitarian ones, and how many carry flag, scope and cluster."""
    found = [activity for activity in activities if is_humanitarian(activity)]
    return {
        "humanitarian.attribute": (len(found), sum(map(flagged_humanitarian, found))),
        "humanitarian.scope": (len(found), sum(map(has_scope, found))),
        "humanitarian.clusters": (len(found), sum(map(has_cluster, found))),
    }


def humanitarian_average(found: dict[str, tuple[int, int]]) -> float:
    """Mean of the three shares and of 100 for publishing any; 0 for a publisher of none."""
    shares = [passed / looked_at if looked_at else 0 for looked_at, passed in found.values()]
    return 100 * (sum(shares) + any(looked_at for looked_at, _ in found.values())) / 4
