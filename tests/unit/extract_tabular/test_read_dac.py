"""OECD-DAC files of every layout and encoding to core.dac_flow; what cannot be read is counted, never lost silently."""

from __future__ import annotations

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
from tests.conftest import shared_dir
from tests.unit.extract_tabular.dac_files import CRS, MULTI, as_csv, crs, line, multi, read, text


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
