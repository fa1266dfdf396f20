"""mart.activity_history on hand-written snapshots: first seen, changed, removed, returned, added, moved, retired."""

from __future__ import annotations

import duckdb

from ilo_iati.paths import MARTS

ROWS = """
insert into audit.activity_version values
('d', 's1', '2026-01-01', 'A', 1, 2, 'a1', ['@:0', 'title:1']), ('d', 's1', '2026-01-01', 'B', 2, 9, 'b1', ['@:0']),
('d', 's2', '2026-02-01', 'A', 1, 2, 'a2', ['@:0', 'title:2']), ('d', 's2', '2026-02-01', 'C', 2, 9, 'c1', ['@:0']),
('d', 's3', '2026-03-01', 'A', 1, 2, 'a2', ['@:0', 'title:2']), ('d', 's3', '2026-03-01', 'B', 2, 9, 'b1', ['@:0']);
insert into audit.snapshot values
('d', 's1', '2026-01-01', null, true), ('d', 's2', '2026-02-01', null, true), ('d', 's3', '2026-03-01', null, true),
('d', 's4', '2026-04-01', null, false)
"""


def read(rows: str) -> list[tuple[object, ...]]:
    """Identifier, first and last day, change, elements, currency and other datasets of each stretch."""
    connection = duckdb.connect()
    connection.execute(
        """create schema audit;
        create table audit.activity_version (dataset varchar, snapshot_sha256 varchar, fetched_at timestamp,
          iati_identifier varchar, activity_number integer, source_line integer, content_hash varchar,
          element_hashes varchar[]);
        create table audit.snapshot (dataset varchar, sha256 varchar, fetched_at timestamp, retired_at timestamp,
          is_usable boolean)"""
    )
    connection.execute(rows)
    sql = (MARTS / "mart.activity_history.sql").read_text(encoding="utf-8")
    return connection.execute(
        "select iati_identifier, valid_from::date::varchar, valid_to::date::varchar, "
        "change, changed_elements, is_current, also_in "
        f"from ({sql}) order by dataset, iati_identifier, valid_from"
    ).fetchall()


def test_stretches_of_equal_content():
    """The bytes that were set aside in April end nothing."""
    assert [row[:6] for row in read(ROWS)] == [
        ("A", "2026-01-01", "2026-02-01", "first_seen", [], False),
        ("A", "2026-02-01", None, "changed", ["title"], True),
        ("B", "2026-01-01", "2026-02-01", "first_seen", [], False),
        ("B", "2026-03-01", None, "returned", [], True),
        ("C", "2026-02-01", "2026-03-01", "added", [], False),
    ]


def test_a_snapshot_without_activities_ends_what_was_there():
    emptied = ROWS.replace("'2026-04-01', null, false", "'2026-04-01', null, true")
    assert {row[0]: row[2] for row in read(emptied) if row[1] == "2026-03-01"} == {"B": "2026-04-01"}
    assert not any(row[5] for row in read(emptied))


def test_a_retired_dataset_has_nothing_current():
    retired = ROWS.replace(", null, true", ", '2026-03-15', true")
    assert [(row[0], row[2]) for row in read(retired) if row[2] == "2026-03-15"] == [
        ("A", "2026-03-15"),
        ("B", "2026-03-15"),
    ]
    assert not any(row[5] for row in read(retired))


MOVED = """
insert into audit.activity_version values
('old', 'o1', '2026-01-01 06:00', 'A', 1, 2, 'a1', []), ('old', 'o1', '2026-01-01 06:00', 'B', 2, 9, 'b1', []),
('old', 'o2', '2026-02-01 06:00', 'B', 1, 2, 'b1', []),
('new', 'n1', '2026-02-01 05:59', 'A', 1, 2, 'a1', []), ('new', 'n1', '2026-02-01 05:59', 'B', 2, 9, 'b1', []),
('other', 'x1', '2026-02-01 05:58', 'C', 1, 2, 'c1', []);
insert into audit.snapshot values
('old', 'o1', '2026-01-01 06:00', null, true), ('old', 'o2', '2026-02-01 06:00', null, true),
('new', 'n1', '2026-02-01 05:59', null, true), ('other', 'x1', '2026-02-01 05:58', null, true)
"""


def test_an_activity_that_moved_or_stands_twice_names_the_other_dataset():
    assert [(row[0], row[1], row[2], row[6]) for row in read(MOVED)] == [
        ("A", "2026-02-01", None, ["old"]),  # moved: gone from the old file on the same day
        ("B", "2026-02-01", None, ["old"]),  # stands twice
        ("A", "2026-01-01", "2026-02-01", []),
        ("B", "2026-01-01", None, []),
        ("C", "2026-02-01", None, []),
    ]
