"""The compiled walker and the plain one give equal rows, findings and unclaimed paths, on odd documents too."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ilo_iati.extract import compile as builder
from ilo_iati.extract import extract_dataset, file_sha256, read_part
from ilo_iati.extract.walker import compiled
from tests.conftest import shared_dir

GOLDEN = Path(__file__).parents[2] / "golden" / "tables"
ODD = """<?xml version="1.0"?>
<!DOCTYPE iati-activities [<!ENTITY org "Body &amp; Co">]>
<iati-activities version="2.03" xmlns:x="urn:x">
<iati-activity xml:lang="en" x:lang="no">
<iati-identifier>AB<!-- cut -->CD<![CDATA[ <EF> ]]></iati-identifier>
<title><narrative xml:lang="fr" x:y="1">\u00a0</narrative><narrative>&org; one<!-- c --> two<b/>lost</narrative></title>
<title><narrative>again</narrative><x:sector/></title>
<reporting-org ref="&org;" type=""/>
<x:sector code="1"/>
<sector code="\u00e9\u4e2d" percentage=" 50 "><narrative/></sector>
<conditions attached="1"><condition type="1"/></conditions>
<conditions attached="0"><condition type="2"/></conditions>
<transaction><recipient-country code="AA"><narrative>A</narrative></recipient-country><recipient-country code="BB"/>
<value>1</value><value currency="EUR">2</value>stray<!-- c -->more</transaction>
<transaction/>
<location ref="l"><point><pos>1 2</pos></point><point><pos>3 4</pos></point></location>
<result><indicator><baseline year="2020" value="1"><location ref="l"/></baseline></indicator></result>
<result><indicator/><document-link url="u"/></result>
<?instruction here?>
</iati-activity>
</iati-activities>
"""


def _outcome(path, folder):
    part = extract_dataset(path, "d", file_sha256(path), folder)
    rows = {t: duckdb.read_parquet([str(f) for f in part.files(t)]).fetchall() for t in part.counts if part.files(t)}
    return rows, sorted(map(str, part.findings)), sorted(map(str, part.unclaimed)), part.element_counts


def _both(path, tmp_path, monkeypatch):
    fast = _outcome(path, tmp_path / "compiled")
    monkeypatch.setenv("ILO_IATI_WALKER", "python")
    return fast, _outcome(path, tmp_path / "python")


needs_compiled = pytest.mark.skipif(not compiled(), reason="the compiled walker is not built (make setup builds it)")


@needs_compiled
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda p: p.stem)
def test_golden_documents_come_out_equal(path, tmp_path, monkeypatch):
    fast, slow = _both(path, tmp_path, monkeypatch)
    assert fast == slow


@needs_compiled
def test_an_odd_document_comes_out_equal(tmp_path, monkeypatch):
    path = tmp_path / "odd.xml"
    path.write_text(ODD, encoding="utf-8")
    fast, slow = _both(path, tmp_path, monkeypatch)
    assert fast == slow


@pytest.mark.parametrize("walker", ["compiled", "python"])
def test_comments_cdata_and_entities_do_not_cut_a_text(tmp_path, monkeypatch, walker):
    if walker == "python":
        monkeypatch.setenv("ILO_IATI_WALKER", "python")
    path = tmp_path / "odd.xml"
    path.write_text(ODD, encoding="utf-8")
    part = extract_dataset(path, "d", file_sha256(path), tmp_path)
    activity = duckdb.read_parquet([str(f) for f in part.files("core.iati_activity")])
    answer = activity.select("iati_identifier, title, reporting_org_ref, has_conditions").fetchall()
    assert answer == [("ABCD <EF>", "Body & Co one two", "Body & Co", True)]
    assert part.unreconciled == ()
    repeated = sorted(f.value[:12] for f in part.findings if f.rule_id == "extract.repeated")
    # The second point is told, and the pos in it.
    assert repeated == ["<conditions ", "<point xmlns", "<pos xmlns:x", "<title xmlns", "<value xmlns"]


@needs_compiled
def test_every_white_space_of_unicode_is_trimmed_alike(tmp_path, monkeypatch):
    odd = [chr(n) for n in range(1, 0x3100) if chr(n).isspace() or 0x1FF8 <= n <= 0x2070 or 0x80 <= n <= 0xA2]
    refs = "".join(
        f'<other-identifier ref="&#{ord(c)};{c}x {c}&#{ord(c)};"/><tag code="{c}"/>'
        for c in odd
        if ord(c) not in range(0x20)
    )
    path = tmp_path / "white.xml"
    path.write_text(f"<iati-activities><iati-activity>{refs}</iati-activity></iati-activities>", encoding="utf-8")
    fast, slow = _both(path, tmp_path, monkeypatch)
    assert fast == slow
    assert len(fast[0]["core.iati_tag"]) == refs.count("<tag ")


STRAY = """<iati-activities version="2.03" xmlns:x="urn:x">between<iati-activity>
<iati-identifier>A</iati-identifier> behind <!-- c -->an element
<transaction><!-- c -->lead<value x:rate="2">1<x:more a="1"><x:b>deep</x:b></x:more>tail</value></transaction>
<title><narrative>Hello <b>bold</b> world</narrative></title>
<title><narrative/><narrative> </narrative></title>
<x:more/>&#xA0;</iati-activity></iati-activities>"""


@pytest.mark.parametrize("walker", ["compiled", "python"])
def test_text_where_no_table_looks_is_counted_and_extensions_are_kept_whole(tmp_path, monkeypatch, walker):
    if walker == "python":
        monkeypatch.setenv("ILO_IATI_WALKER", "python")
    path = tmp_path / "stray.xml"
    path.write_text(STRAY, encoding="utf-8")
    part = extract_dataset(path, "d", file_sha256(path), tmp_path)
    told = {found.path: (found.occurrences, found.first_line, found.sample) for found in part.unclaimed}
    assert told["iati-activities/text()"] == (1, 1, "between")
    assert told["iati-activity/text()"] == (1, 1, "behind an element")
    assert told["iati-activity/transaction/text()"] == (1, 3, "lead")
    assert told["iati-activity/transaction/value/text()"] == (1, 3, "tail")
    assert told["iati-activity/title/narrative/text()"] == (1, 4, "world")
    assert told["iati-activity/title/narrative/b"][0] == 1
    kept = {found.path: found.kept for found in part.unclaimed if found.kept}
    assert kept == {
        "iati-activity/transaction/value/@{urn:x}rate": ((3, "2"),),
        "iati-activity/transaction/value/{urn:x}more": ((3, '<x:more xmlns:x="urn:x" a="1"><x:b>deep</x:b></x:more>'),),
        "iati-activity/{urn:x}more": ((6, '<x:more xmlns:x="urn:x"/>'),),
    }
    assert read_part(part.folder).unclaimed == part.unclaimed
    assert part.unreconciled == ()


@needs_compiled
@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", ["ukraine-1", "covid-83", "unhcr-2023", "iom-organisation", "kosovo-1.04"])
def test_real_files_come_out_equal(name, tmp_path, monkeypatch):
    fast, slow = _both(shared_dir("data", "real", f"{name}.xml"), tmp_path, monkeypatch)
    assert fast == slow


def test_without_a_compiler_nothing_fails(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setattr(builder, "HERE", Path("/nowhere"))
    assert "stays plain Python" in builder.build()
