"""The yearly files 2014 to 2018 and 2019: version 2.03, the donor as provider organisation, a budget a calendar year.

2014-18: money in is type 2 with the donor as provider (a third by name only), money out is type 4 with the same
amount, both on 1 January; RBSA has no type 2. 2019: money in is type 1, all dated 31 December, and the donor is role 1.
The ILO's file of 2019 has as many receipts as activities, so RBSA has a receipt from then on.
"""

from __future__ import annotations

from ilo_iati.sample.donors import RBSA_REF
from ilo_iati.sample.draws import draw
from ilo_iati.sample.parts import (
    ILO_NAME,
    SITE,
    Money,
    activities,
    activity,
    budget,
    contact,
    dates,
    head,
    link,
    location,
    party,
    region,
    transaction,
)
from ilo_iati.sample.plan import MARK, Project, Share, rbsa_shares, shares
from ilo_iati.sample.xml import Element, code, narrative, said

ILO = "XM-DAC-41302"


def write(year: int, generated: str) -> Element:
    """The file of one year as one element."""
    found = [*shares(year), *rbsa_shares(year)]
    return activities("2.03", generated, [_activity(share, place_in_file) for place_in_file, share in enumerate(found)])


def identifier(share: Share) -> str:
    """The pattern of 2014-19: project, donor code, year and outcome."""
    project = share.project
    return f"{ILO}-{MARK}-{project.number}-{project.donor.code}-{share.year}-{project.outcome}"


def is_rbsa(project: Project) -> bool:
    """True for core voluntary funds, whose donor code is 0."""
    return project.donor.code == "0"


def _activity(share: Share, position: int) -> Element:
    project, year = share.project, share.year
    language, description = _language_and_description(share)
    title_date = "2021-03-15" if year == 2019 else "2018-05-31"
    children = [
        *head(identifier(share), project.title, description, language),
        *_parties(project, year),
        code("activity-status", "4" if year == 2019 else ("3" if project.last_year <= year else "2")),
        *_dates(share, position),
        contact(),
        code("activity-scope", "4" if project.place.is_country else "2" if "REGIONAL" in project.place.code else "1"),
        *_place(project),
        *(_sectors(project) if year >= 2018 else []),
        code("policy-marker", "1", vocabulary="1", significance=project.theme.gender) if year == 2019 else None,
        code("collaboration-type", "4" if year == 2019 else "2"),
        *_defaults(project),
        *_budgets(share, position),
        *_transactions(share),
        link(project.symbol, project.title, title_date, "A06" if year == 2019 else "A12"),
    ]
    humanitarian = "1" if year >= 2018 and project.theme.purpose == "43030" else ""
    return activity(language, f"{SITE}/projects#symbol={project.symbol}", children, humanitarian)


def _language_and_description(share: Share) -> tuple[str, str]:
    """Some records say French and hold English, some descriptions are empty: seen in the ILO's files."""
    key = (share.project.number, share.year)
    language = share.project.place.language if draw("language", *key) < 0.5 else "EN"
    if draw("no description", *key) < 0.12:
        return language, ""
    theme, place = share.project.theme, share.project.place
    return language, f"Illustrative record on {theme.en} in {place.name}; it shows the form, not anybody's work."


def _parties(project: Project, year: int) -> list[Element | None]:
    donor = project.donor
    if year == 2019:
        funder = party("1", ILO_NAME if is_rbsa(project) else donor.name, donor.ref, donor.kind)
        return [party("2", ILO_NAME, ILO), party("4", ILO_NAME, ILO), funder]
    if is_rbsa(project) and year == 2018:
        return [Element("participating-org", {"role": "1", "type": "40"}, [narrative(RBSA_REF)])]
    return [party("1", ILO_NAME, RBSA_REF if is_rbsa(project) else ILO, "40")]


def _dates(share: Share, position: int) -> list[Element | None]:
    """Start and end; one record of 2018 ends in 1899."""
    year, project = share.year, share.project
    if year == 2019:
        return dates("2019-01-01", "2019-12-31")
    end = "1899-01-30" if year == 2018 and position == 7 else f"{project.last_year}-12-31"
    return dates(f"{min(project.first_year, year)}-01-01", end)


def _place(project: Project) -> list[Element | None]:
    if not project.place.is_country:
        return [region(project.place)]
    return [code("recipient-country", project.place.code, percentage="100"), location(project.place)]


def _sectors(project: Project) -> list[Element | None]:
    theme = project.theme
    words = f"Sample output {theme.output}: {theme.en}"
    own = said("sector", words, attributes={"code": theme.output, "vocabulary": "99", "percentage": "100"})
    return [own, code("sector", theme.purpose, vocabulary="1", percentage="100")]


def _terms(project: Project) -> tuple[str, str, str]:
    """Flow, finance and aid type: RBSA has its own; money that is not development aid is flow 50."""
    if is_rbsa(project):
        return "35", "910", "G01"
    return ("10" if project.donor.dac else "50" if project.donor.suffix in ("SCO", "COL") else "10"), "110", "C01"


def _defaults(project: Project) -> list[Element | None]:
    flow, finance, aid = _terms(project)
    return [
        code("default-flow-type", flow),
        code("default-finance-type", finance),
        code("default-aid-type", aid, vocabulary="1"),
    ]


def _budgets(share: Share, position: int) -> list[Element | None]:
    """A budget of the year; one of 2018 ends before it starts, one a year is zero, 2019 is revised and committed."""
    year, start, end = share.year, f"{share.year}-01-01", f"{share.year}-12-31"
    if year == 2019:
        return [budget(start, end, str(share.usd), "2", "2", end)]
    if year == 2018 and position == 11:
        return [budget(start, "2017-06-30", str(share.usd))]
    return [budget(start, end, "0" if position == 23 else str(share.usd))]


def _transactions(share: Share) -> list[Element]:
    project, year, usd = share.project, share.year, str(share.usd)
    day = f"{year}-12-31" if year == 2019 else f"{year}-01-01"
    ref = f"{project.symbol}-{year}-{project.outcome} - {project.theme.en}"
    into = Money(ref if year == 2019 else f"{ref}-2", "1" if year == 2019 else "2", day, usd)
    out = transaction(Money(ref, "4", day, usd), _rest(share, None))
    if is_rbsa(project) and year < 2019:
        return [out]
    return [transaction(into, _rest(share, _provider(share))), out]


def _provider(share: Share) -> Element:
    """The donor; some references of 2018 stand in the narrative instead of the attribute."""
    donor = share.project.donor
    if share.year == 2018 and donor.ref and draw("ref as text", share.project.number) < 0.06:
        return said("provider-org", donor.ref)
    named_only = draw("name only", share.project.number, share.year) < 0.12
    attributes = {"ref": "" if named_only else donor.ref, "provider-activity-id": ""}
    if share.project.donor_activity and draw("traced", share.project.number) < 0.02:
        attributes["provider-activity-id"] = share.project.donor_activity
    return said("provider-org", donor.name, attributes=attributes)


def _rest(share: Share, provider: Element | None) -> list[Element | None]:
    flow, finance, aid = _terms(share.project)
    sector = code("sector", share.project.theme.purpose, vocabulary="1") if share.year < 2018 else None
    return [
        provider,
        code("disbursement-channel", "2"),
        sector,
        code("flow-type", flow),
        code("finance-type", finance),
        code("aid-type", aid, vocabulary="1"),
    ]
