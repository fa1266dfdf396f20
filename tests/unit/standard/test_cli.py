"""`ilo-iati standard`: what it prints and returns."""

from __future__ import annotations

from functools import partial

import pytest

from ilo_iati import cli
from ilo_iati.cli import standard as verb
from ilo_iati.standard.pins import read_pins

from .conftest import official_xml


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("ILO_IATI_STANDARD", str(tmp_path / "standard"))
    monkeypatch.delenv("ILO_IATI_STANDARD_SNAPSHOT", raising=False)
    return tmp_path / "standard"


def test_status_of_an_empty_folder_says_what_to_run(empty, capsys):
    assert cli.main(["standard", "status"]) == 1
    out = capsys.readouterr().out
    assert "MISSING" in out
    assert "ilo-iati standard install" in out
    assert not empty.exists()


def test_status_lists_every_file(empty, capsys):
    cli.main(["standard", "status", "--all"])
    assert capsys.readouterr().out.count("iati-common.xsd") == 8


def test_update_from_a_folder_without_lists_is_an_error(empty, tmp_path, capsys):
    assert cli.main(["standard", "update", "--codelists", str(tmp_path / "none")]) == 2
    assert "has no official code lists" in capsys.readouterr().err


@pytest.fixture
def small(empty, schemas, monkeypatch):
    """The command on the small standard of the loopback server."""
    monkeypatch.setattr(verb, "update_pinned", partial(verb.update_pinned, schemas=schemas))
    monkeypatch.setattr(verb, "refresh_lists", partial(verb.refresh_lists, schemas=schemas))
    monkeypatch.setattr(verb, "read_pins", lambda: read_pins(schemas))


def test_update_says_what_was_fetched_and_what_changed(small, web, capsys):
    web.pages["/lists/Colour.xml"] = (200, official_xml("Colour", {"1": "Red", "2": "Green", "9": "White"}, "0"))
    assert cli.main(["standard", "update"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "fetched schema 2.03",
        "fetched mapping 2.03",
        "fetched ruleset 2.03",
        "Colour: added 9; removed 3",
        "1 code lists looked at: 1 changed, 0 kept as they were because of an error.",
    ]


def test_update_that_reaches_no_list_says_so_and_returns_3(small, capsys):
    assert cli.main(["standard", "update"]) == 3
    assert "Colour: kept as it was." in capsys.readouterr().out


def test_update_with_a_wrong_file_is_one_line(small, web, capsys):
    web.pages["/IATI/Some/c0ffee/xml.xsd"] = (200, b"<html>")
    assert cli.main(["standard", "update"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["standard", "--help"])
    assert stopped.value.code == 0
    assert "example:" in capsys.readouterr().out
