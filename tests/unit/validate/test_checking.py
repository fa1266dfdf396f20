"""File-level verdicts, schema findings with their places, identifiers, versions, damage."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ilo_iati.errors import InputError
from ilo_iati.standard import Standard
from ilo_iati.validate import check_dataset
from tests.unit.validate.conftest import NOW, Check
from tests.unit.validate.documents import activity, wrap


def ids(report: object) -> list[str]:
    return [finding.rule_id for finding in report.findings]  # type: ignore[attr-defined]


def test_a_sound_file_is_valid(check: Check) -> None:
    report = check(wrap(activity(1), activity(2)))
    assert (report.valid, report.activities, ids(report)) == (True, 2, [])
    assert (report.file_type, report.iati_version) == ("iati-activities", "2.03")
    assert "1000.0.1" in report.not_evaluated


def test_a_schema_error_has_its_place_and_words(check: Check) -> None:
    report = check(wrap(activity(1), activity(2, '<nonsense a="1"/>'), activity(3)))
    (finding,) = [each for each in report.findings if each.rule_id == "0.3.1"]
    assert (finding.identifier, finding.activity_index, finding.line) == ("XM-DAC-41302-2", 2, 25)
    assert finding.xpath == "/iati-activities/iati-activity[2]/nonsense"
    assert "<nonsense> must not stand here" in finding.message
    assert finding.fix
    assert not report.valid


@pytest.mark.parametrize(
    ("extra", "words", "value"),
    [
        ('<transaction><transaction-type code="1"/></transaction>', "<transaction> is incomplete", None),
        ('<budget type="1" size="2"/>', "must not have the attribute @size", None),
        ('<conditions attached="maybe"/>', "'maybe'", "maybe"),
        ("<conditions/>", "lacks its required attribute @attached", None),
        ("stray text", "holds text where only elements may stand", None),
    ],
)
def test_each_kind_of_schema_error_is_said_in_our_words(
    check: Check, extra: str, words: str, value: str | None
) -> None:
    found = [each for each in check(wrap(activity(1, extra))).findings if each.rule_id == "0.3.1"]
    assert any(words in each.message and each.value == value for each in found), [each.message for each in found]
    assert all("content model" not in each.message and "atomic type" not in each.message for each in found)


def test_an_empty_file_of_activities_breaks_the_schema(check: Check) -> None:
    report = check(b'<iati-activities version="2.03"/>')
    assert [(each.rule_id, each.identifier) for each in report.findings] == [("0.3.1", "file")]


def test_a_bad_root_attribute_is_said_once(check: Check) -> None:
    report = check(wrap(*[activity(n) for n in range(300)], attributes=' generated-datetime="today"'))
    (finding,) = [each for each in report.findings if each.rule_id == "0.3.1"]
    assert (finding.identifier, finding.line, finding.xpath) == ("file", 2, "/iati-activities")


def test_an_element_astray_does_not_hide_the_activities_after_it(check: Check) -> None:
    report = check(wrap(activity(1), "<note/>\n", activity(2, "<nonsense/>")))
    found = [(each.identifier, each.xpath) for each in report.findings if each.rule_id == "0.3.1"]
    assert found[0] == ("file", "/iati-activities/note")
    assert found[1][0] == "XM-DAC-41302-2"


@pytest.mark.parametrize("version", ['"2.04"', '"1.04"', "", '" 2.03"'])
def test_another_version_is_0_6_1(check: Check, version: str) -> None:
    report = check(wrap(activity(1), version=version))
    assert [each for each in ids(report) if each[0].isdigit()] == ["0.6.1"]
    assert not report.valid
    assert "0.3.1" in report.not_evaluated


def test_version_1_is_checked_by_its_own_schema_under_our_own_ids(check: Check) -> None:
    report = check(wrap("<iati-activity><nonsense/></iati-activity>", version='"1.04"'))
    assert "version1.schema" in ids(report)
    assert [each for each in ids(report) if each[0].isdigit()] == ["0.6.1"]


def test_not_well_formed_is_0_1_1_once_and_stops_as_the_official_validator_does(check: Check) -> None:
    data = wrap(activity(1, " & "), activity(2, '<conditions attached="maybe"/>'), activity(3, " & "))
    report = check(data)
    assert [each for each in ids(report) if each[0].isdigit()] == ["0.1.1"]
    assert ids(report).count("reader.malformed") == 1
    assert (report.activities, report.lost_activities) == (1, 2)
    assert report.lost_bytes > 0
    assert "0.3.1" in report.not_evaluated
    strict = check(data, profile="strict")
    assert "0.3.1" in ids(strict)


@pytest.mark.parametrize(
    ("data", "rule_id"),
    [
        (b"", "0.1.1"),
        (b"{}", "0.1.1"),
        (b"\x1f\x8b", "0.1.1"),
        (b"<rss/>", "0.2.1"),
        (b"<html/>", "0.2.1"),
        (b"<a>", "0.1.1"),
    ],
)
def test_what_is_no_iati_file_is_said_once(check: Check, data: bytes, rule_id: str) -> None:
    report = check(data)
    assert [each for each in ids(report) if each[0].isdigit()] == [rule_id]
    assert (report.valid, report.activities, report.file_type) == (False, 0, None)


def test_identifiers_used_twice(check: Check) -> None:
    report = check(wrap(activity(1), activity(2), activity(1), activity(1)))
    found = [(each.rule_id, each.activity_index, each.line) for each in report.findings]
    assert found == [("1.1.2", 1, 4), ("1.1.2", 3, 28), ("1.1.2", 4, 40)]


def test_references_are_judged_only_with_a_list(check: Check) -> None:
    data = wrap(
        activity(1, '<related-activity type="1" ref="XM-DAC-41302-2"/><related-activity type="1" ref="AB-1"/>'),
        activity(2),
    )
    assert "1000.0.6" not in ids(check(data))
    report = check(data, known_identifiers=["ZZ-1"])
    assert [(each.rule_id, each.value) for each in report.findings if each.rule_id.startswith("1000")] == [
        ("1000.0.6", "AB-1")
    ]
    assert "1000.0.6" not in report.not_evaluated
    assert "1000.0.6" not in ids(check(data, known_identifiers=["AB-1"]))


def test_an_activity_without_identifier_is_named_so(check: Check) -> None:
    data = wrap(activity(1).replace("<iati-identifier>XM-DAC-41302-1</iati-identifier>", ""))
    assert {each.identifier for each in check(data).findings} == {"noIdentifier"}


def test_organisation_files(check: Check) -> None:
    data = b"""<iati-organisations version="2.03"><iati-organisation>
<organisation-identifier>XM-DAC-41302</organisation-identifier><name><narrative>x</narrative></name>
<reporting-org ref="XM-DAC-41302" type="40"><narrative>x</narrative></reporting-org><nonsense/>
</iati-organisation></iati-organisations>"""
    report = check(data)
    assert report.file_type == "iati-organisations"
    (finding,) = [each for each in report.findings if each.rule_id == "0.3.1"]
    assert (finding.identifier, finding.line) == ("XM-DAC-41302", 3)
    assert finding.xpath == "/iati-organisations/iati-organisation[1]/nonsense"


def test_lines_of_schema_errors_are_true_in_an_activity_of_100_000_lines(check: Check) -> None:
    blank = "\n" * 50_000
    extra = f'{blank}<conditions attached="0"/>{blank}<nonsense/>'
    report = check(wrap(activity(1, extra)))
    (finding,) = [each for each in report.findings if each.rule_id == "0.3.1"]
    assert finding.line == 13 + 100_000


def test_sources_of_every_kind_give_the_same(standard: Standard, tmp_path: Path) -> None:
    data = wrap(activity(1, "<nonsense/>"))
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    reports = [check_dataset(source, standard=standard, now=NOW) for source in (path, data, io.BytesIO(data))]
    assert len({(report.sha256, report.bytes, tuple(ids(report))) for report in reports}) == 1
    assert reports[0].path == str(path)


def test_a_missing_file_is_an_input_error(standard: Standard, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.xml"):
        check_dataset(tmp_path / "none.xml", standard=standard, now=NOW)
