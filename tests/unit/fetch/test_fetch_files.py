"""Files at fixed addresses: conditional requests, optional files, pages in place of tables, throttle, override."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import requests

from ilo_iati.errors import SourceError
from ilo_iati.fetch import refresh_source
from ilo_iati.findings import Severity
from ilo_iati.snapshot import Store
from ilo_iati.spec.source import load_sources
from tests.servers import Loopback, html_page, plain, truncated, with_validators
from tests.servers.sources import moved, zipped
from tests.unit.fetch.conftest import NOW, Refresh

FOLDER = "/sites/default/files/statistic_files/Financial/"
TYPES = b"agency,calendar_year,amount,rev_type,sub_type\nILO,2018,1,Assessed,R01\n" * 20


def serve_ceb(server: Loopback) -> None:
    server.routes[FOLDER + "revenue_sub_agency.csv"] = with_validators(TYPES)
    server.routes[FOLDER + "revenue_government_donors.csv"] = plain(TYPES)


def test_files_are_asked_again_with_their_validators(server: Loopback, store: Store, refresh: Refresh) -> None:
    serve_ceb(server)
    source = moved("ceb_revenue", server)
    result = refresh(source)
    assert result.datasets == ("ceb_revenue_by_donor", "ceb_revenue_by_type")
    assert [(item.rule_id, item.severity) for item in result.findings] == [("fetch.not_found", Severity.ADVISORY)]
    assert refresh(source).changed == ()
    look = store.last_look("ceb_revenue_by_type")
    assert look is not None
    assert (look.outcome, look.http_status) == ("unchanged", 304)


@pytest.mark.parametrize("fault", [html_page(), truncated(TYPES, 30), plain(b"")])
def test_nothing_worse_replaces_a_good_table(server: Loopback, store: Store, refresh: Refresh, fault: object) -> None:
    serve_ceb(server)
    source = moved("ceb_revenue", server)
    refresh(source)
    server.routes[FOLDER + "revenue_government_donors.csv"] = fault  # type: ignore[assignment]
    result = refresh(source)
    assert any(item.dataset == "ceb_revenue_by_donor" and item.severity == Severity.ERROR for item in result.findings)
    current = store.current("ceb_revenue_by_donor")
    assert current is not None
    assert current.path.read_bytes() == TYPES


def test_an_override_comes_only_from_the_drop_folder(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    server.routes["/stats/eurofxref/eurofxref-hist.zip"] = plain(zipped({"a.csv": b"Date,USD,\n2026-01-01,1.1,\n"}))
    source = moved("exchange_rate_daily", server)
    assert refresh(source).datasets == ("exchange_rate_daily",)
    (tmp_path / "exchange_rate_override.csv").write_text("Date,Currency,Rate\n2026-01-01,XOF,600\n")
    assert refresh(source, drop=tmp_path).datasets == ("exchange_rate_daily", "exchange_rate_override")


def test_a_list_put_into_the_drop_folder_stands_beside_the_tables_until_it_is_retired(
    server: Loopback, store: Store, refresh: Refresh, tmp_path: Path
) -> None:
    source = moved("crs_outflow", server)
    for year in range(2015, 2020):
        server.routes[f"/IATI/D-Portal/master/dstore/csv/crs_{year}.csv"] = with_validators(
            b"donor_code,940\nAlbania,1\n"
        )
    years = [f"crs_outflow_{year}" for year in range(2015, 2020)]
    assert list(refresh(source, drop=tmp_path).datasets) == years
    dropped = tmp_path / "crs_outflow_list.csv"
    dropped.write_text("year,recipient_name,usd_million\n2015,Albania,1\n")
    assert list(refresh(source, drop=tmp_path).datasets) == [*years, "crs_outflow_list"]
    dropped.unlink()
    assert "crs_outflow_list" in refresh(source, drop=tmp_path).datasets, "it stays until it is retired"
    store.retire("crs_outflow_list", NOW, "not wanted any more")
    assert list(refresh(source, drop=tmp_path).datasets) == years


def test_requests_are_spaced_as_the_source_declares(server: Loopback, store: Store, waits: list[float]) -> None:
    serve_ceb(server)
    source = moved("ceb_revenue", server)
    source = replace(source, client=replace(source.client, requests_per_minute=3))
    refresh_source(source, store, requests.Session(), NOW, sleep=waits.append, clock=lambda: 0.0)
    assert waits == [20.0, 40.0]


def test_a_source_that_never_answered_is_an_error(server: Loopback, refresh: Refresh) -> None:
    with pytest.raises(SourceError, match="Retry later"):
        refresh(moved("exchange_rate_annual", server))


def test_every_source_is_declared_completely() -> None:
    sources = load_sources()
    assert set(sources) == {
        "iati_ilo",
        "oecd_multisystem",
        "oecd_crs",
        "oecd_dac1",
        "oecd_dac2a",
        "ceb_revenue",
        "crs_outflow",
        "exchange_rate_daily",
        "exchange_rate_annual",
    }
    for source in sources.values():
        assert source.client.why
        assert source.expect.why
        assert all(quirk.why for quirk in source.quirks)
        assert source.client.user_agent.startswith("ilo-iati/")
