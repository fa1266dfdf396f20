"""OECD-DAC: bulk files named by the dataflow, the drop folder, the API in blocks of years, and their failures."""

from __future__ import annotations

import struct
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import inflate64
import pytest

from ilo_iati.errors import SourceError
from ilo_iati.findings import Severity
from ilo_iati.snapshot import Store
from tests.servers import Loopback, html_page, in_turn, plain, refused, with_validators
from tests.servers.sources import DATAFLOW, dataflow_page, moved, structure_page, zipped
from tests.unit.fetch.conftest import NOW, Refresh

MULTI = "DSD_MULTI@DF_MULTI"
CRS = "DSD_CRS@DF_CRS"
NAMES = b"Year|DonorCode|Amount|FlowType|AmountType|AidToOrThru|ChannelCode|ChannelReportedNameE\r\n"
LINE = b"2018|22|1.5|Disbursements|Current prices|Core contributions to|41302|ILO\r\n"
TEXT = NAMES + LINE * 50
CRS_NAMES = b"Year|DonorCode|ChannelCode|ChannelReportedName|Bi_Multi|Aid_t|USD_Commitment|USD_Disbursement\r\n"
CRS_TEXT = CRS_NAMES + b"2018|22|41302|ILO|1|C01|2|1.5\r\n" * 50


def announce(server: Loopback, flow: str, labels: dict[str, str], version: str = "1.6") -> None:
    page = dataflow_page(flow, {label: server.url + path for label, path in labels.items()}, version)
    server.routes[DATAFLOW.format(flow)] = plain(page)


def rules(result: Any) -> list[str]:
    return [item.rule_id for item in result.findings]


def test_the_bulk_file_is_found_by_its_label(server: Loopback, store: Store, refresh: Refresh) -> None:
    announce(server, MULTI, {"Other|x": "/no", "Entire dataset (dotStat format)-v20251218-2": "/multi.zip"})
    server.routes["/multi.zip"] = with_validators(zipped({"multi.txt": TEXT}))
    source = moved("oecd_multisystem", server)
    assert refresh(source).changed == ("oecd_multisystem",)
    current = store.current("oecd_multisystem")
    assert current is not None
    assert current.catalogue["release"] == "20251218-2"
    assert current.path.suffix == ".zip"
    assert server.requests[0].headers["upgrade-insecure-requests"] == "1"
    assert refresh(source).changed == ()
    assert server.requests[-1].headers["if-none-match"]


def test_each_year_of_the_crs_is_a_dataset(server: Loopback, store: Store, refresh: Refresh) -> None:
    years = {f"CRS {year} (dotStat format)": f"/crs_{year}.zip" for year in (2004, 2012, 2013, 2014)}
    announce(server, CRS, years | {"CRS 2004-05 (dotStat format)": "/old.zip", "CRS-Parquet": "/all.parquet"})
    for year in (2012, 2013):
        server.routes[f"/crs_{year}.zip"] = plain(zipped({"a.txt": CRS_TEXT}))
    server.routes["/crs_2014.zip"] = html_page()
    result = refresh(moved("oecd_crs", server))
    assert result.datasets == ("oecd_crs_2012", "oecd_crs_2013")
    assert rules(result) == ["fetch.dataset_count", "fetch.html"]
    assert server.asked("/crs_2004.zip") == 0, "nothing before the first wanted year"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (zipped({"a.txt": TEXT})[:-30], "fetch.bad_zip"),
        (zipped({"a.txt": TEXT * 90}, zipfile.ZIP_STORED).replace(b"2018|22", b"2019|22", 1), "fetch.bad_zip"),
        (b"PAR1" + b"x" * 400, "fetch.truncated"),
        (b'{"message": "NoRecordsFound"}', "fetch.not_a_table"),
    ],
)
def test_a_broken_bulk_file_leaves_the_last_release_in_place(
    server: Loopback, store: Store, refresh: Refresh, body: bytes, rule: str
) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    server.routes["/multi.zip"] = plain(zipped({"multi.txt": TEXT}))
    refresh(moved("oecd_multisystem", server))
    server.routes["/multi.zip"] = plain(body)
    result = refresh(moved("oecd_multisystem", server))
    assert rules(result) == [rule]
    assert "stays in use" in result.findings[0].message
    assert result.datasets == ("oecd_multisystem",)


def test_a_refused_bulk_host_does_not_trade_detail_for_totals(server: Loopback, store: Store, refresh: Refresh) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    server.routes["/multi.zip"] = plain(zipped({"multi.txt": TEXT}))
    refresh(moved("oecd_multisystem", server))
    server.routes["/multi.zip"] = refused()
    result = refresh(moved("oecd_multisystem", server))
    assert rules(result) == ["fetch.refused"]
    assert "drop folder" in result.findings[0].fix
    assert store.datasets("oecd_multisystem") == ["oecd_multisystem"]


def test_an_address_outside_the_oecd_is_not_asked(server: Loopback, refresh: Refresh) -> None:
    server.routes[DATAFLOW.format(MULTI)] = plain(
        dataflow_page(MULTI, {"Entire dataset (dotStat format)": "http://localhost.evil.example/x.zip"})
    )
    with pytest.raises(SourceError, match="leads outside"):
        refresh(moved("oecd_multisystem", server, ways=("bulk",)))


def api(server: Loopback, name: str = "oecd_multisystem") -> Any:
    """The source by API alone, with its page and structure served."""
    source = moved(name, server, ways=("bulk", "api"))
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"}, "1.7")
    server.routes["/multi.zip"] = refused()
    assert source.sdmx is not None
    server.routes["/public/rest/datastructure/OECD.DCD.FSD/DSD_MULTI/1.7"] = plain(
        structure_page(source.sdmx.dimensions)
    )
    return source


def block(source: Any, first: int, last: int, narrowed: bool = False) -> str:
    key = source.sdmx.key_without_unverified if narrowed else source.sdmx.key
    path = "/dcd-public/rest/data/OECD.DCD.FSD,DSD_MULTI@DF_MULTI,1.7/"
    return f"{path}{key}?format=csvfilewithlabels&startPeriod={first}&endPeriod={last}"


CSV = (
    b"STRUCTURE_ID,DONOR,RECIPIENT,SECTOR,MEASURE,CHANNEL,MODALITY,FLOW_TYPE,PRICE_BASE,MD_DIM,UNIT_MEASURE,TIME_PERIOD,"
    b"OBS_VALUE,UNIT_MULT\n"
    b"OECD.DCD.FSD:DSD_MULTI@DF_MULTI(1.7),DEU,DPGC,1000,10,41302,,D,V,_T,USD,2018,1,6\n"
)
NONE = b"NoRecordsFound"


def test_the_api_stands_in_with_the_current_version_and_goes_on_where_it_stopped(
    server: Loopback, store: Store, refresh: Refresh
) -> None:
    source = api(server)
    server.routes[block(source, 2012, 2016)] = plain(CSV)
    server.routes[block(source, 2017, 2021)] = in_turn(*[plain(b"", 429)] * 4, plain(CSV))
    server.routes[block(source, 2022, 2025)] = plain(CSV)
    result = refresh(source)
    assert result.datasets == ("oecd_multisystem_api_2012_2016",)
    assert rules(result) == ["fetch.new_version", "fetch.refused", "fetch.too_many_requests"]
    assert server.asked(block(source, 2022, 2025)) == 0, "after a 429 nothing more is asked"
    result = refresh(source)
    assert len(result.datasets) == 3
    assert server.asked(block(source, 2012, 2016)) == 1, "a young block is not asked again"
    refresh(source, now=NOW + timedelta(days=8))
    assert server.asked(block(source, 2012, 2016)) == 2


def test_a_block_that_grew_by_a_year_takes_the_place_of_the_shorter_one(
    server: Loopback, store: Store, refresh: Refresh
) -> None:
    source = api(server)
    for first, last in ((2012, 2016), (2017, 2021), (2022, 2025), (2022, 2026)):
        server.routes[block(source, first, last)] = plain(CSV)
    refresh(source)
    later = refresh(source, now=NOW + timedelta(days=60))
    assert later.datasets == tuple(f"oecd_multisystem_api_{years}" for years in ("2012_2016", "2017_2021", "2022_2026"))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (CSV.replace(b"CHANNEL", b"DELIVERY"), "fetch.changed_columns"),
        (CSV, "fetch.shrunk"),
        (b"", "fetch.empty"),
    ],
)
def test_a_grown_block_that_is_worse_leaves_the_shorter_one_in_use(
    server: Loopback, store: Store, refresh: Refresh, body: bytes, rule: str
) -> None:
    """Its name is new, so that nothing stands against which it could shrink; what it replaces is the shorter block."""
    source = api(server)
    head, _, line = CSV.partition(b"\n")
    for first, last in ((2012, 2016), (2017, 2021), (2022, 2025), (2022, 2026)):
        server.routes[block(source, first, last)] = plain(head + b"\n" + line * 40 if last < 2026 else body)
    before = refresh(source).datasets
    later = refresh(source, now=NOW + timedelta(days=60))
    assert later.datasets == before
    assert rule in rules(later)
    again = refresh(source, now=NOW + timedelta(days=90))
    assert again.datasets == before


def test_a_changed_key_is_refused(server: Loopback, refresh: Refresh) -> None:
    source = api(server)
    page = structure_page(("DONOR", "RECIPIENT", "SECTOR", "NEW", *source.sdmx.dimensions[3:]))
    server.routes["/public/rest/datastructure/OECD.DCD.FSD/DSD_MULTI/1.7"] = plain(page)
    with pytest.raises(SourceError, match=r"has the key DONOR\.RECIPIENT\.SECTOR\.NEW"):
        refresh(source)


def test_no_records_and_a_stale_version_are_told_apart(server: Loopback, store: Store, refresh: Refresh) -> None:
    source = api(server)
    server.routes[block(source, 2012, 2016, narrowed=True)] = plain(CSV)
    server.routes[block(source, 2017, 2021)] = plain(NONE, 404)
    server.routes[block(source, 2017, 2021, narrowed=True)] = plain(NONE, 404)
    server.routes[block(source, 2022, 2025, narrowed=True)] = plain(b"Could not find Dataflow and/or DSD", 404)
    result = refresh(source)
    found = {item.dataset.removeprefix("oecd_multisystem_api_"): item.rule_id for item in result.findings}
    assert found["2017_2021"] == "fetch.no_records"
    assert found["2022_2025"] == "fetch.stale_version"
    assert result.datasets == ("oecd_multisystem_api_2012_2016",)
    assert next(item.severity for item in result.findings if item.rule_id == "fetch.key_narrowed") == Severity.ADVISORY


@pytest.mark.parametrize(
    ("body", "status", "rule"),
    [
        (NONE, 200, "fetch.no_records"),
        (NONE, 500, "fetch.no_records"),
        (b"Could not find Dataflow and/or DSD", 400, "fetch.stale_version"),
        (b"Could not find Dataflow and/or DSD", 500, "fetch.stale_version"),
        (b"Internal error", 500, "fetch.server_error"),
        (b"<html>You may not open this dataflow</html>", 403, "fetch.refused"),
        (b"NoRecordsFound for you", 429, "fetch.too_many_requests"),
    ],
)
def test_what_the_oecd_says_counts_more_than_its_status(
    server: Loopback, refresh: Refresh, body: bytes, status: int, rule: str
) -> None:
    """Both answers came with odd status codes; one means nothing is wrong, the other that the version moved."""
    source = moved("oecd_dac2a", server, ways=("api",))
    flow = "DSD_DAC2@DF_DAC2A"
    server.routes[DATAFLOW.format(flow)] = plain(dataflow_page(flow, {}, "1.4"))
    server.routes["/public/rest/datastructure/OECD.DCD.FSD/DSD_DAC2/1.4"] = plain(
        structure_page(source.sdmx.dimensions)
    )
    path = f"/public/rest/data/OECD.DCD.FSD,{flow},1.4/{source.sdmx.key}?format=csvfilewithlabels"
    server.routes[f"{path}&startPeriod=2012&endPeriod=2025"] = plain(CSV)
    assert refresh(source).findings == ()
    server.routes[f"{path}&startPeriod=2012&endPeriod=2025"] = plain(body, status)
    result = refresh(source, now=NOW + timedelta(days=8))
    assert rules(result) == [rule]
    assert result.datasets == ("oecd_dac2a_api_2012_2025",)
    assert result.changed == ()


def test_the_crs_is_asked_for_the_ilos_own_rows_too(server: Loopback, store: Store, refresh: Refresh) -> None:
    source = moved("oecd_crs", server, ways=("api",))
    server.routes[DATAFLOW.format(CRS)] = plain(dataflow_page(CRS, {}))
    structure = structure_page(source.sdmx.dimensions)
    server.routes["/public/rest/datastructure/OECD.DCD.FSD/DSD_CRS/1.6"] = plain(structure)
    answer = CSV.replace(b"DSD_MULTI@DF_MULTI(1.7)", b"DSD_CRS@DF_CRS(1.6)")
    for first, last in ((2012, 2016), (2017, 2021), (2022, 2025)):
        for key in (source.sdmx.key, source.sdmx.own_key):
            path = f"/dcd-public/rest/data/OECD.DCD.FSD,DSD_CRS@DF_CRS,1.6/{key}"
            is_out = key == source.sdmx.own_key and first == 2022
            server.routes[f"{path}?format=csvfilewithlabels&startPeriod={first}&endPeriod={last}"] = (
                plain(NONE, 404) if is_out else plain(answer)
            )
    result = refresh(source)
    donors = [f"oecd_crs_api_{years}" for years in ("2012_2016", "2017_2021", "2022_2025")]
    assert result.datasets == (*donors, "oecd_crs_api_own_2012_2016", "oecd_crs_api_own_2017_2021")
    assert [(item.rule_id, item.dataset) for item in result.findings] == [
        ("fetch.no_records", "oecd_crs_api_own_2022_2025")
    ]


def test_blocks_give_way_to_the_bulk_file(server: Loopback, store: Store, refresh: Refresh) -> None:
    source = api(server)
    server.routes[block(source, 2012, 2016)] = plain(CSV)
    refresh(source)
    server.routes["/multi.zip"] = plain(zipped({"multi.txt": TEXT}))
    assert refresh(source).datasets == ("oecd_multisystem",), "the same rows must not be read twice"


def test_a_dropped_file_wins_and_needs_no_network(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "MultiSystem entire dataset.zip").write_bytes(zipped({"multi.txt": TEXT}))
    result = refresh(moved("oecd_multisystem", server), drop=drop)
    assert result.datasets == ("oecd_multisystem",)
    assert server.requests == []
    assert refresh(moved("oecd_multisystem", server), drop=drop).changed == ()
    (drop / "MultiSystem entire dataset.zip").write_bytes(b"<html><body>Sign in</body></html>")
    result = refresh(moved("oecd_multisystem", server), drop=drop)
    assert rules(result) == ["fetch.bad_drop"]
    assert result.datasets == ("oecd_multisystem",)


def test_a_dropped_year_of_the_crs(server: Loopback, store: Store, refresh: Refresh, tmp_path: Path) -> None:
    announce(server, CRS, {f"CRS {year} (dotStat format)": f"/crs_{year}.zip" for year in range(2012, 2024)})
    for year in range(2012, 2024):
        server.routes[f"/crs_{year}.zip"] = plain(zipped({"a.txt": CRS_TEXT}))
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "CRS 2019 data.txt").write_bytes(CRS_TEXT)
    result = refresh(moved("oecd_crs", server), drop=drop)
    assert len(result.datasets) == 12
    assert server.asked("/crs_2019.zip") == 0


def deflate64_zip(name: str, body: bytes) -> bytes:
    """A zip with one member packed by Deflate64, which zipfile cannot write."""
    packer = inflate64.Deflater()
    packed = packer.deflate(body) + packer.flush()
    raw, crc = name.encode(), zlib.crc32(body)
    shared = struct.pack("<HHHHHIIIHH", 21, 0, 9, 0, 0x21, crc, len(packed), len(body), len(raw), 0)
    local = b"PK\x03\x04" + shared + raw + packed
    central = b"PK\x01\x02" + struct.pack("<H", 21) + shared + struct.pack("<HHHII", 0, 0, 0, 0, 0) + raw
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def test_deflate64_is_read_and_its_checksum_compared(server: Loopback, store: Store, refresh: Refresh) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    server.routes["/multi.zip"] = plain(deflate64_zip("multi.txt", TEXT))
    assert refresh(moved("oecd_multisystem", server)).findings == ()
