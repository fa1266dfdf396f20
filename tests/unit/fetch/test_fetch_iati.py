"""The publisher's files against a loopback catalogue: every failure of the brief ends in one clear finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ilo_iati.errors import SourceError
from ilo_iati.findings import Finding, Severity
from ilo_iati.snapshot import Store
from tests.servers import (
    Loopback,
    bomb,
    html_page,
    in_turn,
    plain,
    redirect,
    refused,
    silent,
    truncated,
    with_validators,
)
from tests.servers.loopback import nothing_listens
from tests.servers.sources import (
    BULK,
    activities,
    entry,
    moved,
    serve_ckan,
    serve_copy,
    serve_dashboard,
    serve_index,
    zipped,
)
from tests.unit.fetch.conftest import NOW, Refresh

GOOD = activities(10)


def rules(findings: Any, dataset: str = "ilo-ao") -> list[tuple[str, Severity]]:
    return [(item.rule_id, item.severity) for item in findings if item.dataset == dataset]


def one(findings: Any, rule: str, dataset: str = "ilo-ao") -> Finding:
    (found,) = [item for item in findings if item.rule_id == rule and item.dataset == dataset]
    return found


def first_run(server: Loopback, refresh: Refresh, name: str = "ilo-ao", body: bytes = GOOD) -> Any:
    serve_index(server, [entry(server, name, body)])
    serve_copy(server, name, body)
    return refresh(moved("iati_ilo", server))


@pytest.mark.parametrize("spelling", ["cached_dataset_url_xml", "cached_dataset_xml_url"])
def test_both_spellings_of_the_cached_address_are_read(
    server: Loopback, store: Store, refresh: Refresh, spelling: str
) -> None:
    serve_index(server, [entry(server, "ilo-ao", GOOD, spelling)])
    serve_copy(server, "ilo-ao", GOOD)
    result = refresh(moved("iati_ilo", server))
    current = store.current("ilo-ao")
    assert result.datasets == ("ilo-ao",)
    assert result.changed == ("ilo-ao",)
    assert current is not None
    assert current.path.read_bytes() == GOOD
    assert (current.items, current.licence, current.catalogue["id"]) == (10, "cc-by", "id-ilo-ao")
    assert server.requests[0].headers["user-agent"].startswith("ilo-iati/")


@pytest.mark.parametrize("nothing", [None, {}])
def test_without_a_good_copy_the_publishers_own_address_is_asked(
    server: Loopback, store: Store, refresh: Refresh, nothing: Any
) -> None:
    serve_index(server, [entry(server, "ilo-ao", None, last_known_good_dataset=nothing)])
    server.routes["/source/ilo-ao.xml"] = plain(GOOD)
    result = refresh(moved("iati_ilo", server))
    assert ("fetch.no_good_copy", Severity.ADVISORY) in rules(result.findings)
    assert store.current("ilo-ao") is not None


def test_an_unchanged_hash_is_not_downloaded_again(server: Loopback, store: Store, refresh: Refresh) -> None:
    first_run(server, refresh)
    again = refresh(moved("iati_ilo", server))
    assert server.asked("/ilo/ilo-ao.xml") == 1
    assert again.changed == ()
    look = store.last_look("ilo-ao")
    assert look is not None
    assert look.outcome == "unchanged"


def test_a_new_generation_stamp_alone_is_no_change(server: Loopback, refresh: Refresh) -> None:
    first_run(server, refresh)
    first_run(server, refresh, body=activities(10, stamp="2026-11-22T00:00:00Z"))
    assert server.asked("/ilo/ilo-ao.xml") == 1


def test_a_wrong_sha1_is_set_aside_and_the_last_good_one_stays(
    server: Loopback, store: Store, refresh: Refresh
) -> None:
    first_run(server, refresh)
    serve_index(server, [entry(server, "ilo-ao", activities(11), source_url=None)])
    serve_copy(server, "ilo-ao", activities(12))
    result = refresh(moved("iati_ilo", server))
    current = store.current("ilo-ao")
    assert current is not None
    assert current.path.read_bytes() == GOOD
    assert ("fetch.wrong_hash", Severity.ERROR) in rules(result.findings)
    assert [item.suspect for item in store.history("ilo-ao")] == [None, "fetch.wrong_hash", "fetch.wrong_hash"]


def test_the_publishers_file_never_passes_for_the_catalogues(server: Loopback, store: Store, refresh: Refresh) -> None:
    """Else the hash of the catalogue would make every later run skip the right copy."""
    serve_index(server, [entry(server, "ilo-ao", activities(11))])
    serve_copy(server, "ilo-ao", activities(12))
    server.routes["/source/ilo-ao.xml"] = plain(activities(13))
    refresh(moved("iati_ilo", server))
    serve_copy(server, "ilo-ao", activities(11))
    refresh(moved("iati_ilo", server))
    current = store.current("ilo-ao")
    assert current is not None
    assert current.items == 11


def test_503_bursts_are_waited_out(server: Loopback, refresh: Refresh, waits: list[float]) -> None:
    serve_index(server, [entry(server, "ilo-ao", GOOD)])
    busy = plain(b"", 503, Retry_After="7")
    server.routes["/ilo/ilo-ao.xml"] = in_turn(busy, plain(b"", 502), with_validators(GOOD))
    result = refresh(moved("iati_ilo", server))
    assert result.findings == tuple(item for item in result.findings if item.rule_id == "fetch.dataset_count")
    assert waits == [7.0, 4.0]


FAILURES: dict[str, tuple[Callable[[Loopback], Any], str]] = {
    "down for good": (lambda server: plain(b"", 503), "fetch.server_error"),
    "too many requests": (lambda server: plain(b"", 429, Retry_After="1"), "fetch.too_many_requests"),
    "asked to wait for an hour": (lambda server: plain(b"", 429, Retry_After="3600"), "fetch.too_many_requests"),
    "missing": (lambda server: plain(b"gone", 404), "fetch.not_found"),
    "refused with a page": (lambda server: refused(), "fetch.refused"),
    "page instead of XML": (lambda server: html_page(), "fetch.html"),
    "no IATI document": (lambda server: plain(b"<?xml version='1.0'?><rss/>"), "fetch.not_iati"),
    "text": (lambda server: plain(b"Not available"), "fetch.not_iati"),
    "cut off": (lambda server: truncated(GOOD, 100), "fetch.truncated"),
    "silent": (lambda server: silent(1.6), "fetch.timeout"),
    "redirect loop": (lambda server: redirect("/ilo/ilo-ao.xml"), "fetch.redirect_loop"),
    "redirect to a file": (lambda server: redirect("file:///etc/passwd"), "fetch.bad_address"),
    "gzip bomb": (lambda server: bomb(60_000_000), "fetch.bomb"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_is_one_finding_and_the_last_good_file_stays(
    server: Loopback, store: Store, refresh: Refresh, name: str
) -> None:
    first_run(server, refresh)
    make, rule = FAILURES[name]
    bare = {"cached_dataset_url_xml": f"{server.url}/ilo/ilo-ao.xml", "hash": "0" * 40}
    other = activities(3)
    serve_index(
        server,
        [entry(server, "ilo-ao", None, last_known_good_dataset=bare, source_url=None), entry(server, "ilo-b", other)],
    )
    serve_copy(server, "ilo-b", other)
    server.routes["/ilo/ilo-ao.xml"] = make(server)
    result = refresh(moved("iati_ilo", server))
    assert rules(result.findings) == [(rule, Severity.ERROR)]
    found = one(result.findings, rule)
    assert "ilo-ao" in found.message
    assert "stays in use" in found.message
    assert found.fix
    current = store.current("ilo-ao")
    assert current is not None
    assert current.path.read_bytes() == GOOD
    assert store.current("ilo-b") is not None, "the rest of the run goes on"
    look = store.last_look("ilo-ao")
    assert look is not None
    assert look.outcome == "failed"


def test_an_empty_file_is_kept_aside(server: Loopback, store: Store, refresh: Refresh) -> None:
    first_run(server, refresh)
    serve_index(server, [entry(server, "ilo-ao", b"")])
    server.routes["/ilo/ilo-ao.xml"] = plain(b"")
    result = refresh(moved("iati_ilo", server))
    assert rules(result.findings) == [("fetch.empty", Severity.ERROR)]
    assert [item.items for item in store.history("ilo-ao")] == [10, 0]
    assert len(store.current_of("iati_ilo")) == 1


def test_a_file_that_lost_more_than_half_is_set_aside(server: Loopback, store: Store, refresh: Refresh) -> None:
    first_run(server, refresh)
    result = first_run(server, refresh, body=activities(4, text="y" * 900))
    assert rules(result.findings) == [("fetch.shrunk", Severity.ERROR)]
    assert "10 to 4 activities" in one(result.findings, "fetch.shrunk").message
    aside = store.history("ilo-ao")[-1]
    store.accept("ilo-ao", aside.sha256[:10], NOW, "the publisher confirmed it")
    current = store.current("ilo-ao")
    assert current is not None
    assert current.sha256 == aside.sha256


def test_a_vanished_dataset_keeps_its_snapshot(server: Loopback, store: Store, refresh: Refresh) -> None:
    first_run(server, refresh)
    result = first_run(server, refresh, name="ilo-b")
    assert rules(result.findings) == [("fetch.vanished", Severity.ERROR)]
    assert result.datasets == ("ilo-ao", "ilo-b")
    store.retire("ilo-ao", NOW, "withdrawn")
    assert rules(first_run(server, refresh, name="ilo-b").findings) == []


def test_the_zip_copy_stands_in_for_the_plain_one(server: Loopback, store: Store, refresh: Refresh) -> None:
    serve_index(server, [entry(server, "ilo-ao", GOOD)])
    serve_copy(server, "ilo-ao", GOOD)
    server.routes["/ilo/ilo-ao.xml"] = html_page()
    result = refresh(moved("iati_ilo", server))
    assert rules(result.findings) == [("fetch.html", Severity.WARNING)]
    current = store.current("ilo-ao")
    assert current is not None
    assert current.path.read_bytes() == GOOD


def test_a_zip_bomb_is_not_unpacked(server: Loopback, store: Store, refresh: Refresh) -> None:
    serve_index(server, [entry(server, "ilo-ao", GOOD, source_url=None), entry(server, "ilo-b", GOOD)])
    serve_copy(server, "ilo-b", GOOD)
    server.routes["/ilo/ilo-ao.xml"] = plain(b"", 404)
    server.routes["/ilo/ilo-ao.zip"] = plain(zipped({"a.xml": bytes(60_000_000)}))
    result = refresh(moved("iati_ilo", server))
    assert one(result.findings, "fetch.bomb").message.startswith("ilo-ao")
    assert not list((store.root / ".incoming").iterdir()), "nothing half-received is left behind"


@pytest.mark.parametrize(
    "broken", [plain(b"", 500), html_page(), plain(b'{"datasets": 3}'), plain(b'{"datasets": []}')]
)
def test_the_next_catalogue_is_asked_when_one_fails(
    server: Loopback, store: Store, refresh: Refresh, broken: Any
) -> None:
    entries = [entry(server, name, GOOD) for name in ("ilo-ao", "ilo-b", "ilo-c")]
    server.routes[BULK] = broken
    serve_dashboard(server, entries)
    for one_entry in entries:
        server.routes[one_entry["source_url"].removeprefix(server.url)] = plain(GOOD)
    result = refresh(moved("iati_ilo", server))
    assert result.datasets == ("ilo-ao", "ilo-b", "ilo-c")
    (said,) = [item for item in result.findings if item.severity == Severity.WARNING and "Bulk" in item.message]
    assert "next catalogue" in said.message


def test_the_ckan_list_is_the_last_resort(server: Loopback, refresh: Refresh) -> None:
    entries = [entry(server, "ilo-ao", GOOD)]
    serve_ckan(server, entries)
    server.routes["/source/ilo-ao.xml"] = plain(GOOD)
    assert refresh(moved("iati_ilo", server)).datasets == ("ilo-ao",)


def test_names_that_could_leave_the_folder_are_not_datasets(server: Loopback, store: Store, refresh: Refresh) -> None:
    serve_index(server, [entry(server, "ilo-ao", GOOD), entry(server, "../../evil", GOOD)])
    serve_copy(server, "ilo-ao", GOOD)
    assert refresh(moved("iati_ilo", server)).datasets == ("ilo-ao",)


def test_with_nothing_at_all_the_source_is_an_error(refresh: Refresh, server: Loopback) -> None:
    with pytest.raises(SourceError, match="iati_ilo: no usable snapshot") as raised:
        refresh(moved("iati_ilo", server))
    assert raised.value.exit_status == 3


def test_a_dead_network_leaves_everything_as_it_was(server: Loopback, store: Store, refresh: Refresh) -> None:
    first_run(server, refresh)
    with nothing_listens() as dead:
        server_like = Loopback()
        server_like.__dict__["_server"] = type(
            "S", (), {"server_address": ("127.0.0.1", int(dead.rsplit(":", 1)[1]))}
        )()
        result = refresh(moved("iati_ilo", server_like))
    assert result.datasets == ("ilo-ao",)
    assert not result.reached
    assert {item.rule_id for item in result.findings} == {"fetch.unreachable"}


def test_a_whole_live_refresh_with_every_fault_at_once(server: Loopback, store: Store, refresh: Refresh) -> None:
    """The complete set: both spellings, no good copy, wrong SHA-1, a burst of 503, HTML in place of XML."""
    names = [f"ilo-{number}" for number in range(14)]
    entries = []
    for at, name in enumerate(names):
        body = activities(5 + at)
        entries.append(entry(server, name, body, ("cached_dataset_url_xml", "cached_dataset_xml_url")[at % 2]))
        serve_copy(server, name, body)
    entries[3]["last_known_good_dataset"] = None
    server.routes["/source/ilo-3.xml"] = plain(activities(8))
    entries[4]["last_known_good_dataset"]["hash"] = "f" * 40
    server.routes["/ilo/ilo-5.xml"] = in_turn(plain(b"", 503), plain(b"", 503), with_validators(activities(10)))
    server.routes["/ilo/ilo-6.xml"] = server.routes["/ilo/ilo-6.zip"] = html_page()
    serve_index(server, entries)
    result = refresh(moved("iati_ilo", server))
    assert set(result.datasets) == set(names) - {"ilo-4", "ilo-6"}
    errors = {item.dataset: item.rule_id for item in result.findings if item.severity == Severity.ERROR}
    assert set(errors) == {"ilo-4", "ilo-6"}
    assert json.dumps([item.as_dict() for item in result.findings])
    assert store.verify() == []
