"""The declared sections: malformed ones are named, absent tables are told, and the figures are those of the rows."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.errors import SpecError
from ilo_iati.readiness.questions import answer_all, load_sections
from ilo_iati.readiness.reading import relations
from tests.unit.readiness.made import activity, empty_warehouse, fill

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="module")
def answered():
    connection = empty_warehouse(layers=("core", "audit", "mart"))
    edge = {"edge_kind": "incoming", "is_current_version": True, "trace_status": "missing"}
    first, second = {"other_org_name": "Donor A", "other_org_ref": "XX-A"}, {"other_org_name": "Donor B"}
    named = {"trace_status": "unresolved", "other_identifier": "XX-A-1"}
    fill(connection, {
        "mart.trace_edge": [
            {**edge, **first, "number": 1, "amount_usd": 6_000_000},
            {**edge, **first, **named, "number": 2, "amount_usd": 2_000_000},
            {**edge, **second, "number": 3, "amount_usd": 2_000_000},
            {**edge, **second, "number": 4, "amount_usd": 9_000_000, "is_current_version": False},
        ],
        "core.iati_activity": [activity(1), activity(2), activity(3, activity_status_code="5")],
        "core.iati_activity_date": [
            {"activity_key": "made#1", "activity_date_number": 1, "type_code": "2", "iso_date": "2026-02-01"},
            {"activity_key": "made#1", "activity_date_number": 2, "type_code": "3", "iso_date": "2028-06-30"},
            {"activity_key": "made#2", "activity_date_number": 1, "type_code": "1", "iso_date": "2026-01-01"},
            {"activity_key": "made#2", "activity_date_number": 2, "type_code": "3", "iso_date": "2027-12-31"},
        ],
        "core.iati_related_activity": [{"activity_key": "made#2", "related_activity_number": 1, "type_code": "3"}],
        "core.iati_document_link": [{"activity_key": "made#1", "document_link_number": 1},
                                    {"activity_key": "made#2", "document_link_number": 1, "result_number": 1}],
        "core.iati_document_category": [
            {"activity_key": f"made#{n}", "document_link_number": 1, "document_category_number": 1, "code": "A07"}
            for n in (1, 2)],
        "core.iati_organisation": [
            {"dataset": "one", "organisation_key": "one#1", "organisation_identifier": '"XM-DAC-41302"'},
            {"dataset": "two", "organisation_key": "two#1", "organisation_identifier": "XM-DAC-41302"}],
        "core.iati_organisation_total_budget": [
            {"dataset": name, "organisation_key": f"{name}#1", "total_budget_number": 1, "period_start": "2027-01-01",
             "period_end": "2027-12-31", "value_amount": amount}
            for name, amount in (("one", 5_000_000), ("two", 7_000_000))],
    })  # fmt: skip
    return {
        (section.id, place): one.rows
        for section, tables in answer_all(connection, AS_OF, relations(connection))
        for place, one in enumerate(tables)
    }


def test_receipts_by_reference_and_donors_by_money_without_one(answered):
    shares = {row["reference"]: (row["receipts"], row["share"]) for row in answered["traceability", 0]}
    assert shares == {"not named": (2, 80), "named; not in this warehouse": (1, 20)}  # 8 and 2 of 10 million
    donors = [(row["donor"], float(row["missing"]), row["publishes"]) for row in answered["traceability", 1]]
    assert donors == [
        ("Donor A", 6, "yes: 1 other receipts name its activity"),
        ("Donor B", 2, "not known from these files"),
    ]
    assert [(row["identifier"], float(row["amount"])) for row in answered["traceability", 2]] == [("XX-A-1", 2)]


def test_documents_of_results_and_cancelled_activities_do_not_count(answered):
    found = {row["category"][:3]: (row["activities"], row["share"]) for row in answered["documents", 0]}
    assert found["A07"] == (1, 50)  # the link of the second activity belongs to a result; the third is cancelled
    assert found["A02"] == (0, 0)


def test_organisation_files_that_contradict_each_other(answered):
    files = {row["dataset"]: row for row in answered["organisation", 0]}
    assert "quotation marks" in files["one"]["remark"]
    assert (files["two"]["remark"], files["two"]["years_ahead"]) == ("", 1)
    assert [(float(row["lowest"]), float(row["highest"])) for row in answered["organisation", 1]] == [(5, 7)]


def test_effects_of_the_biennial_practice_are_measured(answered):
    effects = {row["place"]: (row["figure"], row["of_all"]) for row in answered["practice", 0]}
    assert effects[1] == (1, 2)  # one of two runs beyond 2027
    assert effects[2] == (1, 2)  # one of two opened in this biennium names an earlier activity
    assert effects[3] == (0, 6)
    assert effects[6] == (2, None)


def test_what_is_not_loaded_is_told():
    connection = empty_warehouse(layers=("audit",))
    missing = {one.missing for _, tables in answer_all(connection, AS_OF, relations(connection)) for one in tables}
    assert ("mart.trace_edge",) in missing
    assert () not in missing


def test_unknown_kind_is_named(tmp_path):
    table = "{caption: c, needs: [t], sql: SELECT 1 AS x, columns: {x: {label: X, kind: colour}}}"
    body = f"sections: [{{id: s, name: n, about: a, tables: [{table}]}}]"
    (tmp_path / "sections.yml").write_text(body)
    with pytest.raises(SpecError, match="colour"):
        load_sections(tmp_path / "sections.yml")
