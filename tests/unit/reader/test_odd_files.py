"""Every odd or broken file that was thought of: what is read, what is reported, on which line."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile

import pytest

from tests.unit.reader.odd import activity, identifiers, places, read, wrap

THREE = [activity(1), activity(2), activity(3)]


def summary(data: bytes) -> tuple[dict[int, str], list[str]]:
    documents, faults = read(data)
    return identifiers(documents), [fault.kind for fault in faults]


def test_a_sound_file_gives_all_activities_and_lines() -> None:
    documents, faults = read(wrap(*THREE))
    assert not faults
    assert identifiers(documents) == {1: "XX-1", 2: "XX-2", 3: "XX-3"}
    assert places(documents) == {"XX-1": 4, "XX-2": 8, "XX-3": 12}


def test_an_activity_in_a_comment_is_not_read() -> None:
    data = wrap(activity(1), "<!-- " + activity(9) + " -->", activity(2), "<!--" + activity(8) + "-->")
    assert summary(data) == ({1: "XX-1", 2: "XX-2"}, [])


def test_a_commented_out_first_activity_leaves_the_head_sound() -> None:
    assert summary(wrap("<!-- " + activity(9) + " -->", activity(1))) == ({1: "XX-1"}, [])


def test_a_comment_before_the_root_may_hold_a_root() -> None:
    data = wrap(activity(1), head="<!-- <iati-activities version='1.04'><iati-activity> -->\n")
    documents, faults = read(data)
    assert (identifiers(documents), faults) == ({1: "XX-1"}, [])
    assert places(documents) == {"XX-1": 4}
    assert documents[0].root.get("version") == "2.03"


def test_tags_in_cdata_and_instructions_are_text() -> None:
    inside = "<description><narrative><![CDATA[</iati-activity><iati-activity>]]></narrative></description>"
    inside += "<?x <iati-activity> ?>"
    assert summary(wrap(activity(1, inside), activity(2))) == ({1: "XX-1", 2: "XX-2"}, [])


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "iso-8859-1", "windows-1252", "shift_jis"]
)
def test_encodings_are_read(encoding: str) -> None:
    mark = {
        "utf-16": "UTF-16",
        "utf-16-le": "UTF-16",
        "utf-16-be": "UTF-16",
        "utf-32": "UTF-32",
        "utf-8-sig": "UTF-8",
    }.get(encoding, encoding)
    note = "表" if encoding == "shift_jis" else "é"
    text = wrap(activity(1, f"<x>{note}</x>"), activity(2), head=f'<?xml version="1.0" encoding="{mark}"?>\n').decode()
    documents, faults = read(text.encode(encoding))
    assert not faults
    assert identifiers(documents) == {1: "XX-1", 2: "XX-2"}
    assert documents[0].root.findtext(".//x") == note
    assert places(documents)["XX-2"] == 8


def test_latin_1_declared_as_utf_8_costs_one_activity() -> None:
    data = wrap(*THREE).replace(b"Title 2", b"Caf\xe9")
    documents, faults = read(data)
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}
    assert [(f.kind, f.line, f.first_index, f.identifier) for f in faults] == [("encoding", 9, 2, "XX-2")]
    assert faults[0].lost_bytes == len(activity(2)) - 4


def test_utf_8_declared_as_utf_16_is_read_and_said() -> None:
    data = wrap(*THREE, head='<?xml version="1.0" encoding="UTF-16"?>\n')
    assert summary(data) == ({1: "XX-1", 2: "XX-2", 3: "XX-3"}, ["encoding"])


def test_an_unknown_encoding_is_read_as_utf_8_and_said() -> None:
    data = wrap(*THREE, head='<?xml version="1.0" encoding="no-such-8"?>\n')
    assert summary(data) == ({1: "XX-1", 2: "XX-2", 3: "XX-3"}, ["encoding"])


def test_a_broken_utf_16_unit_costs_one_activity() -> None:
    text = wrap(*THREE, head='<?xml version="1.0" encoding="UTF-16"?>\n').decode()
    data = codecs.BOM_UTF16_LE + text.encode("utf-16-le").replace("Title 2".encode("utf-16-le"), b"T\x00\x00\xdc2\x00")
    found, kinds = summary(data)
    assert found == {1: "XX-1", 3: "XX-3"}
    assert kinds == ["malformed"]


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("bare ampersand", "Title 2", "A & B", "malformed"),
        ("control character", "Title 2", "A\x0bB", "malformed"),
        ("nul", "Title 2", "A\x00B", "malformed"),
        ("unknown entity", "Title 2", "&nbsp;", "entity"),
        ("mismatched tag", "2</narrative>", "2</narative>", "malformed"),
        ("missing end tag", "2</narrative>", "2", "malformed"),
        ("attribute without quotes", "<iati-identifier>XX-2", "<iati-identifier a=1>XX-2", "malformed"),
        ("undeclared prefix", "2</narrative>", "2</narrative><z:a/>", "malformed"),
        ("double hyphen in comment", "2</narrative>", "2</narrative><!-- a -- b -->", "malformed"),
        ("unclosed cdata", "Title 2", "<![CDATA[Title 2", "malformed"),
    ],
)  # fmt: skip
def test_damage_in_one_activity_costs_that_activity(name: str, old: str, new: str, kind: str) -> None:
    data = wrap(*THREE).replace(old.encode(), new.encode())
    documents, faults = read(data)
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}, name
    assert [fault.first_index for fault in faults] == [2]
    assert faults[0].kind in {kind, "truncated"}
    assert faults[0].identifier == "XX-2"
    assert faults[0].line is not None
    assert 7 <= faults[0].line <= 11
    assert faults[0].lost_bytes > 0
    assert places(documents)["XX-3"] == 12


def test_a_missing_activity_end_tag_costs_that_activity() -> None:
    data = wrap(activity(1), activity(2).replace("</iati-activity>\n", ""), activity(3))
    documents, faults = read(data)
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}
    assert [fault.first_index for fault in faults] == [2]


def test_a_surplus_end_tag_costs_nothing_but_is_said() -> None:
    data = wrap(activity(1), activity(2) + "</iati-activity>\n", activity(3))
    documents, faults = read(data)
    assert identifiers(documents) == {1: "XX-1", 2: "XX-2", 3: "XX-3"}
    assert [(fault.kind, fault.first_index, fault.line) for fault in faults] == [("malformed", None, 11)]


def test_nested_activities_are_xml_and_stay_whole() -> None:
    data = wrap(activity(1, activity(7)), activity(2))
    assert summary(data) == ({1: "XX-1", 2: "XX-2"}, [])


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 20, 25])
def test_a_truncated_file_keeps_what_is_whole(cut: int) -> None:
    data = wrap(*THREE)
    data = data[: data.rindex(b"</iati-activity>") - cut]
    documents, faults = read(data)
    assert identifiers(documents) == {1: "XX-1", 2: "XX-2"}
    assert len(faults) == 1
    assert faults[0].first_index == 3


def test_a_missing_root_end_tag_loses_nothing_but_is_said() -> None:
    data = wrap(*THREE).replace(b"</iati-activities>\n", b"")
    found, kinds = summary(data)
    assert found == {1: "XX-1", 2: "XX-2", 3: "XX-3"}
    assert kinds == ["truncated"]


def test_something_after_the_root_is_said() -> None:
    documents, faults = read(wrap(*THREE) + b"<html/>\n")
    assert len(identifiers(documents)) == 3
    assert [(fault.kind, fault.line) for fault in faults] == [("malformed", 16)]


def test_two_files_in_one_are_both_read() -> None:
    documents, faults = read(wrap(activity(1)) + wrap(activity(2)))
    assert identifiers(documents) == {1: "XX-1", 2: "XX-2"}
    assert faults


@pytest.mark.parametrize(
    "attributes",
    [" version=2.03", ' version="2.03" x', ' version="2.03', ' version="2.03" a="&x;"', ' a="1" a="2" version="2.03"'],
)
def test_a_damaged_root_tag_keeps_the_activities(attributes: str) -> None:
    documents, faults = read(wrap(*THREE, attributes=attributes))
    assert set(identifiers(documents).values()) >= {"XX-2", "XX-3"}
    assert faults[0].line in {2, 3}
    assert documents[0].root.tag == "iati-activities"


def test_a_space_before_the_declaration_is_said_and_all_is_read() -> None:
    found, kinds = summary(b"\n" + wrap(*THREE))
    assert (found, kinds) == ({1: "XX-1", 2: "XX-2", 3: "XX-3"}, ["malformed"])


def test_text_before_the_root_is_said_and_all_is_read() -> None:
    found, kinds = summary(b"Warning: mysql_connect()\n" + wrap(*THREE))
    assert (found, kinds) == ({1: "XX-1", 2: "XX-2", 3: "XX-3"}, ["malformed"])


@pytest.mark.parametrize("data", [b"", b"  \n\t", b"\0\0\0\0"])
def test_an_empty_file_is_one_fault(data: bytes) -> None:
    assert summary(data) == ({}, ["empty"])


def test_html_is_named() -> None:
    page = b"<!DOCTYPE html>\n<html><head><meta charset=utf-8></head><body>Sign in<br></body></html>"
    assert summary(page) == ({}, ["malformed"]) or "html" in summary(page)[1]
    assert "html" in summary(b"<html><body>Sign in</body></html>")[1]
    assert "html" in summary(page)[1]


def test_json_is_named() -> None:
    assert summary(b'{"error": "not found"}') == ({}, ["text"])


def test_archives_are_named_and_not_opened() -> None:
    assert summary(gzip.compress(wrap(*THREE))) == ({}, ["compressed"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", wrap(*THREE))
    _, faults = read(buffer.getvalue())
    assert [fault.kind for fault in faults] == ["compressed"]
    assert faults[0].lost_bytes == len(buffer.getvalue())


def test_another_root_is_named_and_its_activities_are_read() -> None:
    data = b'<result xmlns:d="http://d.example/"><iati-activities version="2.03">\n' + activity(1, "<d:x/>").encode()
    documents, faults = read(data + b"</iati-activities></result>")
    assert [fault.kind for fault in faults] == ["not_iati"]
    assert identifiers(documents) == {1: "XX-1"}
    assert documents[0].root.get("version") == "2.03"
    assert places(documents) == {"XX-1": 3}


def test_a_bare_activity_is_named_and_read() -> None:
    assert summary(activity(1).encode()) == ({1: "XX-1"}, ["not_iati"])


def test_another_xml_is_named() -> None:
    assert summary(b"<rss><channel/></rss>") == ({}, ["not_iati"])
    assert summary(b"<rss><channel></rss>") == ({}, ["not_iati", "malformed"])


def test_a_root_in_a_namespace_is_not_iati() -> None:
    assert summary(wrap(activity(1), attributes=' xmlns="http://x.example/"'))[1] == ["not_iati"]


def test_organisation_files() -> None:
    data = (
        b'<iati-organisations version="2.03">\n<iati-organisation>\n<organisation-identifier>XX'
        b"</organisation-identifier></iati-organisation></iati-organisations>"
    )
    documents, faults = read(data)
    assert not faults
    assert identifiers(documents) == {1: "XX"}


def test_an_empty_root_gives_one_document_to_judge() -> None:
    documents, faults = read(b'<iati-activities version="2.03"/>')
    assert not faults
    assert [len(document.root) for document in documents] == [0]


def test_an_element_astray_does_not_vanish() -> None:
    documents, faults = read(wrap(activity(1), "<note>here</note>\n", activity(2)))
    assert not faults
    assert [stray.tag for document in documents for stray in document.strays] == ["note"]


def test_a_fault_has_one_line_and_a_fix() -> None:
    _, faults = read(wrap(activity(1, " & ")))
    assert "\n" not in faults[0].message
    assert faults[0].fix
