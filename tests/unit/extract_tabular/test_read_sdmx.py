"""Answers of the OECD's SDMX API to core.dac_flow: one level of every tree, nothing guessed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.extract_tabular.dac_files import SDMX, as_csv, read, sdmx


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
