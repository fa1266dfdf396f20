"""Checks of profile strict that no official rule makes; their words stand in schemas/rules/strict.yml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from ilo_iati.validate.codelists import string_value
from ilo_iati.validate.rules.kinds import Frame
from ilo_iati.validate.rules.values import xpath_number, xsd_date

OwnFailure = tuple[str, etree._Element, str | None]
"""(id, element, offending value)."""
OwnCheck = Callable[[etree._Element], Iterator[OwnFailure]]

_SEVERAL = re.compile(r"\S\s*[;|]\s*\S|\S,\s*\S")
_SPAN = re.compile(r"\b((?:19|20)\d\d)\s*(?:[-–—/]|to|until|through)\s*((?:19|20)\d\d)\b")
_BUDGETS = ("budget", "total-budget", "total-expenditure")
_ORGANISATIONS = ("reporting-org", "participating-org", "provider-org", "receiver-org", "owner-org", "recipient-org")


def own_checks(frame: Frame) -> tuple[OwnCheck, ...]:
    """The checks that can be made with the lists at hand."""
    checks = (percentage_total, several_donors, several_years, budget_overlap, unpaired_results)
    return (*checks, unknown_organisations(frame)) if frame.publishers is not None else checks


def percentage_total(record: etree._Element) -> Iterator[OwnFailure]:
    """Countries and regions of the default vocabulary, where a region leaves it out (else 3.4.2 sees it)."""
    regions = [each for each in record.iterchildren("recipient-region") if each.get("vocabulary", "") in ("", "1")]
    if all(each.get("vocabulary") for each in regions):
        return
    shares = [*record.iterchildren("recipient-country"), *regions]
    if len(shares) < 2:
        return
    total = sum(xpath_number(each.get("percentage", "")) for each in shares)
    if not abs(total - 100) <= 0.005 * len(shares) + 1e-9:
        yield "strict.percentage.total", regions[0], f"{total:.10g}"


def several_donors(record: etree._Element) -> Iterator[OwnFailure]:
    """Two provider-org in one transaction, or several identifiers or names in one."""
    for transaction in record.iterchildren("transaction"):
        providers = list(transaction.iterchildren("provider-org"))
        for provider in providers:
            texts = [provider.get("ref", ""), *(string_value(each) for each in provider.iterchildren("narrative"))]
            listed = next((text for at, text in enumerate(texts) if _lists_several(text, commas=at == 0)), None)
            if len(providers) > 1 or listed is not None:
                yield "strict.transaction.several_donors", provider, listed
                break


def _lists_several(text: str, *, commas: bool) -> bool:
    """Names may hold a comma, identifiers may not; a semicolon or bar lists in both."""
    match = _SEVERAL.search(text)
    return match is not None and (commas or "," not in match[0])


def several_years(record: etree._Element) -> Iterator[OwnFailure]:
    """A span of years in the description, or a value date in another year than the transaction's."""
    for transaction in record.iterchildren("transaction"):
        texts = [string_value(each) for each in transaction.iterchildren("description")]
        span = next((match[0] for text in texts if (match := _SPAN.search(text)) and match[1] != match[2]), None)
        if span is None:
            dates = [each.get("iso-date", "")[:4] for each in transaction.iterchildren("transaction-date")]
            values = [each.get("value-date", "") for each in transaction.iterchildren("value")]
            span = next((value for value in values if dates and value and value[:4] != dates[0]), None)
        if span is not None:
            yield "strict.transaction.several_years", transaction, span


def budget_overlap(record: etree._Element) -> Iterator[OwnFailure]:
    """Budgets of one element name and type (original where none is stated) whose periods share a day."""
    seen: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for budget in record.iterchildren(*_BUDGETS):
        start, end = _date(budget, "period-start"), _date(budget, "period-end")
        if start is None or end is None or start > end:
            continue
        periods = seen.setdefault((str(budget.tag), budget.get("type") or "1"), [])
        if any(start <= other_end and other_start <= end for other_start, other_end in periods):
            yield "strict.budget.overlap", budget, next(budget.iterchildren("period-start")).get("iso-date")
        periods.append((start, end))


def _date(element: etree._Element, name: str) -> float | None:
    child = next(element.iterchildren(name), None)
    return None if child is None else xsd_date(child.get("iso-date", ""))


def unpaired_results(record: etree._Element) -> Iterator[OwnFailure]:
    """Targets and actuals of a period pair by equal sets of dimensions and locations."""
    for period in record.iterfind("result/indicator/period"):
        targets, actuals = list(period.iterchildren("target")), list(period.iterchildren("actual"))
        if targets and actuals:
            yield from _unmatched(targets, actuals)
            yield from _unmatched(actuals, targets)


def _unmatched(these: list[etree._Element], others: list[etree._Element]) -> Iterator[OwnFailure]:
    counts, partners = Counter(map(_breakdown, these)), set(map(_breakdown, others))
    for element in these:
        key = _breakdown(element)
        if key not in partners or counts[key] > 1:
            words = [f"{name}={value}" for name, value in key[0]] + list(key[1])
            yield "strict.result.unpaired", element, ", ".join(words) or None


def _breakdown(element: etree._Element) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Dimensions and locations as sets, spelled alike."""
    dimensions = {(_plain(each.get("name")), _plain(each.get("value"))) for each in element.iterchildren("dimension")}
    locations = {_plain(each.get("ref")) for each in element.iterchildren("location")}
    return tuple(sorted(dimensions)), tuple(sorted(locations))


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def unknown_organisations(frame: Frame) -> OwnCheck:
    """Identifiers on no list: not a publisher's, and not begun with a registration agency and a hyphen."""
    publishers, agencies = frame.publishers or frozenset(), frame.agencies or frozenset()
    known: set[str] = set()

    def check(record: etree._Element) -> Iterator[OwnFailure]:
        for element in record.iter(*_ORGANISATIONS):
            ref = element.get("ref")
            if not ref or ref in known:
                continue
            if ref in publishers or any(begin in agencies for begin in beginnings(ref)):
                known.add(ref)
            else:
                yield "strict.organisation.unknown", element, ref

    return check


def beginnings(identifier: str) -> Iterable[str]:
    """The parts of `identifier` before each of its hyphens."""
    return (identifier[: match.start()] for match in re.finditer("-", identifier))
