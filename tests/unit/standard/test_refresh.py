"""Code lists made anew: what changed is said, a bad list keeps its old state, the repository's files stay sorted."""

from __future__ import annotations

import pytest
import requests
import yaml

from ilo_iati.errors import StandardError
from ilo_iati.spec.codelist import list_pins, read_rows
from ilo_iati.standard.lists import list_folder, refreshed_lists
from ilo_iati.standard.official import Standard
from ilo_iati.standard.refresh import Change, refresh_lists, restate_repository
from ilo_iati.standard.store import Store

from .conftest import official_xml

NEW = {"1": "Crimson", "2": "-Green", "3": "Blue", "4": "Black"}


def refresh(tmp_path, schemas, web):
    store = Store(tmp_path / "root")
    with requests.Session() as session:
        return store, list(refresh_lists(store, session, f"{web.url}/lists", "2026-11-23", schemas))


def test_changes_are_said_and_used(tmp_path, schemas, web):
    web.pages["/lists/Colour.xml"] = (200, official_xml("Colour", NEW, "0"))
    store, changes = refresh(tmp_path, schemas, web)
    assert changes == [
        Change("Colour", added=("4",), withdrawn=("2",), reinstated=("3",), renamed=("1",)),
    ]
    assert str(changes[0]) == "Colour: added 4; withdrawn 2; reinstated 3; renamed 1"
    used = Standard(store, schemas).codes("Colour", "2.03")
    assert used.names == {"1": "Crimson", "2": "Green", "3": "Blue", "4": "Black"}
    assert used.withdrawn == {"2": "2024-01-31"}
    entry = Standard(store, schemas).provenance()["codelists"]["refreshed"]["Colour"]
    assert entry["retrieved"] == "2026-11-23"
    assert entry["url"].endswith("/lists/Colour.xml")


def test_only_lists_that_follow_no_version_are_refreshed(tmp_path, schemas, web):
    refresh(tmp_path, schemas, web)
    assert web.asked == ["/lists/Colour.xml"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, b"gone"), "answered 404"),
        ((200, b"<!DOCTYPE html><html><body>moved"), "not XML"),
        ((200, b"<html/>"), "not an official code list"),
        ((200, b"<codelist name='Colour'><codelist-items>"), "not XML"),
        ((200, official_xml("Flavour", NEW)), "names itself Flavour"),
        ((200, official_xml("Colour", {"1": "Red"})), "shrink to 1 codes"),
    ],
    ids=["404", "web page", "well-formed web page", "cut short", "another list", "collapsed"],
)
def test_a_bad_answer_keeps_the_old_list(tmp_path, schemas, web, answer, said):
    web.pages["/lists/Colour.xml"] = answer
    store, [change] = refresh(tmp_path, schemas, web)
    assert said in change.failure
    assert refreshed_lists(store.root) == {}
    assert Standard(store, schemas).codes("Colour", "2.03").names["1"] == "Red"


def test_a_list_back_at_the_repository_state_is_dropped(tmp_path, schemas, web):
    web.pages["/lists/Colour.xml"] = (200, official_xml("Colour", NEW, "0"))
    store, _ = refresh(tmp_path, schemas, web)
    assert len(list(list_folder(store.root).glob("*.csv"))) == 1
    old = official_xml("Colour", {"1": "Red", "2": "Green", "3": "-Blue"}, "0").replace(b"2024-01-31", b"2020-01-01")
    web.pages["/lists/Colour.xml"] = (200, old)
    store, [change] = refresh(tmp_path, schemas, web)
    assert change.removed == ("4",)
    assert refreshed_lists(store.root) == {}
    assert list(list_folder(store.root).glob("*.csv")) == []


def test_an_altered_refreshed_list_is_refused(tmp_path, schemas, web):
    web.pages["/lists/Colour.xml"] = (200, official_xml("Colour", NEW, "0"))
    store, _ = refresh(tmp_path, schemas, web)
    [path] = list_folder(store.root).glob("*.csv")
    path.write_text("altered")
    with pytest.raises(StandardError, match="missing or altered"):
        Standard(store, schemas).codes("Colour", "2.02")


def test_the_repository_is_restated_from_a_folder(tmp_path, schemas):
    place = tmp_path / "official"
    (place / "non-embedded").mkdir(parents=True)
    (place / "non-embedded" / "Colour.xml").write_bytes(official_xml("Colour", NEW, "0"))
    (place / "non-embedded" / "Taste.xml").write_bytes(official_xml("Taste", {"b": "Sour", "a": "Sweet"}))
    with requests.Session() as session:
        changes = restate_repository(str(place), session, "2026-11-23", schemas)
    assert [change.name for change in changes] == ["Colour", "Taste"]
    assert [row.code for row in read_rows(schemas / "codelists" / "Taste.csv")] == ["a", "b"]
    assert set(list_pins(schemas)) == {"Colour", "Shape", "Taste"}
    body = yaml.safe_load((schemas / "codelists" / "PINS.yml").read_text())
    assert body["lists"]["Colour"]["source"] == "a local copy of the official files, 2026-11-23"
    assert not list((schemas / "codelists").glob(".*.partial"))


def test_an_embedded_list_needs_all_its_versions(tmp_path, schemas):
    place = tmp_path / "official"
    (place / "2.03").mkdir(parents=True)
    (place / "2.03" / "Shape.xml").write_bytes(official_xml("Shape", {"1": "Round"}))
    with requests.Session() as session:
        [change] = restate_repository(str(place), session, "2026-11-23", schemas)
    assert "1.04, 1.05, 2.01, 2.02" in change.failure
    assert len(read_rows(schemas / "codelists" / "Shape.csv")) == 3


def test_the_repository_is_restated_from_an_address(schemas, web):
    web.pages["/xml/Colour.xml"] = (200, official_xml("Colour", NEW, "0"))
    with requests.Session() as session:
        [change] = restate_repository(f"{web.url}/xml/", session, "2026-11-23", schemas)
    assert change.added == ("4",)


def test_a_folder_without_lists_is_refused(tmp_path, schemas):
    with requests.Session() as session, pytest.raises(StandardError, match="has no official code lists"):
        restate_repository(str(tmp_path / "none"), session, "2026-11-23", schemas)
