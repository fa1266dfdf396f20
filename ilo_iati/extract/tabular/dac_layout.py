"""The layouts in which the OECD publishes DAC data, by the names of their columns, whatever the spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilo_iati.extract.tabular.records import plain_places

NEAR = re.compile(rb'\|"?(?:41302|41144|41701|41000|41100|41300|41700|40000|940)"?(?:\||$)')
"""A cheap look at a `|` record: it may be about the ILO only if one of these codes stands in a field of its own.

One pattern that begins with the delimiter was faster than ten plain searches and than splitting the record.
"""
NEAR_CEILING, NEAR_REPORTER = re.compile(rb"(?<![0-9])(?:2101|2000)(?![0-9])"), re.compile(rb"(?<![0-9])940(?![0-9])")
"""The same for DAC1 and DAC2A, which are whole tables of a million rows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout: `fields` are our names with the column names they may have, `needed` must be there."""

    name: str
    source: str
    marks: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    exact: bool = False


_TEXT = {
    "year": ("year",),
    "donor_code": ("donorcode",),
    "donor_name": ("donorname", "donornamee"),
    "agency_code": ("agencycode",),
    "agency_name": ("agencyname", "agencynamee"),
    "crs_id": ("crsid",),
    "project_number": ("projectnumber",),
    "recipient_code": ("recipientcode",),
    "recipient_name": ("recipientname", "recipientnamee"),
    "channel_code": ("channelcode",),
    "channel_reported_name": ("channelreportedname", "channelreportednamee"),
    "parent_channel_code": ("parentchannelcode", "channelcategory"),
    "initial_report_code": ("initialreport",),
    "bi_multi_code": ("bimulti",),
    "aid_type_code": ("aidt",),
    "flow_code": ("flowcode",),
    "finance_type_code": ("financet",),
    "purpose_code": ("purposecode",),
    "project_title": ("projecttitle",),
    "short_description": ("shortdescription",),
}
MULTISYSTEM = Layout(
    "multisystem",
    "multisystem",
    frozenset({"aidtoorthru", "amounttype"}),
    _TEXT
    | {"amount": ("amount",), "flow_type": ("flowtype",), "prices": ("amounttype",), "to_or_through": ("aidtoorthru",)},
    ("year", "donor_code", "amount", "flow_type", "prices", "to_or_through", "channel_code", "channel_reported_name"),
)
CRS = Layout(
    "crs",
    "crs",
    frozenset({"usdcommitment", "usddisbursement"}),
    _TEXT
    | {
        "commitment": ("usdcommitment",),
        "disbursement": ("usddisbursement",),
        "commitment_constant": ("usdcommitmentdefl",),
        "disbursement_constant": ("usddisbursementdefl",),
    },
    (
        "year",
        "donor_code",
        "channel_code",
        "channel_reported_name",
        "bi_multi_code",
        "aid_type_code",
        "commitment",
        "disbursement",
    ),
)
_SDMX = {
    "year": ("TIME_PERIOD",),
    "donor_sdmx": ("DONOR",),
    "recipient_sdmx": ("RECIPIENT",),
    "purpose_code": ("SECTOR",),
    "measure": ("MEASURE",),
    "channel_code": ("CHANNEL",),
    "aid_type_code": ("MODALITY",),
    "flow_type": ("FLOW_TYPE",),
    "prices": ("PRICE_BASE",),
    "unit": ("UNIT_MEASURE",),
    "level": ("MD_DIM",),
    "amount": ("OBS_VALUE",),
    "multiplier": ("UNIT_MULT",),
    "base_year": ("BASE_PER",),
    "obs_status_code": ("OBS_STATUS",),
    "agency_code": ("DONOR_AGENCY",),
    "crs_id": ("OECD_ID",),
    "project_number": ("DONOR_PROJECT_ID",),
    "channel_delivery_code": ("CHANNELDELIVERY_CODE", "CHANNEL_DELIVERY_CODE"),
    "channel_reported_name": ("CHANNELDELIVERY_NAME",),
    "bi_multi_code": ("BIMULTI_CODE",),
    "finance_type_code": ("FINANCETYPE_CODE",),
    "project_title": ("PROJECT_TITLE",),
    "donor_name": ("Donor",),
    "recipient_name": ("Recipient",),
    "structure": ("STRUCTURE_ID",),
}
SDMX = Layout(
    "sdmx",
    "",
    frozenset({"OBS_VALUE", "TIME_PERIOD", "DONOR"}),
    _SDMX,
    ("year", "donor_sdmx", "amount", "multiplier", "prices", "structure", "unit"),
    exact=True,
)
SDMX_NEEDED = {
    "multisystem": ("recipient_sdmx", "purpose_code", "measure", "channel_code", "flow_type", "level"),
    "crs": ("recipient_sdmx", "channel_code", "aid_type_code", "flow_type", "level"),
    "dac1": ("measure", "flow_type"),
    "dac2a": ("recipient_sdmx", "measure"),
}
"""What an SDMX answer of each table cannot do without besides: dimensions of its key, so always columns.

Without FLOW_TYPE commitments would be read as disbursements, without CHANNEL nothing would be about the ILO.
"""
_DOTSTAT = {
    "year": ("YEAR", "TIME", "Year"),
    "donor_code": ("DONOR",),
    "donor_name": ("Donor",),
    "measure": ("AIDTYPE",),
    "prices": ("AMOUNTTYPE", "DATATYPE"),
    "amount": ("Value",),
    "flow_type": ("FLOWS",),
    "recipient_code": ("RECIPIENT",),
    "recipient_name": ("Recipient",),
}
DAC2A = Layout(
    "dac2a",
    "dac2a",
    frozenset({"RECIPIENT", "AIDTYPE", "DATATYPE"}),
    _DOTSTAT,
    ("year", "donor_code", "recipient_code", "measure", "prices", "amount"),
    exact=True,
)
DAC1 = Layout(
    "dac1",
    "dac1",
    frozenset({"AIDTYPE", "FLOWS", "AMOUNTTYPE"}),
    _DOTSTAT,
    ("year", "donor_code", "measure", "prices", "amount"),
    exact=True,
)
LOOKS = {"multisystem": NEAR, "crs": NEAR, "dac1": NEAR_CEILING, "dac2a": NEAR_REPORTER}
"""Layouts whose records get the cheap look first."""
LAYOUTS = (MULTISYSTEM, CRS, SDMX, DAC2A, DAC1)


def find_layout(names: Sequence[str]) -> tuple[Layout | None, dict[str, int]]:
    """The layout of a header and where each of its fields stands. SDMX names differ by case only, text names never."""
    exact = {name.strip().strip("\ufeff"): at for at, name in reversed(list(enumerate(names)))}
    loose = plain_places(names)
    for layout in LAYOUTS:
        known = exact if layout.exact else loose
        if layout.marks <= set(known):
            places = ((field, next((known[name] for name in spellings if name in known), None))
                      for field, spellings in layout.fields.items())  # fmt: skip
            return layout, {field: at for field, at in places if at is not None}
    return None, {}
