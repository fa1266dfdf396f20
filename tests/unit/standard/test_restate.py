"""Official XML to rows: both forms of names, dates, and the span of versions a code stands unchanged."""

from __future__ import annotations

import pytest

from ilo_iati.errors import StandardError
from ilo_iati.spec.codelist import VERSIONS
from ilo_iati.standard.restate import merge_versions, parse_official, to_csv

OLD = b"""<codelist name="L" complete="1"><codelist-items>
<codelist-item><code>A</code><name>First
  name</name><category>x</category></codelist-item></codelist-items></codelist>"""
NEW = b"""<codelist name="L" complete="0"><codelist-items>
<codelist-item><code>A</code>
<name><narrative xml:lang="fr">Nom</narrative><narrative>Name</narrative></name></codelist-item>
<codelist-item status="withdrawn" activation-date="2010-01-01" withdrawal-date="2020-02-02">
<code> B </code></codelist-item>
<codelist-item><code>A</code><name><narrative>Again</narrative></name></codelist-item>
</codelist-items></codelist>"""


def test_both_forms_give_the_english_name():
    assert [row.name for row in parse_official(OLD, "f").rows] == ["First name"]
    assert [row.name for row in parse_official(NEW, "f").rows] == ["Name", ""]


def test_status_dates_and_completeness():
    official = parse_official(NEW, "f")
    assert not official.complete
    assert [(row.code, row.status, row.activation_date, row.withdrawal_date) for row in official.rows] == [
        ("A", "active", "", ""),
        ("B", "withdrawn", "2010-01-01", "2020-02-02"),
    ]


def test_a_missing_complete_means_complete():
    assert parse_official(OLD.replace(b' complete="1"', b""), "f").complete


def test_entities_are_not_resolved(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    attack = f'<!DOCTYPE c [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode() + OLD.replace(b"First", b"&e;")
    assert "secret" not in parse_official(attack, "f").rows[0].name


@pytest.mark.parametrize("content", [b"", b"<codelist", b"<html/>", b'<codelist name="L"/>'])
def test_anything_else_is_refused(content):
    with pytest.raises(StandardError, match="the old list stays in use"):
        parse_official(content, "f")


def test_unchanged_rows_become_one_span_and_a_gap_starts_a_new_one():
    same, other = parse_official(OLD, "f"), parse_official(NEW, "f")
    rows = merge_versions({"1.04": same, "1.05": same, "2.01": other, "2.03": other})
    spans = [(row.code, row.name, row.first_version, row.last_version) for row in rows]
    assert spans == [
        ("A", "First name", "1.04", "1.05"),
        ("A", "Name", "2.01", "2.01"),
        ("A", "Name", "2.03", "2.03"),
        ("B", "", "2.01", "2.01"),
        ("B", "", "2.03", "2.03"),
    ]


def test_one_file_for_all_versions_spans_them_all():
    [row] = merge_versions({"any": parse_official(OLD, "f")})
    assert (row.first_version, row.last_version) == (VERSIONS[0], VERSIONS[-1])
    assert to_csv([row]).splitlines()[1] == "A,First name,x,active,,,1.04,2.03"
