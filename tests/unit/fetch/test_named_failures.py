"""Every failure the OECD's and CEB's files are known for: one clear finding, and the last good release still read."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ilo_iati.errors import SourceError
from ilo_iati.extract.ceb import read_ceb
from ilo_iati.extract.dac import read_dac
from ilo_iati.extract.tabular.dac_layout import SDMX_NEEDED, find_layout
from ilo_iati.findings import Severity
from ilo_iati.snapshot import Store
from ilo_iati.spec.source import load_sources
from tests.servers import Loopback, html_page, plain, refused, truncated
from tests.servers.behaviour import Behave
from tests.servers.sources import DATAFLOW, dataflow_page, moved, zipped
from tests.unit.fetch.conftest import NOW, Refresh
from tests.unit.fetch.test_fetch_oecd import CRS_NAMES, LINE, MULTI, NAMES, announce, deflate64_zip

PAGE = DATAFLOW.format(MULTI)
GOOD = NAMES + LINE * 100


def packed(text: bytes) -> Behave:
    return plain(zipped({"multi.txt": text}))


def encoded(codec: str, text: bytes = GOOD) -> Behave:
    return packed(text.decode().encode(codec))


def spoilt(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]


STORED = zipped({"multi.txt": GOOD}, zipfile.ZIP_STORED)
# What fails, where (the announced file or the page that announces it), how, and the finding it must end in.
FAILURES: dict[str, tuple[str, Behave, str]] = {
    "schema drift: a column renamed": (
        "file", packed(GOOD.replace(b"ChannelCode", b"DeliveryChannel")), "fetch.changed_columns"),
    "schema drift: a column gone": (
        "file", packed(GOOD.replace(b"|AmountType", b"").replace(b"|Current prices", b"")), "fetch.changed_columns"),
    "schema drift: no header": ("file", packed(LINE * 100), "fetch.changed_columns"),
    "another table under the label": (
        "file", plain(b"DONOR,AIDTYPE,FLOWS,AMOUNTTYPE,Year,Value\n" + b"5,2101,1140,A,2018,4\n" * 200),
        "fetch.changed_columns"),
    "stale version: the dataflow is gone": ("page", plain(b"Could not find Dataflow", 404), "fetch.not_found"),
    "stale version: a page without a dataflow": ("page", plain(b"<Structure/>"), "fetch.stale_version"),
    "stale address of the file": ("file", plain(b"", 404), "fetch.not_found"),
    "relabelled": (
        "page", plain(dataflow_page(MULTI, {"Full dataset": "http://127.0.0.1/x.zip"})), "fetch.no_bulk_file"),
    "403 with a page": ("file", refused(), "fetch.refused"),
    "403 with a page for the dataflow": ("page", refused(), "fetch.refused"),
    "a page with status 200": ("file", html_page(), "fetch.html"),
    "a page for the dataflow": ("page", html_page(), "fetch.html"),
    "too many requests": ("page", plain(b"", 429), "fetch.too_many_requests"),
    "NoRecordsFound with status 200": ("file", plain(b"NoRecordsFound"), "fetch.no_records"),
    "corrupt zip: cut": ("file", plain(STORED[:-40]), "fetch.bad_zip"),
    "corrupt zip: a wrong byte": ("file", plain(spoilt(STORED, 400)), "fetch.bad_zip"),
    "corrupt zip: Deflate64": ("file", plain(spoilt(deflate64_zip("multi.txt", GOOD), 100)), "fetch.bad_zip"),
    "corrupt zip: nothing in it": ("file", plain(zipped({})), "fetch.bad_zip"),
    "transfer cut": ("file", truncated(STORED, 300), "fetch.truncated"),
    "Parquet without its end": ("file", plain(b"PAR1" + bytes(400)), "fetch.truncated"),
    "Parquet that is none": ("file", plain(b"PAR1" + bytes(400) + b"PAR1"), "fetch.truncated"),
    "wrong encoding: EBCDIC": ("file", encoded("cp037"), "fetch.changed_columns"),
    "wrong encoding: UTF-32": ("file", encoded("utf-32"), "fetch.changed_columns"),
    "halved row count": ("file", packed(NAMES + LINE * 50), "fetch.shrunk"),
    "header only": ("file", packed(NAMES), "fetch.shrunk"),
    "empty": ("file", plain(b""), "fetch.empty"),
    "larger than the limit": ("file", packed(GOOD + LINE * 4000), "fetch.bomb"),
}  # fmt: skip


def rows_of(store: Store) -> list[dict[str, Any]]:
    current = store.current("oecd_multisystem")
    assert current is not None
    table, findings = read_dac(current.path, dataset="d", sha256="s")
    assert findings == []
    return table.to_pylist()


@pytest.mark.parametrize("name", FAILURES)
def test_the_last_good_release_stays_in_place(server: Loopback, store: Store, refresh: Refresh, name: str) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    server.routes["/multi.zip"] = packed(GOOD)
    source = moved("oecd_multisystem", server, ways=("bulk",))
    source = replace(source, client=replace(source.client, max_bytes=200_000))
    assert refresh(source).findings == ()
    before = rows_of(store)
    assert len(before) == 100
    where, fault, rule = FAILURES[name]
    server.routes[PAGE if where == "page" else "/multi.zip"] = fault
    result = refresh(source)
    (found,) = [item for item in result.findings if item.severity is Severity.ERROR]
    assert found.rule_id == rule
    assert found.dataset == "oecd_multisystem"
    assert rule == "fetch.no_bulk_file" or "stays in use" in found.message
    assert found.fix
    assert result.datasets == ("oecd_multisystem",)
    assert result.changed == ()
    assert rows_of(store) == before


READABLE: dict[str, Behave] = {
    "UTF-8 with BOM": packed(codecs.BOM_UTF8 + GOOD),
    "UTF-16": encoded("utf-16"),
    "UTF-16LE without BOM": encoded("utf-16-le"),
    "the DOS end mark": packed(GOOD + b"\x1a"),
    "plain text": plain(GOOD),
    "names in another case": packed(GOOD.replace(NAMES, NAMES.lower())),
    "Deflate64": plain(deflate64_zip("multi.txt", GOOD)),
}


@pytest.mark.parametrize("name", READABLE)
def test_what_only_looks_odd_is_taken(server: Loopback, store: Store, refresh: Refresh, name: str) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    server.routes["/multi.zip"] = READABLE[name]
    assert refresh(moved("oecd_multisystem", server)).findings == ()
    assert len(rows_of(store)) == 100
    current = store.current("oecd_multisystem")
    assert current is not None
    assert current.items == 100


def test_a_fifth_more_or_fewer_rows_is_said_and_used(server: Loopback, store: Store, refresh: Refresh) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    source = moved("oecd_multisystem", server)
    for count, said in ((100, []), (121, ["fetch.rows_changed"]), (100, []), (79, ["fetch.rows_changed"])):
        server.routes["/multi.zip"] = packed(NAMES + LINE * count)
        result = refresh(source)
        assert ([item.rule_id for item in result.findings], len(rows_of(store))) == (said, count)
    assert result.findings[0].severity is Severity.WARNING


def test_an_officer_may_accept_what_was_set_aside(server: Loopback, store: Store, refresh: Refresh) -> None:
    announce(server, MULTI, {"Entire dataset (dotStat format)": "/multi.zip"})
    server.routes["/multi.zip"] = packed(GOOD)
    refresh(moved("oecd_multisystem", server))
    server.routes["/multi.zip"] = packed(NAMES + LINE * 40)
    refresh(moved("oecd_multisystem", server))
    aside = store.history("oecd_multisystem")[-1]
    assert aside.suspect == "fetch.shrunk"
    store.accept("oecd_multisystem", aside.sha256, NOW, "the OECD cut the years before 2012")
    assert len(rows_of(store)) == 40


CEB = b"year,rev_type,sub_type,amount_usd\n" + b"2018,Assessed contributions,R01,5\n" * 40
CEB_FAILURES: dict[str, tuple[bytes, str]] = {
    "schema drift": (CEB.replace(b"amount_usd", b"million"), "fetch.changed_columns"),
    "halved row count": (CEB[: len(CEB) // 2 + 20], "fetch.shrunk"),
    "wrong encoding": (CEB.decode().encode("cp037"), "fetch.changed_columns"),
}


@pytest.mark.parametrize("name", CEB_FAILURES)
def test_ceb_keeps_its_last_good_file_too(server: Loopback, store: Store, refresh: Refresh, name: str) -> None:
    places = [file.url.partition("/sites")[2] for file in load_sources()["ceb_revenue"].files]
    server.routes.update({"/sites" + place: plain(CEB) for place in places})
    source = moved("ceb_revenue", server)
    assert refresh(source).findings == ()
    body, rule = CEB_FAILURES[name]
    server.routes["/sites" + places[0]] = plain(body)
    assert [item.rule_id for item in refresh(source).findings] == [rule]
    current = store.current("ceb_revenue_by_type")
    assert current is not None
    assert len(read_ceb(current.path, dataset="d", sha256="s")[0]) == 40


def test_each_table_has_a_drop_folder_of_its_own(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    """DAC1 in the folder of Multisystem is set aside, in its own it is taken."""
    (tmp_path / "table one.csv").write_bytes(
        codecs.BOM_UTF8 + b"DONOR,AIDTYPE,FLOWS,AMOUNTTYPE,Year,Value\n5,2101,1140,A,2018,4\n"
    )
    assert refresh(moved("oecd_dac1", server), drop=tmp_path).datasets == ("oecd_dac1",)
    with pytest.raises(SourceError, match="columns nobody declared"):
        refresh(moved("oecd_multisystem", server), drop=tmp_path)


def is_readable(source: str, names: list[str]) -> bool:
    """Whether the reader has all it needs: of the layout and, where that is the one of SDMX answers, of this table."""
    layout, places = find_layout(names)
    if layout is None:
        return False
    more = SDMX_NEEDED[source.removeprefix("oecd_")] if layout.name == "sdmx" else ()
    return all(one in places for one in (*layout.needed, *more))


@pytest.mark.parametrize("source", ["oecd_multisystem", "oecd_crs", "oecd_dac1", "oecd_dac2a"])
def test_declared_columns_are_what_the_reader_needs(source: str) -> None:
    """The same knowledge stands in schemas/sources and in the reader; neither may be stricter than the other."""
    for layout, needed in load_sources()[source].columns.items():
        names = [one.split("|")[0] for one in needed]
        layout_found, _ = find_layout(names)
        assert layout_found is not None
        assert layout_found.name == layout
        assert is_readable(source, names)
        for left_out in names:
            assert not is_readable(source, [one for one in names if one != left_out]), (layout, left_out)
    assert CRS_NAMES.decode().strip().split("|") == [
        one.split("|")[0] for one in load_sources()["oecd_crs"].columns["crs"]
    ]
