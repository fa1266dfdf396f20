"""The reviewed mappings: codes they point at exist, nothing says two things, OECD codes agree with the OECD's list."""

from __future__ import annotations

import pytest

from tests.unit.marts.warehouse import empty_warehouse


@pytest.fixture(scope="module")
def db():
    return empty_warehouse()


@pytest.mark.parametrize("table", ["organisation_alias", "ilo_donor", "symbol_suffix"])
def test_every_contributor_pointed_at_is_known(db, table):
    lost = db.execute(
        f"""SELECT DISTINCT contributor_code FROM ref.{table} WHERE contributor_code IS NOT NULL
            AND contributor_code NOT IN (SELECT contributor_code FROM ref.contributor)"""
    ).fetchall()
    assert lost == []


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("contributor", "contributor_code"), ("organisation_alias", "kind, value"), ("ilo_donor", "donor_code"),
        ("symbol_suffix", "suffix"), ("contributor_type", "contributor_type_code"),
        ("country_group", "country_code, group_code"),
    ],
)  # fmt: skip
def test_nothing_stands_there_twice(db, table, key):
    assert db.execute(f"SELECT {key} FROM ref.{table} GROUP BY {key} HAVING count(*) > 1").fetchall() == []


def test_a_name_means_one_contributor(db):
    twice = db.execute(
        """SELECT value, list(contributor_code) FROM (
               SELECT value, contributor_code FROM ref.organisation_alias WHERE kind = 'name'
               UNION SELECT lower(strip_accents(name)), contributor_code FROM ref.contributor)
           GROUP BY value HAVING count(*) > 1"""
    ).fetchall()
    assert twice == []


def test_types_and_groups_are_declared_ones(db):
    unknown = db.execute(
        """SELECT contributor_code FROM ref.contributor WHERE contributor_type_code IS NOT NULL
           AND contributor_type_code NOT IN (SELECT contributor_type_code FROM ref.contributor_type)"""
    ).fetchall()
    assert unknown == []


def test_dac_codes_and_membership_are_those_of_the_oecd_list(db):
    differing = db.execute(
        """SELECT c.contributor_code, c.dac_donor_code, c.is_dac_member, d.is_dac_member, d.iso2_code
           FROM ref.contributor AS c JOIN ref.dac_donor AS d ON d.donor_code = c.dac_donor_code
           WHERE c.contributor_type_code = 'C01'
               AND (c.is_dac_member IS DISTINCT FROM CAST(d.is_dac_member AS BOOLEAN)
                   OR c.country_code <> d.iso2_code)"""
    ).fetchall()
    assert differing == []
    missing = db.execute(
        """SELECT name FROM ref.dac_donor WHERE CAST(is_dac_member AS BOOLEAN)
           AND donor_code NOT IN (SELECT dac_donor_code FROM ref.contributor WHERE dac_donor_code IS NOT NULL)"""
    ).fetchall()
    assert missing == []


def test_all_ceb_contributors_are_known(db):
    """A contributor named only in UN CEB's file would be counted under its bare name and miss its DAC code."""
    import csv

    from ilo_iati.paths import SAMPLE

    with (SAMPLE / "data" / "ceb_revenue_by_donor.csv").open(encoding="utf-8") as stream:
        names = {row["contributor"] for row in csv.DictReader(stream) if row["type"] != "A"}
    known = {
        row[0]
        for row in db.execute(
            """SELECT value FROM ref.organisation_alias WHERE kind = 'name'
               UNION SELECT lower(strip_accents(name)) FROM ref.contributor"""
        ).fetchall()
    }
    folded = {name: db.execute("SELECT lower(strip_accents(?))", [name]).fetchone()[0] for name in names}
    assert {name for name, text in folded.items() if text not in known} == set()
