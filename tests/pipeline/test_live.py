"""`refresh --live` against a loopback server that behaves, and misbehaves, as the real sources do."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import duckdb
import pytest

from ilo_iati import cli, sample
from ilo_iati.paths import Home
from ilo_iati.sample.oecd import FLOWS
from ilo_iati.spec.source import load_sources
from pipelines import assets, datasets, definitions, refresh, sources
from pipelines import run as runs
from pipelines.resources import RefreshSettings
from tests.servers import Loopback, html_page, in_turn, plain, with_validators
from tests.servers.sources import DATAFLOW, dataflow_page, entry, moved, serve_copy, serve_index

GOOD, BURST, NO_COPY, WRONG_SHA1, HTML, NEVER_GOOD = (
    "ilo-ao2014",
    "ilo-ao2015",
    "ilo-ao2016",
    "ilo-ao2017",
    "ilo-ao2018",
    "ilo-ao-2019",
)


@pytest.fixture
def server():
    with Loopback() as running:
        yield running


def _serve_yesterday(server):
    """Two datasets as they should be, and one that never was."""
    bodies = {name: sample.dataset_bytes(name) for name in (WRONG_SHA1, HTML, NEVER_GOOD)}
    for name, body in bodies.items():
        serve_copy(server, name, body)
    server.routes[f"/ilo/{NEVER_GOOD}.xml"] = server.routes[f"/ilo/{NEVER_GOOD}.zip"] = html_page()
    serve_index(server, [entry(server, name, body) for name, body in bodies.items()])


def _serve_today(server):
    """Both spellings, no good copy, a burst of 503, and new editions that come as a page or with a wrong SHA-1."""
    bodies = {name: sample.dataset_bytes(name) for name in (GOOD, BURST, NO_COPY, WRONG_SHA1, HTML, NEVER_GOOD)}
    bodies |= {name: bodies[name].replace(b"<iati-activity ", b"<iati-activity  ", 1) for name in (WRONG_SHA1, HTML)}
    spellings = ("cached_dataset_url_xml", "cached_dataset_xml_url")
    entries = {n: entry(server, n, b, spellings[at % 2]) for at, (n, b) in enumerate(bodies.items())}
    for name, body in bodies.items():
        serve_copy(server, name, body)
    entries[NO_COPY]["last_known_good_dataset"] = None
    server.routes[f"/source/{NO_COPY}.xml"] = plain(bodies[NO_COPY])
    entries[WRONG_SHA1]["last_known_good_dataset"]["hash"] = "f" * 40
    server.routes[f"/ilo/{BURST}.xml"] = in_turn(plain(b"", 503), plain(b"", 503), with_validators(bodies[BURST]))
    for name in (HTML, NEVER_GOOD):
        server.routes[f"/ilo/{name}.xml"] = server.routes[f"/ilo/{name}.zip"] = html_page()
    serve_index(server, list(entries.values()))


def _serve_files(server):
    """UN CEB, D-Portal, ECB and IMF with the bundled real facts; the OECD's tables but the CRS: that is not found."""
    web = sample.session(datetime(2026, 11, 23, tzinfo=UTC))
    for source in load_sources().values():
        for file in source.files:
            if file.url.startswith("https://"):
                answer = web.get(file.url)
                if answer.status_code == 200:
                    server.routes[urlsplit(file.url).path] = with_validators(answer.content)
        if source.sdmx is not None and source.name != "oecd_crs":
            files = {label: f"{server.url}/{source.name}.zip" for label, _ in FLOWS[source.sdmx.flow].values()}
            server.routes[DATAFLOW.format(source.sdmx.flow)] = plain(dataflow_page(source.sdmx.flow, files))
            ((_, body),) = FLOWS[source.sdmx.flow].values()
            server.routes[f"/{source.name}.zip"] = with_validators(body())


@pytest.fixture
def live(server, tmp_path, monkeypatch):
    """Settings and home of a live refresh with every address on the loopback server."""
    there = {name: moved(name, server) for name in load_sources()}
    for module in (assets, datasets, definitions, refresh, sources):
        if hasattr(module, "load_sources"):
            monkeypatch.setattr(module, "load_sources", lambda: there)
    home = Home.at(tmp_path / "home")
    return RefreshSettings(home=str(home.root), mode="live", as_of="2026-11-23"), home


@pytest.mark.slow
def test_a_live_refresh_with_every_fault_ends_as_it_should(server, live, capsys):
    """Yesterday is fetched only, which is all that today depends on; today is the whole refresh."""
    settings, home = live
    _serve_yesterday(server)
    _serve_files(server)
    yesterday = runs.plan("yesterday", settings.home, settings.mode, settings.as_of)
    assert sources.fetch_source(yesterday, sources.load_sources()["iati_ilo"])[0]
    _serve_today(server)
    assert cli.main(["refresh", "--live", "--home", settings.home, "--as-of", settings.as_of]) == 3
    told = capsys.readouterr()
    assert "Published" in told.out
    assert told.err == "No usable snapshot of: oecd_crs. See `ilo-iati sources status`, then refresh again.\n"
    with duckdb.connect(str(home.database), read_only=True) as warehouse:
        loaded = {name for (name,) in warehouse.execute("select distinct dataset from core.iati_activity").fetchall()}
        found = warehouse.execute(
            "select dataset, rule_id, severity, message from audit.finding where stage = 'fetch'"
        ).fetchall()
        flows = warehouse.execute("select distinct source from core.dac_flow").fetchall()
    assert loaded == {GOOD, BURST, NO_COPY, WRONG_SHA1, HTML}, "the last good snapshots stay in the warehouse"
    assert {name for name, _, severity, _ in found if severity == "error"} == {WRONG_SHA1, HTML, NEVER_GOOD, "oecd_crs"}
    assert {name for name, _, _, said in found if "stays in use" in said} >= {WRONG_SHA1, HTML}
    assert {row[:2] for row in found} >= {
        (WRONG_SHA1, "fetch.wrong_hash"),
        (HTML, "fetch.html"),
        (NEVER_GOOD, "fetch.html"),
        (NO_COPY, "fetch.no_good_copy"),
        ("oecd_crs", "fetch.no_snapshot"),
    }
    assert server.asked(f"/ilo/{BURST}.xml") == 3
    assert sorted(flows) == [("crs_aggregate",), ("dac1",), ("dac2a",), ("multisystem",)]
