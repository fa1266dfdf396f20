"""`ready --candidate`: a file not yet published, set into a small published warehouse in place of what it replaces."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest

from ilo_iati import extract, load, readiness
from ilo_iati.cli import main
from ilo_iati.paths import Home
from ilo_iati.spec.table import load_tables
from tests.unit.readiness.made import store

pytestmark = pytest.mark.slow
PUBLISHER = "XM-DAC-41302"
AS_OF = date(2026, 11, 20)


def _activity(number: int, receipt: int, donor: str = "Donor A", status: str = "2") -> str:
    return f"""
  <iati-activity default-currency="USD" xml:lang="en">
    <iati-identifier>{PUBLISHER}-106878-{number}-2026-TGO103</iati-identifier>
    <reporting-org ref="{PUBLISHER}" type="40"><narrative>Made Office</narrative></reporting-org>
    <title><narrative>Work for all, part {number}</narrative></title>
    <description><narrative>What the activity does.</narrative></description>
    <participating-org ref="XM-DAC-41119" type="40" role="1"><narrative>Donor</narrative></participating-org>
    <activity-status code="{status}"/>
    <activity-date type="2" iso-date="2026-01-01"/>
    <activity-date type="3" iso-date="2027-12-31"/>
    <recipient-country code="TG" percentage="100"/>
    <sector vocabulary="1" code="16020" percentage="100"/>
    <transaction><transaction-type code="1"/><transaction-date iso-date="2026-0{number}-15"/>
      <value currency="USD" value-date="2026-0{number}-15">{receipt}</value>
      <provider-org ref="XM-DAC-41119" type="40"><narrative>{donor}</narrative></provider-org></transaction>
  </iati-activity>"""


def _file(path, activities):
    path.write_text(f'<iati-activities version="2.03">{"".join(activities)}\n</iati-activities>', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home whose published warehouse holds two files: `old` with three activities, `other` with one."""
    folder = tmp_path_factory.mktemp("candidate")
    files = [
        _file(folder / "old.xml", [_activity(number, 100) for number in (1, 2, 3)]),
        _file(folder / "other.xml", [_activity(5, 70, "Donor B")]),
    ]
    place = Home.at(folder / "home")
    sources = [extract.Source(file.stem, file, extract.file_sha256(file)) for file in files]
    load.stage(place.database, extract.extract_many(sources, folder / "parts", 1), load_tables())
    with load.open_for_writing(place.database) as connection:
        store(connection, readiness.evaluate(connection, AS_OF))
    return place.root


def _ready(home, *words):
    return main(["ready", "--home", str(home), "--as-of", AS_OF.isoformat(), "--quiet", *map(str, words)])


def test_candidate_under_a_new_name_takes_the_place_of_the_file_it_replaces(home, tmp_path, capsys):
    new = _file(tmp_path / "old_20NOV2026.xml", [_activity(1, 100), _activity(2, 130), _activity(4, 50, status="9")])
    assert _ready(home, "--candidate", new, "--format", "json") == 1
    answer = json.loads(capsys.readouterr().out)
    changed = {
        (row["change_type"], row["item"].rpartition("106878-")[2]): row["difference"] for row in answer["change"]
    }
    assert ("activity_added", "4-2026-TGO103") in changed
    assert ("activity_removed", "3-2026-TGO103") in changed
    assert ("activity_changed", "2-2026-TGO103") in changed
    assert changed[("money_by_donor", "Donor A, incoming funds (type 1)")] == 100 + 130 + 50 - 300
    assert ("money_by_donor", "Donor B, incoming funds (type 1)") not in changed  # the other file stays as it is
    assert {kind for kind, item in changed if "(error)" in item} == {"finding_new"}  # the status of the fourth
    gates = {row["check_id"]: row for row in answer["check"]}
    assert gates["activities_kept"]["value"] == pytest.approx(100 / 3)
    assert gates["no_new_errors"]["verdict"] == "fail"
    assert answer["decision"] == "hold"
    # Scores are those of the publication with the candidate in it: three activities of the new file, one of the other.
    title = next(row for row in answer["score"] if row["check_code"] == "core.title")
    assert title["applicable_count"] == 4
    status = next(row for row in answer["score"] if row["check_code"] == "core.activity-status")
    assert status["score"] == 75
    assert changed[("score", "IATI Publishing Statistics: Status")] == pytest.approx(-100 / 60 / 4)


def test_text_names_what_changed_against_a_file(home, tmp_path, capsys):
    before = _file(tmp_path / "before.xml", [_activity(1, 100), _activity(3, 100)])
    after = _file(tmp_path / "after.xml", [_activity(1, 100), _activity(2, 10), _activity(3, 99)])
    assert _ready(home, "--candidate", after, "--against", before) == 0
    text = capsys.readouterr().out
    assert "activity added: 1" in text
    assert "activity changed: 1" in text
    assert "activity removed: 0" in text
    assert "money by year:\n    2026, incoming funds (type 1): 200 to 209 USD (+9)" in text


def test_csv_gives_a_file_a_table_and_lists_an_office(home, tmp_path, capsys):
    _ready(home, "--format", "csv", "--output", tmp_path / "tables", "--lists", tmp_path / "lists")
    names = {path.name for path in (tmp_path / "tables").iterdir()}
    assert {"check.csv", "score.csv", "score_activity.csv", "fix.csv", "change.csv", "history.csv"} <= names
    with (tmp_path / "tables" / "score.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.DictReader(stream))["check_code"] == "total"
    assert {"TGO.csv", "TGO.xlsx"} <= {path.name for path in (tmp_path / "lists").iterdir()}


def test_two_files_of_one_name_are_refused(home, tmp_path, capsys):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        _file(tmp_path / folder / "same.xml", [_activity(1, 1)])
    assert _ready(home, "--candidate", tmp_path / "a", tmp_path / "b") == 2
    assert "same name" in capsys.readouterr().err
