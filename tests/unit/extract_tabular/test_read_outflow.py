"""Tables of the ILO as CRS donor 940, added up by recipient, to core.dac_flow: D-Portal's and two plain lists."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ilo_iati.extract.outflow import read_outflow
from ilo_iati.findings import Finding
from ilo_iati.paths import SAMPLE
from tests.conftest import shared_dir

MATRIX = ",donor_code,5,940\nrecipient_name,RecipientCode,Germany,International Labour Organisation [ILO]\n"


def read(
    tmp_path: Path, content: bytes, dataset: str = "crs_outflow_2018"
) -> tuple[list[dict[str, Any]], list[Finding]]:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    table, findings = read_outflow(path, dataset=dataset, sha256="s")
    return table.to_pylist(), findings


def test_a_table_of_a_year_has_two_headers_and_one_column_for_the_ilo(tmp_path: Path) -> None:
    body = MATRIX + 'Afghanistan,625,9.5,1.25\n"Africa, regional",298,3,\n"Asia, regional",798,,-0.5\n'
    rows, findings = read(tmp_path, body.encode())
    assert findings == []
    assert [(row["recipient_code"], row["recipient_name"], row["amount_usd"], row["source_line"]) for row in rows] == [
        ("625", "Afghanistan", Decimal(1_250_000), 3),
        ("798", "Asia, regional", Decimal(-500_000), 5),
    ]
    said = {
        (r["source"], r["year"], r["donor_code"], r["flow_type_code"], r["price_base_code"], r["is_core"]) for r in rows
    }
    assert said == {("crs_aggregate", 2018, "940", "D", "V", False)}


def test_a_table_without_codes_takes_them_from_the_reviewed_list(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, b"donor_code,940\ndonor_name,ILO\nAfghanistan,1\nOld Name,2\n")
    assert findings == []
    assert [(row["recipient_code"], row["recipient_name"]) for row in rows] == [
        ("625", "Afghanistan"),
        (None, "Old Name"),
    ]


def test_a_line_in_another_encoding_is_read_and_told(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, MATRIX.encode() + "Côte d'Ivoire,247,1,1\n".encode("latin-1"))
    assert [row["recipient_name"] for row in rows] == ["Côte d'Ivoire"]
    assert [found.rule_id for found in findings] == ["extract.encoding"]


def test_lists_at_current_and_at_constant_prices(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, b"year,recipient_code,recipient_name,usd_million\n2015,625,Afghanistan,0.35\n", "any_list")
    assert [(row["year"], row["price_base_code"], row["amount_usd"]) for row in rows] == [(2015, "V", Decimal(350_000))]
    head = b"year,donor_name,recipient_name,flow_name,usd_disbursement_deflated\n"
    lines = (
        b"2020,International Labour Organisation,Afghanistan,ODA Grants,0.5\n"
        b"2020,International Labour Organisation,Afghanistan,,0.25\n"
        b"2020,World Health Organisation,Afghanistan,ODA Grants,9\n"
    )
    rows, findings = read(tmp_path, head + lines, "any_list")
    assert findings == []
    assert [(row["price_base_code"], row["base_year"], row["flow_code"], row["amount_usd"]) for row in rows] == [
        ("Q", None, "11", Decimal(500_000)),
        ("Q", None, None, Decimal(250_000)),
    ]


@pytest.mark.parametrize(
    ("content", "dataset", "rule"),
    [
        (MATRIX.encode() + b"Afghanistan,625,1,n/a\n", "crs_outflow_2018", "cast.lost"),
        (MATRIX.encode() + b"Afghanistan,625,1\nAlbania,71,1,2\n", "crs_outflow_2018", "extract.rejected"),
        (MATRIX.encode(), "crs_outflow_table", "extract.unknown_layout"),
        (b"a,b\n1,2\n", "crs_outflow_2018", "extract.unknown_layout"),
        (b"year,recipient_name,usd_million\nlast,Afghanistan,1\n", "any_list", "cast.lost"),
        (b"PK\x03\x04broken", "crs_outflow_2018", "extract.unreadable"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, dataset: str, rule: str) -> None:
    _, findings = read(tmp_path, content, dataset)
    assert [found.rule_id for found in findings] == [rule]


@pytest.mark.shared
@pytest.mark.parametrize("year", range(2015, 2020))
def test_d_portals_own_table_has_the_bundled_facts(year: int) -> None:
    path = shared_dir("data", "dac", "dportal", f"crs_{year}.csv")
    table, findings = read_outflow(path, dataset=f"crs_outflow_{year}", sha256="s")
    assert {found.rule_id for found in findings} <= {"extract.encoding"}
    with (SAMPLE / "data" / "crs_outflow.csv").open(encoding="utf-8", newline="") as lines:
        bundled = {
            row["recipient_name"]: Decimal(row[str(year)]) * 1_000_000
            for row in csv.DictReader(lines)
            if row[str(year)]
        }
    found = {row["recipient_name"].replace("\ufffd", "ô"): row["amount_usd"] for row in table.to_pylist()}
    assert found == bundled
