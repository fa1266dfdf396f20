"""One record of an OECD-DAC file to rows of core.dac_flow: is it about the ILO, which measures, core or earmarked."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from ilo_iati.extract.tabular.dac_layout import Layout
from ilo_iati.extract.tabular.table import number
from ilo_iati.paths import SCHEMAS

CHANNELS = frozenset({"41302", "41144", "41701"})
PARENTS = frozenset({"40000", "41000", "41100", "41300", "41700"})
REPORTER = "940"
CEILING = frozenset({"2000", "2101"})
"""DAC1 aid types multilateral ODA and UN agencies: the ceiling that the ILO's core must stay below."""
NAMED = re.compile(
    r"\b(ILO|OIT|IAO)\b|international labou?r (org|off)"
    r"|organisation internationale du travail|organizaci[oó]n internacional del trabajo",
    re.I,
)
MILLION = Decimal(1_000_000)
_EMPTY = frozenset({"", "_Z", "nan", "NaN", "_T"})
_PLAIN = (
    "agency_code", "agency_name", "crs_id", "project_number", "channel_code", "channel_reported_name",
    "parent_channel_code", "bi_multi_code", "aid_type_code", "flow_code", "finance_type_code", "purpose_code",
    "donor_name", "recipient_name", "obs_status_code", "initial_report_code",
)  # fmt: skip
_MEASURES = (
    ("commitment", "C", "V"),
    ("disbursement", "D", "V"),
    ("commitment_constant", "C", "Q"),
    ("disbursement_constant", "D", "Q"),
)
CORE, THROUGH = "10", "20"
"""MEASURE of a Multisystem answer: core contributions to an agency, contributions through it."""
_FLOW_TYPES = {"commitments": "C", "disbursements": "D", "c": "C", "d": "D"}
_DAC1_FLOWS = {"1140": "D", "1150": "C"}
"""Net disbursements and commitments; gross, grants and grant equivalents are the same money again."""
_PRICES = {"current prices": "V", "constant prices": "Q", "v": "V", "q": "Q", "a": "V", "d": "Q"}


def about_ilo(layout: Layout, record: Mapping[str, str]) -> bool:
    """Whether a record is kept: it names the ILO as channel, or the ILO reported it, or (DAC1) it is a ceiling."""
    if source_of(layout, record) == "dac1":
        return record["measure"] in CEILING
    if reporter(record) == REPORTER:
        return True
    channel = record.get("channel_code", "")
    if channel in CHANNELS or record.get("channel_delivery_code") in CHANNELS:
        return True
    return channel in PARENTS and bool(NAMED.search(record.get("channel_reported_name", "")))


def is_same_money(layout: Layout, record: Mapping[str, str]) -> bool:
    """Whether a record of an SDMX answer is a total or a part of others of the same file, and so would be added twice.

    Recipients, sectors and measures are trees: of Multisystem only the cell of all developing countries and all sectors
    is read, of the CRS only the activities (MD_DIM is DD) and none of the totals over them.
    """
    if layout.name != "sdmx":
        return False
    if source_of(layout, record) == "crs":
        return record["level"] != "DD"
    if source_of(layout, record) != "multisystem":
        return False
    is_cell = (record["recipient_sdmx"], record["purpose_code"]) == ("DPGC", "1000")
    return not is_cell or record["level"] not in ("_T", "") or record["measure"] not in (CORE, THROUGH)


def reporter(record: Mapping[str, str]) -> str | None:
    """The DAC code of the provider a record is of."""
    return record.get("donor_code") or sdmx_donor(record.get("donor_sdmx", ""))


def flows(layout: Layout, record: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a record, one a measure that is stated. Raises ValueError with the text that is no number."""
    common = _common(layout, record)
    for text, flow_type, prices, factor in _measures(layout, record):
        amount = number(text)
        if amount is not None:
            base = record.get("base_year", "")[:4] if prices == "Q" else ""
            yield common | {
                "flow_type_code": flow_type,
                "price_base_code": prices,
                "base_year": int(base) if base.isdigit() else None,
                "amount_usd": (amount * factor).quantize(Decimal("0.000001")),
            }


def _measures(layout: Layout, record: Mapping[str, str]) -> Iterator[tuple[str, str, str, Decimal]]:
    """Amount text, C or D, V or Q, and the factor to US dollars of each measure."""
    if layout.name == "crs":
        for field, flow_type, prices in _MEASURES:
            yield record.get(field, ""), flow_type, prices, MILLION
        return
    prices = _PRICES.get(record.get("prices", "").lower(), "")
    flow_type = _flow_type(layout, record)
    if layout.name == "sdmx":
        # An SDMX answer also holds national currency and grant equivalents; only US dollars are comparable.
        if record["unit"] != "USD":
            return
        power = number(record["multiplier"])
        if power is None:
            # Without it dollars and millions cannot be told apart; a guess would be wrong by a factor of a million.
            raise ValueError(record["multiplier"])
        factor = Decimal(10) ** int(power)
    else:
        factor = MILLION
    if prices and flow_type:
        yield record["amount"] if record["amount"] not in _EMPTY else "", flow_type, prices, factor
    elif layout.name == "multisystem" or not (record.get("flow_type") or flow_type):
        raise ValueError(record.get("prices", "") if flow_type else record.get("flow_type", ""))


def _flow_type(layout: Layout, record: Mapping[str, str]) -> str:
    """C or D; empty for another measure of the same money (gross, grant equivalent), which is not read."""
    stated, source = record.get("flow_type", "").lower(), source_of(layout, record)
    if source == "dac1":
        return _DAC1_FLOWS.get(stated, "")
    # DAC2A is of disbursements; elsewhere a flow type that is not stated must not be guessed.
    return "D" if source == "dac2a" else _FLOW_TYPES.get(stated, "")


def _common(layout: Layout, record: Mapping[str, str]) -> dict[str, Any]:
    year = number(record["year"])
    if year is None or year != int(year):
        raise ValueError(record["year"])
    source = source_of(layout, record)
    if not source:
        raise ValueError(record["structure"])
    recipient = record.get("recipient_code") or sdmx_recipient(record.get("recipient_sdmx", ""))
    row: dict[str, Any] = {name: _known(record.get(name)) for name in _PLAIN}
    title = _known(record.get("project_title")) or _known(record.get("short_description"))
    if source in ("dac1", "dac2a"):
        row["aid_type_code"] = _known(record.get("measure"))
    return row | {
        "source": source,
        "year": int(year),
        "donor_code": (donor := reporter(record)),
        "donor_iso3": _donors()[1].get(donor or ""),
        "recipient_code": _known(recipient),
        "is_core": _is_core(layout, record),
        "project_title": title,
    }


def _known(text: str | None) -> str | None:
    return None if text is None or text in _EMPTY else text


def source_of(layout: Layout, record: Mapping[str, str]) -> str:
    """Which OECD table a record is of: by its layout, an SDMX answer by the structure it names; empty: none known."""
    tables = (("DF_MULTI", "multisystem"), ("DF_CRS", "crs"), ("DF_DAC2A", "dac2a"), ("DF_DAC1", "dac1"))
    return layout.source or next((name for part, name in tables if part in record["structure"]), "")


def _is_core(layout: Layout, record: Mapping[str, str]) -> bool:
    """The modality decides, not the channel: earmarked projects stand on 'assessed' channels too."""
    if layout.name == "multisystem":
        return record["to_or_through"].lower().startswith("core")
    source = source_of(layout, record)
    if source == "multisystem":
        return record["measure"] == CORE
    if source in ("dac1", "dac2a"):
        return source == "dac1"
    return record.get("bi_multi_code") == "2" or record.get("aid_type_code", "").startswith("B02")


def sdmx_donor(code: str) -> str | None:
    """The DAC code of an SDMX provider (DEU is 5, 1UN006 is 940); the code itself where the list has none."""
    return _donors()[0].get(code, code or None)


def sdmx_recipient(code: str) -> str | None:
    """The DAC code of an SDMX recipient (AFG is 625); the code itself for totals and what the list does not have."""
    return _recipients().get(code, code or None)


def reviewed(name: str) -> list[dict[str, str]]:
    """The rows of a reviewed list of schemas/reference, every value as text."""
    with (SCHEMAS / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def _recipients() -> dict[str, str]:
    """DAC code by SDMX code of the reviewed list of recipients, and of all developing countries."""
    known = {code: row["recipient_code"] for row in reviewed("dac_recipient") for code in row["sdmx_code"].split()}
    return known | {"DPGC": "10100"}


@cache
def _donors() -> tuple[dict[str, str], dict[str, str]]:
    """DAC code by SDMX code, and ISO 3166 code by DAC code, of the reviewed list of providers."""
    rows = reviewed("dac_donor")
    by_sdmx = {code: row["donor_code"] for row in rows for code in row["sdmx_code"].split()}
    return by_sdmx, {row["donor_code"]: row["iso3_code"] for row in rows if row["iso3_code"]}
