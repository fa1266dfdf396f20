"""OECD-DAC files of every layout and encoding to core.dac_flow; what cannot be read is counted, never lost silently."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ilo_iati.extract.dac import read_dac
from ilo_iati.extract.tabular import dac_row
from ilo_iati.paths import MARTS
from ilo_iati.spec.table import load_tables
from tests.conftest import shared_dir

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


def test_multisystem_rows_are_one_measure_each(tmp_path: Path) -> None:
    body = text(
        MULTI,
        multi(),
        multi(AmountType="Constant prices", FlowType="Commitments", Amount="-0.0000019"),
        multi(ChannelCode=41114),
        multi(AidToOrThru="Contributions through"),
    )
    rows, findings = read(tmp_path, body.encode(), release="20251218", is_illustrative=True)
    assert findings == []
    assert [(row["flow_type_code"], row["price_base_code"], row["amount_usd"]) for row in rows] == [
        ("D", "V", Decimal("1500000")),
        ("C", "Q", Decimal("-1.9")),
        ("D", "V", Decimal("1500000")),
    ]
    assert [row["is_core"] for row in rows] == [True, True, False]
    assert [row["source_line"] for row in rows] == [2, 3, 5]
    first = rows[0]
    assert (first["donor_code"], first["donor_iso3"], first["release"], first["is_illustrative"]) == (
        "5",
        "DEU",
        "20251218",
        True,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_encoding_met_in_the_wild(tmp_path: Path, encoding: str, packed: bool) -> None:
    body = text(CRS, crs(ProjectTitle="Réforme à Genève", DonorCode="08"), end="\n").encode(encoding)
    if packed:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("CRS 2018 data.txt", body)
        body = buffer.getvalue()
    rows, findings = read(tmp_path, body)
    assert {row["project_title"] for row in rows} == {"Réforme à Genève"}
    assert {row["crs_id"] for row in rows} == {"0123456789"}, "codes stay text, leading zeros and all"
    assert [item.rule_id for item in findings] == (["extract.encoding"] if encoding == "latin-1" else [])


def test_crs_measures_and_what_makes_core(tmp_path: Path) -> None:
    body = text(CRS, crs(), crs(Bi_Multi=2, Aid_t="B02", USD_Disbursement=""), crs(Aid_t="B031", ChannelCode=41144))
    rows, _ = read(tmp_path, body.encode())
    assert [(row["flow_type_code"], row["price_base_code"]) for row in rows[:3]] == [("C", "V"), ("D", "V"), ("D", "Q")]
    assert {row["source_line"]: row["is_core"] for row in rows} == {2: False, 3: True, 4: False}
    assert len(rows) == 3 + 2 + 3


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"ChannelCode": 41000, "ChannelReportedName": "International Labour Organisation"}, True),
        ({"ChannelCode": 41000, "ChannelReportedName": "OIT"}, True),
        ({"ChannelCode": 41000, "ChannelReportedName": "PILOT fund"}, False),
        ({"ChannelCode": 41122, "ChannelReportedName": "ILO"}, False),
        ({"ChannelCode": "", "DonorCode": 940}, True),
        ({"ChannelCode": "", "LongDescription": "x 41302 y"}, False),
        ({"ChannelCode": 41701}, True),
    ],
)
def test_which_rows_are_about_the_ilo(tmp_path: Path, values: dict[str, object], kept: bool) -> None:
    rows, _ = read(tmp_path, text(CRS, crs(**values)).encode())
    assert bool(rows) is kept


@pytest.mark.parametrize("spell", [str.lower, str.upper, lambda name: name.replace("_", ""), str])
def test_names_that_changed_case_are_the_same_names(tmp_path: Path, spell: Any) -> None:
    rows, findings = read(tmp_path, text([spell(name) for name in CRS], crs()).encode())
    assert len(rows) == 3
    assert findings == []


def test_broken_lines_are_counted_and_swallow_nothing(tmp_path: Path) -> None:
    body = text(
        CRS,
        crs(ShortDescription="has a break\r\nand goes on"),
        "2018|5|torn 41302",
        crs(),
        crs(USD_Disbursement="n/a"),
        crs(LongDescription='a "quoted" | bar', ProjectTitle="x").replace('a "quoted" | bar', '"a ""quoted"" | bar"'),
    )
    rows, findings = read(tmp_path, (body + "\x1a").encode())
    assert sorted({row["source_line"] for row in rows}) == [2, 5, 7]
    said = {item.rule_id: item for item in findings}
    assert set(said) == {"cast.lost", "extract.rejected"}
    assert (said["cast.lost"].line, said["cast.lost"].value) == (6, "n/a")
    assert (said["extract.rejected"].line, said["extract.rejected"].value) == (4, "1")


def test_a_flood_of_bad_numbers_is_one_more_finding(tmp_path: Path) -> None:
    _, findings = read(tmp_path, text(CRS, *[crs(USD_Commitment="x")] * 50).encode())
    assert len(findings) == 21
    assert findings[-1].value == "50"


def test_a_changed_layout_is_said_and_nothing_guessed(tmp_path: Path) -> None:
    names = [name for name in CRS if name != "Bi_Multi"]
    rows, findings = read(tmp_path, text(names, line(names, Year=2018)).encode())
    assert rows == []
    assert findings[0].rule_id == "extract.unknown_layout"
    assert "bi_multi_code" in findings[0].message
    rows, findings = read(tmp_path, b"<html>Sign in</html>")
    assert [item.rule_id for item in findings] == ["extract.unknown_layout"]
    assert read(tmp_path, b"")[1][0].rule_id == "extract.unknown_layout"


def test_a_broken_zip_is_a_finding(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, b"PK\x03\x04" + bytes(100))
    assert rows == []
    assert findings[0].rule_id == "extract.unreadable"


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


def test_sdmx_answers_with_labels(tmp_path: Path) -> None:
    body = as_csv(
        SDMX,
        sdmx("DSD_MULTI@DF_MULTI"),
        sdmx("DSD_MULTI@DF_MULTI", UNIT_MEASURE="XDC"),
        sdmx("DSD_MULTI@DF_MULTI", MEASURE="20", PRICE_BASE="V", UNIT_MULT="3", DONOR="4EU001", OBS_STATUS="_Z"),
        sdmx("DSD_CRS@DF_CRS", DONOR="1UN006", CHANNEL="_T", MODALITY="B021"),
    )
    rows, findings = read(tmp_path, body)
    assert [(item.rule_id, item.value) for item in findings] == [("extract.unit", "1")], "thousands, once"
    assert [
        (row["source"], row["donor_code"], row["amount_usd"], row["base_year"], row["is_core"]) for row in rows
    ] == [
        ("multisystem", "5", Decimal("1500000"), 2022, True),
        ("multisystem", "918", Decimal("1500"), None, False),
        ("crs", "940", Decimal("1500000"), 2022, True),
    ]
    assert rows[0]["donor_name"] == "Germany, a donor"
    assert rows[1]["obs_status_code"] is None
    assert rows[2]["channel_code"] is None


def test_an_amount_without_its_unit_is_not_guessed(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, as_csv(SDMX, sdmx("DSD_MULTI@DF_MULTI", UNIT_MULT="")))
    assert rows == []
    assert [item.rule_id for item in findings] == ["cast.lost"]


def test_dac1_and_dac2a(tmp_path: Path) -> None:
    dac1 = [
        "DONOR",
        "Donor",
        "PART",
        "Part",
        "AIDTYPE",
        "Aid type",
        "FLOWS",
        "Fund flows",
        "AMOUNTTYPE",
        "Amount type",
        "TIME",
        "Year",
        "Value",
    ]
    rows, _ = read(
        tmp_path,
        as_csv(
            dac1,
            ["5", "Germany", "1", "", "2101", "", "1140", "", "A", "", "2018", "2018", "400"],
            ["5", "Germany", "1", "", "2101", "", "1120", "", "A", "", "2018", "2018", "400"],
            ["5", "Germany", "1", "", "2101", "", "1151", "", "A", "", "2018", "2018", "300"],
            ["5", "Germany", "1", "", "2101", "", "1150", "", "A", "", "2018", "2018", "300"],
            ["5", "Germany", "1", "", "1010", "", "1140", "", "A", "", "2018", "2018", "4"],
            ["5", "Germany", "1", "", "2000", "", "1140", "", "N", "", "2018", "2018", "4"],
        ),
    )
    assert [(row["source"], row["aid_type_code"], row["flow_type_code"], row["amount_usd"]) for row in rows] == [
        ("dac1", "2101", "D", Decimal("400000000")),
        ("dac1", "2101", "C", Decimal("300000000")),
    ]
    dac2a = ["RECIPIENT", "Recipient", "DONOR", "Donor", "PART", "AIDTYPE", "DATATYPE", "YEAR", "Value"]
    rows, _ = read(
        tmp_path,
        as_csv(
            dac2a,
            ["55", "Türkiye", "940", "ILO", "1", "206", "D", "2018", "1.5"],
            ["55", "Türkiye", "5", "Germany", "1", "206", "D", "2018", "1.5"],
        ),
    )
    assert [(row["recipient_code"], row["price_base_code"]) for row in rows] == [("55", "Q")]


def test_parquet_gives_the_same_rows_as_text(tmp_path: Path) -> None:
    lines = [
        crs(),
        crs(ChannelCode=41122),
        crs(DonorCode=940, ChannelCode=""),
        crs(ChannelCode="41000.0", ChannelReportedName="ILO"),
    ]
    rows, _ = read(tmp_path, text(CRS, *lines).replace("41000.0", "41000").encode())
    snake = [name.lower() for name in CRS]
    columns = list(zip(*(one.split("|") for one in lines), strict=True))
    path = tmp_path / "all.parquet"
    pq.write_table(pa.table([pa.array(column) for column in columns], names=snake), path)
    table, findings = read_dac(path, dataset="d", sha256="s")
    assert findings == []
    strip = [{key: value for key, value in row.items() if key != "source_line"} for row in rows]
    assert [{k: v for k, v in row.items() if k != "source_line"} for row in table.to_pylist()] == strip
    path.write_bytes(b"PAR1" + b"x" * 100)
    assert read_dac(path, dataset="d", sha256="s")[1][0].rule_id == "extract.unreadable"


@pytest.mark.shared
def test_the_real_multisystem_rows_have_our_forty_columns(tmp_path: Path) -> None:
    page = shared_dir("data", "dac", "multisystem", "multisystem_cookbook_sample.md").read_text("utf-8")
    table = page[page.index("Year|") :]
    assert table.splitlines()[0].split("|") == MULTI
    rows, findings = read(tmp_path, table.replace("|41114|", "|41302|").encode())
    assert findings == []
    assert [(row["donor_name"], row["amount_usd"], row["is_core"]) for row in rows] == [
        ("Luxembourg", Decimal("590110"), True)
    ]


def test_the_mart_knows_the_ilo_by_the_names_the_reader_knows() -> None:
    """Written twice, since SQL cannot call Python: what the reader keeps as the ILO's, the mart must not lose."""
    assert f"(?i){dac_row.NAMED.pattern}" in (MARTS / "mart.dac_contribution.sql").read_text("utf-8")


def test_the_ilos_own_rows_are_left_out_and_counted_where_another_block_holds_them(tmp_path: Path) -> None:
    path = tmp_path / "donors.txt"
    path.write_text(text(CRS, crs(DonorCode=940), crs(DonorCode=5)), "utf-8")
    table, findings = read_dac(path, dataset="d", sha256="s", own_in="own")
    assert set(table.column("donor_code").to_pylist()) == {"5"}
    assert [(found.rule_id, found.value) for found in findings] == [("extract.elsewhere", "1")]
    assert "940" in read_dac(path, dataset="d", sha256="s")[0].column("donor_code").to_pylist()


def test_dac1_and_dac2a_as_the_api_answers_them(tmp_path: Path) -> None:
    one = [
        sdmx("DSD_DAC1@DF_DAC1", MEASURE="2101", FLOW_TYPE="1140", OBS_VALUE="4"),
        sdmx("DSD_DAC1@DF_DAC1", MEASURE="2101", FLOW_TYPE="1160", OBS_VALUE="4"),
        sdmx("DSD_DAC1@DF_DAC1", MEASURE="1010", FLOW_TYPE="1140", OBS_VALUE="9"),
    ]
    two = [sdmx("DSD_DAC2@DF_DAC2A", DONOR="1UN006", MEASURE="206", FLOW_TYPE="112", RECIPIENT="AFG", OBS_VALUE="1")]
    two += [sdmx("DSD_DAC2@DF_DAC2A", DONOR="1UN006", MEASURE="206", RECIPIENT="DPGC", OBS_VALUE="1")]
    unknown = [sdmx("DSD_X@DF_X", DONOR="1UN006")]
    rows, findings = read(tmp_path, as_csv(SDMX, *one, *two, *unknown))
    assert [(row["source"], row["aid_type_code"], row["flow_type_code"], row["amount_usd"]) for row in rows] == [
        ("dac1", "2101", "D", Decimal(4_000_000)),
        ("dac2a", "206", "D", Decimal(1_000_000)),
        ("dac2a", "206", "D", Decimal(1_000_000)),
    ]
    # The codes of recipients are those of the bulk files, so that the two can be compared and totals be told.
    assert [row["recipient_code"] for row in rows[1:]] == ["625", "10100"]
    assert [found.rule_id for found in findings] == ["cast.lost"]


def test_a_core_contribution_that_stands_in_every_cell_of_the_trees_is_read_once(tmp_path: Path) -> None:
    """As the service answers where recipient and sector are left open: the same money six times, and in a total too."""
    cells = [
        sdmx("DSD_MULTI@DF_MULTI", RECIPIENT=recipient, SECTOR=sector)
        for recipient in ("DPGC", "DPGC_X")
        for sector in ("1000", "998", "99810")
    ]
    others = [sdmx("DSD_MULTI@DF_MULTI", MEASURE="1"), sdmx("DSD_MULTI@DF_MULTI", MD_DIM="DD")]
    rows, findings = read(tmp_path, as_csv(SDMX, *cells, *others))
    assert [row["amount_usd"] for row in rows] == [Decimal("1500000")]
    assert [(found.rule_id, found.value, found.severity.value) for found in findings] == [
        ("extract.same_money", "7", "advisory")
    ]
    rows, findings = read(tmp_path, as_csv(SDMX, *cells[1:]))
    assert rows == []
    assert findings[0].severity.value == "warning", "nothing is left to stand for them"


def test_totals_over_the_activities_of_the_crs_are_not_read(tmp_path: Path) -> None:
    body = as_csv(SDMX, sdmx("DSD_CRS@DF_CRS"), sdmx("DSD_CRS@DF_CRS", MD_DIM="_T", MODALITY="_T"))
    rows, findings = read(tmp_path, body)
    assert len(rows) == 1
    assert [(found.rule_id, found.value) for found in findings] == [("extract.same_money", "1")]


def test_a_total_over_providers_has_the_code_of_a_total(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, as_csv(SDMX, *(sdmx("DSD_MULTI@DF_MULTI", DONOR=one) for one in ("DAC", "DAC_EC", "G7"))))
    assert [row["donor_code"] for row in rows] == ["20001", "20000", "20003"]


@pytest.mark.parametrize(
    ("flow", "column"),
    [(flow, column) for flow in ("DSD_MULTI@DF_MULTI", "DSD_CRS@DF_CRS")
     for column in ("CHANNEL", "FLOW_TYPE", "MD_DIM", "UNIT_MEASURE")]
    + [("DSD_MULTI@DF_MULTI", "MEASURE"), ("DSD_CRS@DF_CRS", "MODALITY"), ("DSD_DAC1@DF_DAC1", "FLOW_TYPE")],
)  # fmt: skip
def test_an_answer_without_a_dimension_is_not_guessed(tmp_path: Path, flow: str, column: str) -> None:
    """Without FLOW_TYPE commitments were disbursements, without CHANNEL every row vanished without a word."""
    at = SDMX.index(column)
    header, row = (one[:at] + one[at + 1 :] for one in (SDMX, sdmx(flow)))
    rows, findings = read(tmp_path, as_csv(header, row))
    assert rows == []
    assert [found.rule_id for found in findings] == ["extract.unknown_layout"]


def test_a_flow_type_that_is_empty_is_not_guessed_either(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, as_csv(SDMX, sdmx("DSD_CRS@DF_CRS", FLOW_TYPE="")))
    assert rows == []
    assert [found.rule_id for found in findings] == ["cast.lost"]


def test_rows_of_another_table_than_the_source_are_left_out_and_told(tmp_path: Path) -> None:
    """A Multisystem answer in the drop folder of the CRS has the columns of one and would be the same money again."""
    body = as_csv(SDMX, sdmx("DSD_MULTI@DF_MULTI"), sdmx("DSD_CRS@DF_CRS"))
    rows, findings = read(tmp_path, body, table="crs")
    assert [row["source"] for row in rows] == ["crs"]
    assert [(found.rule_id, found.value, found.severity.value) for found in findings] == [
        ("extract.other_table", "1", "error")
    ]
