"""The parts of an activity that several eras write alike: head, parties, contact, place, budget, transaction, link."""

from __future__ import annotations

from dataclasses import dataclass

from ilo_iati.sample.donors import ILO_REF
from ilo_iati.sample.places import Place
from ilo_iati.sample.xml import Element, code, money, said

ILO_NAME = "International Labour Organization (ILO)"
SITE = "https://ilo-sample.example.org"
NOTICE = (
    "Illustrative sample of ilo-iati, made by its own writer: structure as the ILO publishes, amounts fitted to "
    "UN CEB's published totals, every project and every text made up. This is not the ILO's publication."
)


def activities(version: str, generated: str, items: list[Element]) -> Element:
    """The root of an activity file."""
    return Element("iati-activities", {"version": version, "generated-datetime": generated}, items)


def activity(language: str, link: str, children: list[Element | None], humanitarian: str = "") -> Element:
    """One activity in US dollars on the single level the ILO uses."""
    attributes = {
        "xml:lang": language,
        "default-currency": "USD",
        "hierarchy": "1",
        "humanitarian": humanitarian,
        "linked-data-uri": link,
    }
    return Element("iati-activity", attributes, children)


def head(
    identifier: str, title: str, description: str, language: str = "EN", name: str = ILO_NAME
) -> list[Element | None]:
    """Identifier, reporting organisation, title and description."""
    reporting = {"ref": ILO_REF, "type": "40"}
    if name != ILO_NAME:
        reporting["secondary-reporter"] = "0"
    return [
        Element("iati-identifier", text=identifier),
        said("reporting-org", name, language, reporting),
        said("title", title, language),
        said("description", description, language, {"type": "1"}),
    ]


def party(role: str, name: str, ref: str = "", kind: str = "", activity_id: str = "", language: str = "EN") -> Element:
    """A participating organisation."""
    return said(
        "participating-org", name, language, {"ref": ref, "role": role, "type": kind, "activity-id": activity_id}
    )


def dates(start: str, end: str) -> list[Element | None]:
    """Actual start and actual end, the two the ILO gives."""
    return [
        Element("activity-date", {"iso-date": day, "type": kind}) for day, kind in ((start, "2"), (end, "4")) if day
    ]


def contact(department: str = "PARDEV", language: str = "EN", name: str = ILO_NAME) -> Element:
    """Contact details that lead nowhere real."""
    return Element(
        "contact-info",
        {"type": "1"},
        [
            said("organisation", name, language),
            said("department", department, language) if department else None,
            Element("email", text="sample@ilo-sample.example.org"),
            Element("website", text=SITE),
        ],
    )


def region(place: Place) -> Element:
    """A region by the ILO's own list (vocabulary 99)."""
    uri = f"{SITE}/regions"
    return code("recipient-region", place.code, percentage="100", vocabulary="99", vocabulary_uri=uri)


def location(place: Place) -> Element:
    """The country once more as a location of vocabulary A4."""
    return Element(
        "location",
        {"ref": place.code},
        [
            code("location-reach", "1"),
            code("location-id", place.code, vocabulary="A4"),
            said("name", place.name),
            code("administrative", place.code, vocabulary="A4", level="0"),
            code("exactness", "1"),
        ],
    )


def budget(start: str, end: str, usd: str, kind: str = "1", status: str = "1", value_date: str = "") -> Element:
    """A budget; kind 1 original, 2 revised; status 1 indicative, 2 committed."""
    return Element(
        "budget",
        {"type": kind, "status": status},
        [
            Element("period-start", {"iso-date": start}),
            Element("period-end", {"iso-date": end}),
            money(usd, value_date or start),
        ],
    )


@dataclass(frozen=True, slots=True)
class Money:
    """The opening of a transaction: reference, type, date, amount in cents already written out."""

    ref: str
    kind: str
    date: str
    usd: str
    humanitarian: str = ""


def transaction(opening: Money, children: list[Element | None]) -> Element:
    """A transaction; `children` follow type, date and value in the order of the schema."""
    first = [
        code("transaction-type", opening.kind),
        Element("transaction-date", {"iso-date": opening.date}),
        money(opening.usd, opening.date),
    ]
    return Element("transaction", {"ref": opening.ref, "humanitarian": opening.humanitarian}, [*first, *children])


def link(symbol: str, title: str, date: str, category: str = "A12") -> Element:
    """The project page, with format and language in capitals as the ILO writes them (not on the code lists)."""
    return Element(
        "document-link",
        {"format": "TEXT/HTML", "url": f"{SITE}/projects#symbol={symbol}"},
        [
            said("title", f"Sample project page: {title}"),
            code("category", category),
            code("language", "EN"),
            Element("document-date", {"iso-date": date}),
        ],
    )
