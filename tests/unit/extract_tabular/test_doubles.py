"""Years that two datasets of a source hold are read from the better one, whatever fetching left side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from ilo_iati.extract.doubles import each_year_once
from ilo_iati.findings import Finding
from ilo_iati.spec.source import load_sources


def table(*years: int) -> tuple[pa.Table, list[Finding]]:
    return pa.table({"year": pa.array(years, pa.int32())}), []


DAY = datetime(2026, 11, 1, tzinfo=UTC)


def years_of(source: str, late: str = "", **read: tuple[pa.Table, list[Finding]]) -> dict[str, list[int]]:
    """Years left of each dataset; all came on one day but `late`, a day later."""
    found = each_year_once(load_sources()[source], read, {name: DAY + timedelta(days=name == late) for name in read})
    return {name: rows["year"].to_pylist() for name, (rows, _) in found.items()}


def test_a_file_of_a_year_goes_before_the_whole_and_both_before_the_api() -> None:
    assert years_of(
        "oecd_crs",
        oecd_crs_api_2017_2021=table(2017, 2018, 2018, 2019),
        oecd_crs_api_own_2017_2021=table(2017, 2018, 2021),
        oecd_crs=table(2018, 2019, 2019),
        oecd_crs_2019=table(2019),
        oecd_crs_2020=table(),
    ) == {
        "oecd_crs_api_2017_2021": [2017],
        "oecd_crs_api_own_2017_2021": [2017, 2021],
        "oecd_crs": [2018],
        "oecd_crs_2019": [2019],
        "oecd_crs_2020": [],
    }  # fmt: skip


def test_of_a_whole_table_and_a_years_file_the_later_goes_before() -> None:
    """A whole table that an officer dropped wins for the years it holds, until a year is published anew."""
    read = {"oecd_crs": table(2018, 2019), "oecd_crs_2018": table(2018), "oecd_crs_2020": table(2020)}
    assert years_of("oecd_crs", "oecd_crs", **read) == {
        "oecd_crs": [2018, 2019], "oecd_crs_2018": [], "oecd_crs_2020": [2020]
    }  # fmt: skip
    assert years_of("oecd_crs", "oecd_crs_2018", **read) == {
        "oecd_crs": [2019], "oecd_crs_2018": [2018], "oecd_crs_2020": [2020]
    }  # fmt: skip


def test_what_is_left_out_is_counted() -> None:
    read = {"oecd_crs_api_2017_2021": table(2018, 2019, 2019), "oecd_crs_2019": table(2019)}
    _, found = each_year_once(load_sources()["oecd_crs"], read, dict.fromkeys(read, DAY))["oecd_crs_api_2017_2021"]
    assert [(one.rule_id, one.dataset, one.value) for one in found] == [
        ("extract.elsewhere", "oecd_crs_api_2017_2021", "2")
    ]


def test_a_list_goes_before_the_tables_it_replaces_only() -> None:
    assert years_of(
        "crs_outflow", crs_outflow_2018=table(2018, 2018), crs_outflow_list=table(2018, 2020),
        crs_outflow_constant_list=table(2018),
    ) == {"crs_outflow_2018": [], "crs_outflow_list": [2018, 2020], "crs_outflow_constant_list": [2018]}  # fmt: skip


def test_tables_without_years_are_left_alone() -> None:
    rates = pa.table({"currency_code": ["EUR"]}), []
    read = {"exchange_rate_daily": rates, "exchange_rate_override": rates}
    assert each_year_once(load_sources()["exchange_rate_daily"], read, dict.fromkeys(read, DAY)) == read
