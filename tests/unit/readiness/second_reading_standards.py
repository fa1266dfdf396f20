"""The UN Data Standards a second time, over the XML itself: what a current activity carries of each, 0 to 1.

Sources: the standards' code lists and the derivation of instruments, as restated in schemas/readiness and in
schemas/reference/instrument_rule.csv; nothing here is the product's own code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from tests.unit.readiness.second_reading import Activity, Test, always, has, is_current
from tests.unit.readiness.second_reading_index import Share, element, mean, stated

AID_TYPES = {"B02", "B021", "B022", "B031", "B032", "B033", "C01", "D01", "D02"}
EARMARKING = {"1", "3", "4"}
"""Category 2 alone does not tell pooled from thematic funds."""


def receipts(activity: Activity) -> list[Activity]:
    """Money in: types 1 and 11, and 2, which names the donor in the ILO's older files."""
    return [each for each in activity.findall("transaction")
            if each.xpath("string(transaction-type/@code)") in ("1", "2", "11")]  # fmt: skip


def of_receipts(test: Callable[[Activity], bool]) -> Share:
    return lambda activity, _: mean([test(each) for each in receipts(activity)])


def un_entity(activity: Activity, _: date) -> bool:
    return bool(re.fullmatch(r"XM-DAC-\d{5}", activity.xpath("string(reporting-org/@ref)")))


def placed(activity: Activity, _: date) -> bool:
    """On the activity, or on every transaction."""
    found = activity.findall("transaction")
    one = "recipient-country | recipient-region"
    return bool(activity.xpath(one)) or (bool(found) and all(each.xpath(one) for each in found))


def own_or_default(receipt: Activity, vocabulary: str) -> set[str]:
    """Aid types of a vocabulary: those of the transaction, or the activity's where it states none."""
    which = "@vocabulary = '2'" if vocabulary == "2" else "not(@vocabulary) or @vocabulary = '1'"
    return set(stated(receipt, f"aid-type[{which}]/@code") or stated(receipt, f"../default-aid-type[{which}]/@code"))


def has_instrument(receipt: Activity) -> bool:
    return bool(own_or_default(receipt, "1") & AID_TYPES or own_or_default(receipt, "2") & EARMARKING)


def has_provider(receipt: Activity) -> bool:
    return bool(stated(receipt, "provider-org/@ref | provider-org/@type"))


SDG_SECTOR = "sector[@vocabulary = '7' or @vocabulary = '8']"
SDG = element(f"{SDG_SECTOR} | transaction/{SDG_SECTOR} | tag[@vocabulary = '2' or @vocabulary = '3']")
RECEIVES: Test = lambda activity, _: bool(receipts(activity))  # noqa: E731

STANDARDS: dict[str, tuple[Test, Share]] = {
    "I": (always, un_entity),
    "II": (always, has("sector[@vocabulary = '12']/@code | transaction/sector[@vocabulary = '12']/@code")),
    "III": (always, placed),
    "IV": (RECEIVES, of_receipts(has_instrument)),
    "V": (always, SDG),
    "VI": (RECEIVES, of_receipts(has_provider)),
    "VII": (always, element("policy-marker[@code = '1'][not(@vocabulary) or @vocabulary = '1']")),
}
SIX = ("I", "II", "III", "IV", "V", "VI")


def standard_shares(activity: Activity, today: date) -> dict[str, float]:
    """What a current activity reaches in each standard that looks at it; nothing for one that is not current."""
    if not is_current(activity, today):
        return {}
    shares = {name: then(activity, today) for name, (given, then) in STANDARDS.items() if given(activity, today)}
    return {name: float(share or 0) for name, share in shares.items()}
