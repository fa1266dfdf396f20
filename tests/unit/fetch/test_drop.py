"""The drop folder: a file's name says which dataset it is, and no file lies there unread without a word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ilo_iati.fetch.drop import year_of
from ilo_iati.fetch.result import Fault
from ilo_iati.snapshot import Store
from tests.servers import Loopback, plain, refused
from tests.servers.sources import moved, structure_page, zipped
from tests.unit.fetch.conftest import NOW, Refresh
from tests.unit.fetch.test_fetch_oecd import CRS, CRS_TEXT, CSV, LINE, NAMES, TEXT, announce, rules


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("CRS 2019 data.txt", "2019"),
        ("CRS 2019 data (2026-10-01).zip", "2019"),
        ("CRS_2004-05.zip", "2004_05"),
        ("CRS 2004-2005.zip", "2004_05"),
        # Made on a day, or with a release in the name: the whole table.
        ("CRS-Parquet 2026-10-01.parquet", ""),
        ("CRS_2025.12.18.parquet", ""),
        ("CRS-Parquet-v20251218.parquet", ""),
        ("CRS-reduced.parquet", ""),
    ],
)
def test_the_year_in_a_name(name: str, year: str) -> None:
    assert year_of(Path(name)) == year


@pytest.mark.parametrize("name", ["CRS 1973-2024.parquet", "CRS 2012-16.zip", "CRS 2012_2016.zip"])
def test_a_run_of_years_is_refused(name: str) -> None:
    with pytest.raises(Fault, match="says years"):
        year_of(Path(name))


def test_a_whole_table_with_a_date_in_its_name_is_taken_for_the_whole(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    """It was taken for the year 2025 and read besides every other one: all money twice. Years it lacks stay."""
    announce(server, CRS, {f"CRS {year} (dotStat format)": f"/crs_{year}.zip" for year in range(2012, 2022)})
    for year in range(2012, 2022):
        server.routes[f"/crs_{year}.zip"] = plain(zipped({"a.txt": CRS_TEXT}))
    assert len(refresh(moved("oecd_crs", server)).datasets) == 10
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "CRS 2025-12-18.txt").write_bytes(CRS_TEXT)
    assert refresh(moved("oecd_crs", server), drop=tmp_path / "drop").changed == ("oecd_crs",)
    assert len(store.datasets("oecd_crs")) == 11
    assert sum(store.current(name) is not None for name in store.datasets("oecd_crs")) == 11


def test_one_dropped_year_leaves_the_blocks_of_the_api_in_use(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    """Where the bulk host refuses programs the API holds all years: a year brought by hand retired them all."""
    source = moved("oecd_crs", server)
    announce(server, CRS, {"CRS 2019 (dotStat format)": "/crs_2019.zip", "CRS 2020 (dotStat format)": "/crs_2020.zip"})
    server.routes["/crs_2019.zip"] = server.routes["/crs_2020.zip"] = refused()
    structure = structure_page(source.sdmx.dimensions)
    server.routes["/public/rest/datastructure/OECD.DCD.FSD/DSD_CRS/1.6"] = plain(structure)
    for first, last in ((2012, 2016), (2017, 2021), (2022, 2025)):
        for key in (source.sdmx.key, source.sdmx.own_key):
            path = f"/dcd-public/rest/data/OECD.DCD.FSD,DSD_CRS@DF_CRS,1.6/{key}"
            server.routes[f"{path}?format=csvfilewithlabels&startPeriod={first}&endPeriod={last}"] = plain(CSV)
    blocks = refresh(source, drop=tmp_path / "drop").datasets
    assert len(blocks) == 6
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "CRS 2019 data.txt").write_bytes(CRS_TEXT)
    again = refresh(source, drop=tmp_path / "drop", now=NOW + timedelta(days=8))
    assert set(again.datasets) == {*blocks, "oecd_crs_2019"}
    assert server.asked("/crs_2019.zip") == 1, "the dropped year is not asked for"
    assert "oecd_crs_api_2012_2016" not in again.changed
    # The bulk host opens for the years it announces, which are not all: the blocks still hold the others.
    server.routes["/crs_2020.zip"] = plain(zipped({"a.txt": CRS_TEXT}))
    assert set(refresh(source, drop=tmp_path / "drop").datasets) == {*blocks, "oecd_crs_2019", "oecd_crs_2020"}


def test_every_file_that_is_not_taken_is_told(server: Loopback, store: Store, refresh: Refresh, tmp_path: Path) -> None:
    for name, body in {
        "a 2026-01-01.csv": TEXT,
        "b 2026-06-01.csv": NAMES + LINE * 60,
        "table.xlsx": b"PK",
        "half.zip.part": b"PK",
        ".DS_Store": b"",
        "README.txt": b"",
    }.items():
        (tmp_path / name).write_bytes(body)
    result = refresh(moved("oecd_multisystem", server), drop=tmp_path)
    assert [(found.rule_id, found.value) for found in result.findings] == [
        ("fetch.drop_twice", "a 2026-01-01.csv"),
        ("fetch.drop_ignored", "half.zip.part"),
        ("fetch.drop_ignored", "table.xlsx"),
    ]
    current = store.current("oecd_multisystem")
    assert current is not None
    assert current.items == 60
    assert refresh(moved("oecd_multisystem", server), drop=tmp_path).changed == (), "the same file each time"


def test_a_file_called_after_no_dataset_is_told_with_the_names(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    server.routes["/imf-exchangerates/imf_exchangerates_A_ENDA_USD.csv"] = plain(
        b"Date,Rate,Currency\n2020-12-31,1,EUR\n"
    )
    (tmp_path / "imf.csv").write_text("Date,Rate,Currency\n")
    result = refresh(moved("exchange_rate_annual", server), drop=tmp_path)
    assert rules(result) == ["fetch.drop_ignored"]
    assert "exchange_rate_annual" in result.findings[0].fix
