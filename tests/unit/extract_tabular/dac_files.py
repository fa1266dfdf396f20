"""OECD-DAC files as the tests write them: the columns of each layout, one record with given values, a whole file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from ilo_iati.extract.dac import read_dac
from ilo_iati.spec.table import load_tables

MULTI = [
    "Year",
    "DonorCode",
    "DonorNameE",
    "AgencyNameE",
    "Amount",
    "FlowType",
    "AmountType",
    "AidToOrThru",
    "ChannelCode",
    "ChannelNameE",
    "ChannelReportedNameE",
    "ChannelCategory",
    "ChannelCategoryName",
    "RecipientCode",
    "RecipientNameE",
    "Purposecode",
    "Purposename_e",
    "ShortDescription",
    "Gender",
    "Environment",
    "Free-standing Technical Co-operation",
    "Programme Based Approaches",
    "InvestmentProject",
    "Biodiversity",
    "ClimateMitigation",
    "ClimateAdaptation",
    "Desertification",
    "RegionNameE",
    "IncomeGroupNameE",
    "FlowCode",
    "FlowName_e",
    "Aid_T",
    "Aid_T_Description_E",
    "Sector",
    "SectorNameE",
    "Geography",
    "ProjectTitle",
    "LongDescription",
    "CRSid",
    "ProjectNumber",
]
CRS = [
    "Year",
    "DonorCode",
    "DonorName",
    "AgencyCode",
    "AgencyName",
    "CrsID",
    "ProjectNumber",
    "InitialReport",
    "RecipientCode",
    "RecipientName",
    "FlowCode",
    "FlowName",
    "Bi_Multi",
    "Category",
    "Finance_t",
    "Aid_t",
    "USD_Commitment",
    "USD_Disbursement",
    "USD_Commitment_Defl",
    "USD_Disbursement_Defl",
    "ShortDescription",
    "ProjectTitle",
    "PurposeCode",
    "ChannelCode",
    "ChannelName",
    "ChannelReportedName",
    "ParentChannelCode",
    "LongDescription",
]


def line(columns: list[str], **values: object) -> str:
    return "|".join(str(values.get(name, "")) for name in columns)


def multi(**values: object) -> str:
    given = {
        "Year": 2018,
        "DonorCode": 5,
        "DonorNameE": "Germany",
        "Amount": "1.5",
        "FlowType": "Disbursements",
        "AmountType": "Current prices",
        "AidToOrThru": "Core contributions to",
        "ChannelCode": 41302,
        "Aid_T": "B02",
    }
    return line(MULTI, **given | values)


def crs(**values: object) -> str:
    given = {
        "Year": 2018,
        "DonorCode": 5,
        "DonorName": "Germany",
        "CrsID": "0123456789",
        "Bi_Multi": 1,
        "Aid_t": "C01",
        "USD_Commitment": "2",
        "USD_Disbursement": "1.25",
        "USD_Disbursement_Defl": "1.3",
        "ChannelCode": 41302,
    }
    return line(CRS, **given | values)


def text(columns: list[str], *lines: str, end: str = "\r\n") -> str:
    return end.join(["|".join(columns), *lines]) + end


def read(tmp_path: Path, body: bytes, **facts: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    path = tmp_path / "file"
    path.write_bytes(body)
    table, findings = read_dac(path, dataset="d", sha256="s", **facts)
    assert table.column_names == [column.name for column in load_tables()["core.dac_flow"].columns]
    return table.to_pylist(), findings


SDMX = [
    "STRUCTURE",
    "STRUCTURE_ID",
    "DONOR",
    "Donor",
    "RECIPIENT",
    "Recipient",
    "SECTOR",
    "MEASURE",
    "CHANNEL",
    "MODALITY",
    "FLOW_TYPE",
    "PRICE_BASE",
    "MD_DIM",
    "UNIT_MEASURE",
    "TIME_PERIOD",
    "OBS_VALUE",
    "BASE_PER",
    "OBS_STATUS",
    "UNIT_MULT",
]


def sdmx(flow: str, **values: str) -> list[str]:
    given = {
        "STRUCTURE": "DATAFLOW",
        "STRUCTURE_ID": f"OECD.DCD.FSD:{flow}(1.6)",
        "DONOR": "DEU",
        "Donor": "Germany, a donor",
        "RECIPIENT": "DPGC",
        "SECTOR": "1000",
        "MEASURE": "10",
        "CHANNEL": "41302",
        "FLOW_TYPE": "D",
        "PRICE_BASE": "Q",
        "MD_DIM": "DD" if "CRS" in flow else "_T",
        "UNIT_MEASURE": "USD",
        "TIME_PERIOD": "2018",
        "OBS_VALUE": "1.5",
        "BASE_PER": "2022",
        "OBS_STATUS": "A",
        "UNIT_MULT": "6",
    }
    return [(given | values).get(name, "") for name in SDMX]


def as_csv(header: list[str], *rows: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode("utf-8-sig")
