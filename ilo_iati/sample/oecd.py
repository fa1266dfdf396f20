"""The OECD's files and pages with the sample's flows in them: Multisystem, CRS (a zip a year), DAC1 and DAC2A."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache, partial

from ilo_iati.sample.ceb import as_csv, read_rows
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


@cache
def dac1_zip() -> bytes:
    """DAC table 1: what providers gave to all UN agencies in 2020, real facts of `data/dac1_un_agencies.csv`."""
    header = "DONOR,Donor,PART,Part,AIDTYPE,Aid type,FLOWS,Fund flows,AMOUNTTYPE,Amount type,TIME,Year,Value,Flags"
    fixed = ("1", "1 : Part I - Developing Countries", "2101", "I.B.1.1. UN agencies", "1140", "Net Disbursements", "A",
             "Current Prices (USD millions)", "2020", "2020")  # fmt: skip
    rows = ((row["donor_code"], row["donor_name"], *fixed, row["usd_million"], "") for row in read_rows(DAC1))
    return packed("Table1_Data.csv", codecs.BOM_UTF8 + as_csv(header.split(","), rows))


@cache
def dac2a_zip() -> bytes:
    """DAC table 2a with the made outflows of the ILO, added up by recipient and year."""
    totals: dict[tuple[int, int, str], Decimal] = {}
    for flow in (flow for year in YEARS for flow in outflows(year)):
        key = (flow.recipient, flow.year, flow.recipient_name)
        totals[key] = totals.get(key, Decimal(0)) + flow.disbursed
    header = "RECIPIENT,Recipient,DONOR,Donor,PART,Part,AIDTYPE,Aid type,DATATYPE,Amount type,TIME,Year,Value,Flags"
    ilo = ("940", "International Labour Organisation", "1", "1 : Part I - Developing Countries", "206",
           "Memo: ODA total, disbursements", "A", "Current Prices (USD millions)")  # fmt: skip
    rows = ((code, name, *ilo, year, year, _plain(usd), "") for (code, year, name), usd in sorted(totals.items()))
    return packed("Table2a_Data.csv", codecs.BOM_UTF8 + as_csv(header.split(","), rows))


DAC1 = "dac1_un_agencies.csv"
FLOWS: dict[str, dict[str, tuple[str, Callable[[], bytes]]]] = {
    "DSD_MULTI@DF_MULTI": {f"{BULK}/multisystem.zip": ("Entire dataset (dotStat format)", multisystem_zip)},
    "DSD_CRS@DF_CRS": {
        f"{BULK}/crs_{year}.zip": (f"CRS {year} (dotStat format)", partial(crs_zip, year)) for year in YEARS
    },
    "DSD_DAC1@DF_DAC1": {f"{BULK}/dac1.zip": ("DAC1 full dataset (dotStat format)", dac1_zip)},
    "DSD_DAC2@DF_DAC2A": {f"{BULK}/dac2a.zip": ("DAC2A full dataset (dotStat format)", dac2a_zip)},
}
"""By dataflow: the address of each bulk file with its label and body."""
VERSIONS = {"DSD_DAC1@DF_DAC1": "1.8", "DSD_DAC2@DF_DAC2A": "1.4"}


_MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_STRUCTURE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
_COMMON = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"


def dataflow_page(flow: str) -> bytes:
    """The SDMX page of a dataflow: its version, and one annotation `label-vRELEASE|address` a bulk file."""
    annotations = [_annotation(f"{label}-v{RELEASE}|{url}") for url, (label, _) in FLOWS[flow].items()]
    attributes = {"id": flow, "agencyID": "OECD.DCD.FSD", "version": VERSIONS.get(flow, VERSION), "isFinal": "true"}
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
