"""The 2012-13 file: version 2.02, the donor only in codes, countries on both levels, no budgets, schema-invalid.

The donor stands in the identifier (`... -1277 -2012-KEN902`, spaces and all) and in the symbol that opens
`transaction/@ref`. Money comes as type 2 and goes out as type 4 with the same amount. `default-aid-type/@vocabulary`
and `aid-type/@vocabulary` are not in 2.02, the country `GLOBAL` and the finance type `100` are on no list: the ILO's
own oddities.
"""

from __future__ import annotations

from ilo_iati.sample.draws import draw
from ilo_iati.sample.parts import SITE, Money, activities, activity, contact, dates, head, party, transaction
from ilo_iati.sample.places import Place
from ilo_iati.sample.plan import MARK, Share, rbsa_shares, shares
from ilo_iati.sample.xml import Element, cents, code

NAME = "International Labour Organization"
LINK = f"{SITE}/iati-data/2012-13.xml"


def write(generated: str) -> Element:
    """The whole file as one element."""
    found = [share for year in (2012, 2013) for share in (*shares(year), *rbsa_shares(year))]
    return activities("2.02", generated, [_activity(share) for share in found])


def identifier(share: Share) -> str:
    """The 2012-13 pattern: project, donor code, year and outcome, a space before the first two hyphens."""
    project = share.project
    return f"XM-DAC-41302-{MARK}-{project.number} -{project.donor.code} -{share.year}-{project.outcome}"


def _country(place: Place) -> str:
    return place.code if place.is_country else "GLOBAL"


def _description(share: Share) -> str:
    if draw("no description", share.project.number, share.year) < 0.45:
        return ""
    theme, place = share.project.theme, share.project.place
    return (
        f"Illustrative record on {theme.en} in {place.name}.\nIt shows the form of 2012-13; nobody's work is described."
    )


def _activity(share: Share) -> Element:
    project, country = share.project, _country(share.project.place)
    flow, finance, aid = _terms(share)
    children = [
        *head(identifier(share), project.title, _description(share), name=NAME),
        party("1", NAME, "XM-DAC-41302" if project.donor.code != "0" else "XM-DAC-41144", "40"),
        code("activity-status", "3" if project.last_year < 2015 else "2"),
        *dates(f"{project.first_year}-03-01", f"{project.last_year}-12-31"),
        contact(name=NAME),
        code("activity-scope", "4" if project.place.is_country else "1"),
        code("recipient-country", country, percentage="100"),
        code("collaboration-type", "2"),
        code("default-flow-type", flow),
        code("default-finance-type", finance),
        code("default-aid-type", aid, vocabulary="1"),
        *_transactions(share, country),
    ]
    return activity("EN", LINK, children)


def _terms(share: Share) -> tuple[str, str, str]:
    """Flow, finance and aid type: RBSA has its own."""
    return ("35", "910", "G01") if share.project.donor.code == "0" else ("10", "110", "C01")


def _transactions(share: Share, country: str) -> list[Element]:
    project, year = share.project, share.year
    flow, finance, aid = _terms(share)
    rest: list[Element | None] = [
        code("disbursement-channel", "2"),
        code("sector", project.theme.purpose, vocabulary="1"),
        code("recipient-country", country),
        code("flow-type", flow),
        code("finance-type", "100" if finance == "110" else finance),
        code("aid-type", aid, vocabulary="1"),
    ]
    ref = f"{project.symbol}-{year}-{project.outcome} - {project.theme.en}"
    early = f"{year}-12-01" if draw("december", project.number, year) < 0.3 else f"{year}-01-01"
    rows = [("2", early, "C"), ("4", f"{year}-12-31", "E")]
    if project.donor.code == "0":
        rows = rows[1:]
    usd = cents(share.usd * 100)
    return [transaction(Money(f"{ref}-{end}", kind, day, usd), rest) for kind, day, end in rows]
