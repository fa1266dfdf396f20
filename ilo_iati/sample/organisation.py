"""The two organisation files: budgets a year made from UN CEB's totals, one identifier in quotation marks."""

from __future__ import annotations

from ilo_iati.sample import ceb
from ilo_iati.sample.amounts import LAST_CEB_YEAR
from ilo_iati.sample.donors import ILO_REF
from ilo_iati.sample.parts import SITE
from ilo_iati.sample.xml import Element, code, money, narrative, said

NAMES = {"EN": "International Labour Organization", "FR": "Organisation internationale du Travail",
         "ES": "Organización Internacional del Trabajo"}  # fmt: skip


def write_first(generated: str) -> Element:
    """`ilo-org`: budgets 2012 to 2026; the identifier stands within quotation marks, the ILO's known slip."""
    budgets = [
        _total_budget(year, f"{year + 1}-04-09" if year < 2024 else f"{year}-01-01") for year in range(2012, 2027)
    ]
    children = [
        Element("organisation-identifier", text=f'"{ILO_REF}"'),
        said("name", NAMES["EN"]),
        _reporting(),
        *budgets,
    ]
    return _file(generated, children, "EN")


def write_second(generated: str) -> Element:
    """`ilo-organisation-publisher`: the second file, identifier as it should be, names in three languages."""
    names = Element("name", children=[narrative(text, language.lower()) for language, text in NAMES.items()])
    page = [
        said("title", "Sample page of the organisation", "en"),
        code("category", "B02"),
        code("language", "en"),
    ]
    link = Element("document-link", {"format": "text/html", "url": f"{SITE}/organisation"}, page)
    budgets = [_total_budget(year, f"{year}-01-01") for year in (2025, 2026, 2027)]
    children = [Element("organisation-identifier", text=ILO_REF), names, _reporting(), *budgets, link]
    return _file(generated, children, "en")


def _file(generated: str, children: list[Element], language: str) -> Element:
    organisation = Element("iati-organisation", {"xml:lang": language, "default-currency": "USD"}, children)
    return Element("iati-organisations", {"version": "2.03", "generated-datetime": generated}, [organisation])


def _reporting() -> Element:
    return said("reporting-org", NAMES["EN"], attributes={"ref": ILO_REF, "type": "40", "secondary-reporter": "0"})


def _total_budget(year: int, value_date: str) -> Element:
    """A year's budget: CEB's total revenue to the nearest hundred thousand, the last known year where there is none."""
    usd = round(float(ceb.total(min(year, LAST_CEB_YEAR))) / 1e5) * 100_000
    return Element(
        "total-budget",
        children=[
            Element("period-start", {"iso-date": f"{year}-01-01"}),
            Element("period-end", {"iso-date": f"{year}-12-31"}),
            money(str(usd), value_date),
        ],
    )
