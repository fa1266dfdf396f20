"""`ilo-iati sources`: what an officer sees, and the decisions an officer can take."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ilo_iati.cli import main
from ilo_iati.snapshot import Store


def fill(home: Path, age_days: int = 1) -> Store:
    """A home whose CEB source is complete and whose IATI source has one good and one suspicious snapshot."""
    store = Store(home / "snapshots" / "live")
    when = datetime.now(UTC) - timedelta(days=age_days)
    store.put("ceb_revenue", "ceb_revenue_by_type", b"x" * 100, {"fetched_at": when, "http_status": 200})
    store.put("iati_ilo", "ilo-ao", b"x" * 100, {"fetched_at": when, "http_status": 200})
    store.put("iati_ilo", "ilo-ao", b"y" * 10, {"fetched_at": when + timedelta(hours=1), "http_status": 200})
    return store


def states(home: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    main(["sources", "status", "--home", str(home), "--format", "json"])
    return {one["source"]: one for one in json.loads(capsys.readouterr().out)["sources"]}


def test_status_says_good_partial_and_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path)
    found = states(tmp_path, capsys)
    assert {name: one["state"] for name, one in found.items() if one["state"] != "missing"} == {
        "ceb_revenue": "good",
        "iati_ilo": "partial",
    }
    assert found["iati_ilo"]["http_status"] == 200
    assert found["iati_ilo"]["age_days"] == 0
    assert main(["sources", "status", "--home", str(tmp_path)]) == 1, "sources without any snapshot"
    shown = capsys.readouterr().out
    assert "exchange_rate_annual  missing" in shown
    assert "ilo-ao shrank from 100 to 10 bytes" in shown
    assert f"goes into {tmp_path}/drop/SOURCE, SOURCE one of ceb_revenue, crs_outflow, " in shown
    assert "iati_ilo," not in shown.partition("one of")[2], "IATI files come from the catalogue only"


def test_status_names_the_drop_folder_and_what_lies_there_astray(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path)
    (tmp_path / "drop" / "oecd_crs").mkdir(parents=True)
    (tmp_path / "drop" / "CRS 2019.zip").touch()
    main(["sources", "status", "--home", str(tmp_path)])
    shown = capsys.readouterr().out
    assert f"goes into {tmp_path}/drop/SOURCE, SOURCE one of ceb_revenue, crs_outflow, " in shown
    assert f"{tmp_path}/drop/CRS 2019.zip lies in the folder of no source" in shown
    assert "drop/oecd_crs lies" not in shown


def test_a_source_not_heard_of_for_longer_than_its_cadence_is_overdue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, age_days=500)
    assert states(tmp_path, capsys)["ceb_revenue"]["state"] == "overdue"


def test_accept_retire_and_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = fill(tmp_path)
    aside = store.history("ilo-ao")[-1]
    home = ["--home", str(tmp_path)]
    assert main(["sources", "accept", "ilo-ao", *home]) == 2
    assert main(["sources", "accept", "ilo-ao", "ffff", "--why", "x", *home]) == 2
    assert main(["sources", "accept", "ilo-ao", aside.sha256[:12], "--why", "publisher confirmed", *home]) == 0
    current = store.current("ilo-ao")
    assert current is not None
    assert current.sha256 == aside.sha256
    capsys.readouterr()
    assert states(tmp_path, capsys)["iati_ilo"]["state"] == "good"
    assert main(["sources", "retire", "ilo-ao", "--why", "withdrawn", *home]) == 0
    assert store.current("ilo-ao") is None
    assert main(["sources", "verify", *home]) == 0
    aside.path.write_bytes(b"z" * 10)
    assert main(["sources", "verify", *home]) == 1
    assert "2 of 3 snapshots match" in capsys.readouterr().out
