"""Fetching from the internet, against a loopback server: right bytes only, redirects followed, nothing half written."""

from __future__ import annotations

import pytest
import requests

from ilo_iati.errors import SourceError, StandardError
from ilo_iati.standard import open_standard, update
from ilo_iati.standard.store import Store
from ilo_iati.standard.update import update_pinned

from .conftest import FILES


def run(tmp_path, schemas):
    with requests.Session() as session:
        return list(update_pinned(Store(tmp_path / "root"), session, schemas))


def files(tmp_path):
    return sorted(path.name for path in (tmp_path / "root").rglob("*") if path.is_file())


def test_everything_pinned_is_fetched_once(tmp_path, schemas, web):
    assert run(tmp_path, schemas) == ["schema 2.03", "mapping 2.03", "ruleset 2.03"]
    asked = len(web.asked)
    assert run(tmp_path, schemas) == []
    assert len(web.asked) == asked == 6
    assert open_standard(tmp_path / "root", schemas=schemas).provenance()["schemas"]["2.03"]["layer"] == "official"


def test_a_redirect_is_followed(tmp_path, schemas, web):
    web.pages["/elsewhere"] = web.pages["/IATI/Some/c0ffee/mapping.xml"]
    web.moved["/IATI/Some/c0ffee/mapping.xml"] = "/elsewhere"
    assert "mapping 2.03" in run(tmp_path, schemas)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ((200, b"other bytes"), StandardError, "not the pinned"),
        ((200, FILES["xml.xsd"][:-9]), StandardError, "not the pinned"),
        ((200, b"<!DOCTYPE html><html>hello</html>"), StandardError, "a web page came instead"),
        ((404, b"no"), SourceError, "answered 404"),
        ((503, b"later"), SourceError, "answered 503"),
    ],
    ids=["wrong hash", "cut short", "web page", "404", "503"],
)
def test_a_bad_answer_leaves_nothing_of_that_version(tmp_path, schemas, web, answer, error, message):
    web.pages["/IATI/Some/c0ffee/xml.xsd"] = answer
    with pytest.raises(error, match=message):
        run(tmp_path, schemas)
    assert files(tmp_path) == []


def test_groups_done_before_a_failure_stay(tmp_path, schemas, web):
    del web.pages["/IATI/Some/c0ffee/rulesets/standard.json"]
    with pytest.raises(SourceError, match="404"):
        run(tmp_path, schemas)
    assert files(tmp_path) == sorted([*FILES, "mapping.xml"])


def test_an_endless_answer_is_cut(tmp_path, schemas, web, monkeypatch):
    monkeypatch.setattr(update, "LIMIT", 10)
    with pytest.raises(StandardError, match="more than 10 bytes"):
        run(tmp_path, schemas)


def test_a_server_out_of_reach_is_a_source_error(tmp_path, schemas, web):
    with requests.Session() as session, pytest.raises(SourceError, match="cannot be reached"):
        update.get_bytes(session, "http://127.0.0.1:1/none")
