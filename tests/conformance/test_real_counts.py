"""Real files: what is loaded equals an independent count of elements, and no path of the standard is left over."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from lxml import etree

from ilo_iati.extract import Source, extract_many
from ilo_iati.load import open_for_reading, stage
from ilo_iati.spec.table import load_tables
from tests.conftest import shared_dir

# What is counted, by plain path below the record: written here by hand, not taken from the specs.
BTA = ("result/indicator/baseline", "result/indicator/period/target", "result/indicator/period/actual")
LINKS = (
    "document-link",
    "result/document-link",
    "result/indicator/document-link",
    *(f"{p}/document-link" for p in BTA),
)
ACTIVITY = {
    "core.iati_activity": (".",),
    "core.iati_transaction": ("transaction",),
    "core.iati_budget": ("budget",),
    "core.iati_planned_disbursement": ("planned-disbursement",),
    "core.iati_sector": ("sector", "transaction/sector"),
    "core.iati_recipient_country": ("recipient-country", "transaction/recipient-country"),
    "core.iati_recipient_region": ("recipient-region", "transaction/recipient-region"),
    "core.iati_participating_org": ("participating-org",),
    "core.iati_other_identifier": ("other-identifier",),
    "core.iati_activity_date": ("activity-date",),
    "core.iati_contact_info": ("contact-info",),
    "core.iati_location": ("location",),
    "core.iati_policy_marker": ("policy-marker",),
    "core.iati_tag": ("tag",),
    "core.iati_humanitarian_scope": ("humanitarian-scope",),
    "core.iati_aid_type": ("default-aid-type", "transaction/aid-type"),
    "core.iati_related_activity": ("related-activity",),
    "core.iati_condition": ("conditions/condition",),
    "core.iati_result": ("result",),
    "core.iati_indicator": ("result/indicator",),
    "core.iati_indicator_baseline": ("result/indicator/baseline",),
    "core.iati_indicator_period": ("result/indicator/period",),
    "core.iati_indicator_target": ("result/indicator/period/target",),
    "core.iati_indicator_actual": ("result/indicator/period/actual",),
    "core.iati_indicator_dimension": tuple(f"{path}/dimension" for path in BTA),
    "core.iati_indicator_location": tuple(f"{path}/location" for path in BTA),
    "core.iati_document_link": LINKS,
    "core.iati_document_category": tuple(f"{path}/category" for path in LINKS),
}
ORGANISATION = {
    "core.iati_organisation": (".",),
    "core.iati_organisation_total_budget": ("total-budget",),
    "core.iati_organisation_recipient_org_budget": ("recipient-org-budget",),
    "core.iati_organisation_recipient_country_budget": ("recipient-country-budget",),
    "core.iati_organisation_recipient_region_budget": ("recipient-region-budget",),
    "core.iati_organisation_total_expenditure": ("total-expenditure",),
    "core.iati_organisation_document_link": ("document-link",),
}
VERSION1 = {"kosovo-1.04"}
"""Descriptions and titles apart, 1.0x has the same elements at the same paths for all that is counted here."""
MISPLACED = {
    # Elements and attributes that stand where no version of the standard allows them, seen in these files.
    "iati-activity/country-budget-items/budget-item/@vocabulary",
    "iati-activity/result/indicator/actual",
    "iati-activity/@dataset",
    "iati-activity/@generated-datetime",
}


@pytest.fixture(scope="module")
def sources():
    files = [
        *sorted(shared_dir("data", "real").glob("*.xml")),
        *sorted(shared_dir("data", "ilo", "xml").rglob("*.xml")),
    ]
    named = ((f"{path.parent.name}-{path.stem}".strip("-"), path) for path in files)
    return [Source(name, path, hashlib.sha256(path.read_bytes()).hexdigest()) for name, path in named]


@pytest.fixture(scope="module")
def warehouse(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    parts = extract_many(sources, folder / "parts")
    database = folder / "real.duckdb"
    stage(database, parts, load_tables())
    return database


def _expected(path) -> Counter[str]:
    """Counts by libxml2's whole-file parser and plain paths; a file it refuses as a whole counts nothing."""
    try:
        root = etree.parse(str(path)).getroot()
    except etree.XMLSyntaxError:
        return Counter()
    counts: Counter[str] = Counter()
    for tag, tables in (("iati-activity", ACTIVITY), ("iati-organisation", ORGANISATION)):
        for record in root.iter(tag):
            for table, paths in tables.items():
                counts[table] += sum(1 if p == "." else len(record.findall(p)) for p in paths)
    return +counts


@pytest.mark.shared
def test_rows_equal_an_independent_count_of_elements(sources, warehouse):
    wrong = []
    with open_for_reading(warehouse) as connection:
        for source in sources:
            expected = _expected(source.path)
            for table in (*ACTIVITY, *ORGANISATION):
                query = f"SELECT count(*) FROM {table} WHERE dataset = ?"
                rows = connection.execute(query, [source.dataset]).fetchall()[0][0]
                if rows != expected[table]:
                    wrong.append((source.dataset, table, rows, expected[table]))
    assert wrong == []


@pytest.mark.shared
def test_narratives_equal_an_independent_count(sources, warehouse):
    with open_for_reading(warehouse) as connection:
        for source in sources:
            if any(name in source.dataset for name in VERSION1) or not _expected(source.path):
                continue
            root = etree.parse(str(source.path)).getroot()
            unclaimed = "SELECT count(*) FROM audit.unclaimed WHERE dataset = ? AND path LIKE '%indicator/actual'"
            if connection.execute(unclaimed, [source.dataset]).fetchall()[0][0]:
                continue
            query = "SELECT count(*) FROM core.iati_narrative WHERE dataset = ?"
            assert connection.execute(query, [source.dataset]).fetchall()[0][0] == len(list(root.iter("narrative")))


@pytest.mark.shared
def test_money_equals_an_independent_sum(sources, warehouse):
    """Transactions by type, per file, added as published."""
    from decimal import Decimal

    with open_for_reading(warehouse) as connection:
        for source in sources:
            if not _expected(source.path) or any(name in source.dataset for name in VERSION1):
                continue
            totals: dict[str, Decimal] = {}
            for transaction in etree.parse(str(source.path)).getroot().iter("transaction"):
                kind = transaction.find("transaction-type").get("code")
                amount = Decimal(transaction.findtext("value").strip())
                totals[kind] = totals.get(kind, Decimal(0)) + amount
            query = "SELECT transaction_type_code, sum(value_amount) FROM core.iati_transaction WHERE dataset = ?"
            query += " GROUP BY 1"
            loaded = dict(connection.execute(query, [source.dataset]).fetchall())
            assert {k: round(v, 2) for k, v in loaded.items()} == {k: round(v, 2) for k, v in totals.items()}, (
                source.dataset
            )


@pytest.mark.shared
def test_every_row_knows_its_true_line(sources, warehouse):
    """The line named is the line on which that element begins in the file."""
    elements = {
        "core.iati_transaction": b"<transaction",
        "core.iati_budget": b"<budget",
        "core.iati_result": b"<result",
    }
    with open_for_reading(warehouse) as connection:
        for source in sources:
            lines = source.path.read_bytes().split(b"\n")
            for table, start in elements.items():
                query = f"SELECT source_line FROM {table} WHERE dataset = ?"
                for (line,) in connection.execute(query, [source.dataset]).fetchall():
                    # libxml2 gives the line on which a start tag ends; tags here stand on one line.
                    assert start in lines[line - 1], (source.dataset, table, line)


@pytest.mark.shared
def test_no_path_of_the_standard_is_unclaimed(warehouse):
    with open_for_reading(warehouse) as connection:
        rows = connection.execute("SELECT DISTINCT path FROM audit.unclaimed WHERE path NOT LIKE '%{%'").fetchall()
        assert {path for (path,) in rows} - MISPLACED == set()
        assert connection.execute("SELECT * FROM audit.element_count WHERE elements <> row_count").fetchall() == []
