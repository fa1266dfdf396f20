"""The OECD's files and pages with the sample's flows in them: Multisystem (40 columns), CRS (a zip a year)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from ilo_iati.sample.dac_flows import CHANNELS, YEARS, Flow, contributions, outflows
from ilo_iati.sample.exchange import packed
from ilo_iati.sample.xml import Element, document

#: The releases the dataflow pages announce, in the label's own form.
RELEASE = "20251218"
VERSION = "1.6"
BULK = "https://webfs-dcd.oecd.org/dcd-public/sample"

MULTISYSTEM_COLUMNS = (
    "Year|DonorCode|DonorNameE|AgencyNameE|Amount|FlowType|AmountType|AidToOrThru|ChannelCode|ChannelNameE|"
    "ChannelReportedNameE|ChannelCategory|ChannelCategoryName|RecipientCode|RecipientNameE|Purposecode|Purposename_e|"
    "ShortDescription|Gender|Environment|Free-standing Technical Co-operation|Programme Based Approaches|"
    "InvestmentProject|Biodiversity|ClimateMitigation|ClimateAdaptation|Desertification|RegionNameE|IncomeGroupNameE|"
    "FlowCode|FlowName_e|Aid_T|Aid_T_Description_E|Sector|SectorNameE|Geography|ProjectTitle|LongDescription|CRSid|"
    "ProjectNumber"
)
CRS_COLUMNS = (
    "Year|DonorCode|DonorName|AgencyCode|AgencyName|CrsID|ProjectNumber|InitialReport|RecipientCode|RecipientName|"
    "RegionCode|RegionName|IncomegroupCode|IncomegroupName|FlowCode|FlowName|Bi_Multi|Category|Finance_t|Aid_t|"
    "USD_Commitment|USD_Disbursement|USD_Received|USD_Commitment_Defl|USD_Disbursement_Defl|USD_Received_Defl|"
    "USD_Adjustment|USD_Adjustment_Defl|USD_AmountUntied|USD_AmountPartialTied|USD_AmountTied|USD_AmountUntied_Defl|"
    "USD_AmountPartialTied_Defl|USD_Amounttied_Defl|USD_IRTC|USD_Expert_Commitment|USD_Expert_Extended|"
    "USD_Export_Credit|CurrencyCode|Commitment_National|Disbursement_National|GrantEquiv|USD_GrantEquiv|"
    "ShortDescription|ProjectTitle|PurposeCode|PurposeName|SectorCode|SectorName|ChannelCode|ChannelName|"
    "ChannelReportedName|ParentChannelCode|Geography|ExpectedStartDate|CompletionDate|LongDescription|SDGfocus|Gender|"
    "Environment|DIG|Trade|RMNCH|DRR|Nutrition|Disability|FTC|PBA|InvestmentProject|AssocFinance|Biodiversity|"
    "ClimateMitigation|ClimateAdaptation|Desertification|CommitmentDate|TypeRepayment|NumberRepayment|Interest1|"
    "Interest2|Repaydate1|Repaydate2|USD_Interest|USD_Outstanding|USD_Arrears_Principal|USD_Arrears_Interest|"
    "CapitalExpend|PSIflag|PSIAddType|PSIAddAssess|PSIAddDevObj"
)
REGIONS = {
    89: "Europe", 189: "North of Sahara", 289: "South of Sahara", 298: "Africa", 389: "Caribbean & Central America",
    489: "South America", 498: "America", 589: "Middle East", 619: "South & Central Asia", 679: "South & Central Asia",
    789: "Far East Asia", 798: "Asia", 889: "Oceania", 998: "Developing countries unspecified",
}  # fmt: skip
AID_TYPES = {
    "B02": "Core contributions to multilateral institutions", "B021": "Core contributions to multilateral institutions",
    "B03": "Specific-purpose programmes and funds", "B033": "Single-donor funds", "C01": "Project-type interventions",
}  # fmt: skip


def parent(channel: str, year: int) -> str:
    """The channel's parent: the DAC regrouped the United Nations in 2020."""
    if channel == "41701":
        return "41700"
    return "41000" if year < 2020 else "41300" if channel == "41302" else "41100"


def _table(header: str, rows: Iterable[dict[str, object]]) -> bytes:
    """Text with `|` between the columns; what a row does not name stays empty."""
    columns = header.split("|")
    lines = [header]
    lines += ["|".join(str(row.get(name, "")) for name in columns) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode()


@cache
def multisystem_zip() -> bytes:
    """The Multisystem file of all years: each flow as commitment and disbursement, in current and constant prices."""
    rows = (row for year in YEARS for flow in contributions(year) for row in _multisystem_rows(flow))
    return packed("MultiSystem entire dataset.txt", _table(MULTISYSTEM_COLUMNS, rows))


def _multisystem_rows(flow: Flow) -> Iterable[dict[str, object]]:
    fixed = _multisystem_fixed(flow)
    for kind, amount in (("Commitments", flow.committed), ("Disbursements", flow.disbursed)):
        for prices, value in (("Current prices", amount), ("Constant prices", flow.constant(amount))):
            yield {**fixed, "FlowType": kind, "AmountType": prices, "Amount": _plain(value)}


def _plain(amount: Decimal) -> str:
    """Six decimals at most, no trailing zeros, no exponent."""
    return f"{amount:f}".rstrip("0").rstrip(".") or "0"


def _multisystem_fixed(flow: Flow) -> dict[str, object]:
    return {
        "Year": flow.year, "DonorCode": flow.donor, "DonorNameE": flow.donor_name, "AgencyNameE": flow.agency,
        "AidToOrThru": "Core contributions to" if flow.is_core else "Contributions through",
        "ChannelCode": flow.channel, "ChannelNameE": CHANNELS[flow.channel],
        "ChannelReportedNameE": flow.channel_reported, "ChannelCategory": parent(flow.channel, flow.year),
        "ChannelCategoryName": "United Nations (UN) agency, fund or commission", "RecipientCode": flow.recipient,
        "RecipientNameE": flow.recipient_name, "Purposecode": flow.purpose, "Purposename_e": flow.purpose_name,
        "ShortDescription": flow.title.upper(), "RegionNameE": REGIONS[flow.region],
        "FlowCode": 11, "FlowName_e": "ODA Grants",
        "Aid_T": flow.aid_type, "Aid_T_Description_E": AID_TYPES[flow.aid_type], "Sector": flow.purpose[:3],
        "ProjectTitle": flow.title, "LongDescription": "Illustrative row of the sample", "CRSid": flow.crs_id,
        "ProjectNumber": flow.project_number,
    }  # fmt: skip


@cache
def crs_zip(year: int) -> bytes:
    """The CRS file of one year: members' flows, core ones too as since April 2026, and the ILO's own (donor 940)."""
    columns = CRS_COLUMNS + ("|LDCflag|LDCflagName" if year >= 2020 else "")
    rows = map(_crs_row, (*contributions(year), *outflows(year)))
    return packed(f"CRS {year} data.txt", _table(columns, rows))


def _crs_row(flow: Flow) -> dict[str, object]:
    agencies = ("Regular budget", "Regular budget technical cooperation", "Regular Budget Supplementary Account")
    return {
        "Year": flow.year, "DonorCode": flow.donor, "DonorName": flow.donor_name,
        "AgencyCode": agencies.index(flow.agency) + 1 if flow.donor == 940 else 1, "AgencyName": flow.agency,
        "CrsID": flow.crs_id, "ProjectNumber": flow.project_number, "InitialReport": 1, "RecipientCode": flow.recipient,
        "RecipientName": flow.recipient_name, "RegionCode": flow.region, "RegionName": REGIONS[flow.region],
        "FlowCode": 11, "FlowName": "ODA Grants",
        "Bi_Multi": flow.bi_multi, "Category": 10, "Finance_t": 110, "Aid_t": flow.aid_type,
        "USD_Commitment": _plain(flow.committed), "USD_Disbursement": _plain(flow.disbursed),
        "USD_Commitment_Defl": _plain(flow.constant(flow.committed)),
        "USD_Disbursement_Defl": _plain(flow.constant(flow.disbursed)), "CurrencyCode": 302,
        "Commitment_National": _plain(flow.committed), "Disbursement_National": _plain(flow.disbursed),
        "ShortDescription": flow.title.upper(), "ProjectTitle": flow.title, "PurposeCode": flow.purpose,
        "PurposeName": flow.purpose_name, "SectorCode": flow.purpose[:3], "ChannelCode": flow.channel,
        "ChannelName": CHANNELS[flow.channel], "ChannelReportedName": flow.channel_reported,
        "ParentChannelCode": parent(flow.channel, flow.year), "LongDescription": "Illustrative row of the sample",
    }  # fmt: skip


def bulk_files() -> dict[str, tuple[str, int | None]]:
    """Every bulk address with its label and, for the CRS, its year."""
    files: dict[str, tuple[str, int | None]] = {f"{BULK}/multisystem.zip": ("Entire dataset (dotStat format)", None)}
    for year in YEARS:
        files[f"{BULK}/crs_{year}.zip"] = (f"CRS {year} (dotStat format)", year)
    return files


_MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_STRUCTURE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
_COMMON = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"


def dataflow_page(flow: str) -> bytes:
    """The SDMX page of a dataflow: its version, and one annotation `label-vRELEASE|address` a bulk file."""
    files = [
        (url, label) for url, (label, year) in bulk_files().items() if (year is None) == (flow == "DSD_MULTI@DF_MULTI")
    ]
    annotations = [_annotation(f"{label}-v{RELEASE}|{url}") for url, label in files]
    attributes = {"id": flow, "agencyID": "OECD.DCD.FSD", "version": VERSION, "isFinal": "true"}
    children = [
        Element("common:Annotations", children=annotations),
        Element("common:Name", {"xml:lang": "en"}, text=f"Sample page of {flow}"),
        Element("structure:Structure", children=[_reference(flow)]),
    ]
    flows = Element("structure:Dataflows", children=[Element("structure:Dataflow", attributes, children)])
    spaces = {"xmlns:message": _MESSAGE, "xmlns:structure": _STRUCTURE, "xmlns:common": _COMMON}
    root = Element("message:Structure", spaces, [Element("message:Structures", children=[flows])])
    return document(root, "Constructed answer of the ilo-iati sample")


def _annotation(text: str) -> Element:
    words = Element("common:AnnotationText", {"xml:lang": "en"}, text=text)
    return Element("common:Annotation", children=[Element("common:AnnotationType", text="EXT_RESOURCE"), words])


def _reference(flow: str) -> Element:
    structure = {"id": flow.split("@")[0], "version": VERSION, "agencyID": "OECD.DCD.FSD", "package": "datastructure"}
    return Element("Ref", {**structure, "class": "DataStructure"})
