"""Real files, read a second time by plain XPath: the marts hold the same money, and every split adds up."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from ilo_iati.extract import Source, extract_many, file_sha256
from tests.conftest import shared_dir
from tests.unit.marts.warehouse import build, empty_warehouse

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def documents() -> list[Path]:
    files = sorted(shared_dir("data", "ilo", "xml").glob("*/*.xml"))
    return [one for one in files if one.parent.name != "ilo-org"] + [shared_dir("data", "real", "unhcr-2023.xml")]


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    parts = extract_many(
        [Source(one.stem, one, file_sha256(one)) for one in documents()], tmp_path_factory.mktemp("parts")
    )
    db = empty_warehouse()
    for part in parts:
        for (name,) in db.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall():
            for path in part.files(name) if name.startswith("core.iati_") else ():
                db.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet('{path}')")
    build(db)
    return db


def test_money_by_type_equals_a_second_reading(db):
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for path in documents():
        for transaction in etree.parse(path).iterfind(".//transaction"):
            amount = (transaction.findtext("value") or "").strip()
            code = transaction.find("transaction-type").get("code")
            expected[code] += Decimal(amount or 0)
    found = db.execute("SELECT transaction_type_code, sum(value_amount) FROM mart.transaction GROUP BY 1").fetchall()
    assert {code: amount for code, amount in found if amount} == {k: v for k, v in expected.items() if v}


def test_every_split_of_real_transactions_adds_up(db):
    wrong = db.execute(
        """SELECT activity_key, transaction_number, dimension_view FROM mart.transaction_split
           JOIN mart.transaction USING (activity_key, transaction_number)
           GROUP BY ALL HAVING sum(split_value_amount) IS DISTINCT FROM any_value(value_amount)"""
    ).fetchall()
    assert wrong == []


def test_each_era_of_the_ilo_is_read_by_its_rule(db):
    rules = db.execute(
        """SELECT DISTINCT year, basis FROM mart.contribution WHERE publisher_ref = 'XM-DAC-41302' ORDER BY ALL"""
    ).fetchall()
    for year, basis in rules:
        eras = {
            "commitment_by_donor_code": (2012, 2013),
            "commitment_by_provider": (2014, 2018),
            "incoming_funds": (2019, 2030),
        }
        first, last = eras.get(basis, (2012, 2018))
        assert first <= year <= last
    assert {basis for _, basis in rules} == {
        "commitment_by_donor_code", "commitment_by_provider", "incoming_funds", "rbsa_expenditure"
    }  # fmt: skip


def test_the_ilo_never_gives_to_itself_voluntarily(db):
    own = db.execute(
        """SELECT count(*), bool_or(is_voluntary) FROM mart.contribution
           WHERE contributor_key = 'ILO' AND publisher_ref = 'XM-DAC-41302'"""
    ).fetchone()
    assert own[0] > 0
    assert own[1] is False


def test_donors_stated_in_the_files_are_recognised(db):
    known = {
        row[0]
        for row in db.execute(
            "SELECT DISTINCT contributor_key FROM mart.contribution WHERE publisher_ref = 'XM-DAC-41302'"
        ).fetchall()
    }
    assert {"EU", "US", "DE", "FR", "NO", "CH", "SE", "ILO-RBSA", "MULTI", "LEVI-STRAUSS-FOUNDATION"} <= known
    assert "unknown" not in known
