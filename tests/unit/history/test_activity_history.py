"""mart.activity_history on hand-written snapshots: first seen, changed, removed, returned, added."""

from __future__ import annotations

import duckdb
import pytest

from ilo_iati.paths import MARTS

ROWS = """
insert into audit.activity_version values
('d', 's1', '2026-01-01', 'A', 1, 2, 'a1', ['@:0', 'title:1']), ('d', 's1', '2026-01-01', 'B', 2, 9, 'b1', ['@:0']),
('d', 's2', '2026-02-01', 'A', 1, 2, 'a2', ['@:0', 'title:2']), ('d', 's2', '2026-02-01', 'C', 2, 9, 'c1', ['@:0']),
('d', 's3', '2026-03-01', 'A', 1, 2, 'a2', ['@:0', 'title:2']), ('d', 's3', '2026-03-01', 'B', 2, 9, 'b1', ['@:0'])
"""


@pytest.fixture
def history():
    connection = duckdb.connect()
    connection.execute(
        """create schema audit;
        create table audit.activity_version (dataset varchar, snapshot_sha256 varchar, fetched_at timestamp,
          iati_identifier varchar, activity_number integer, source_line integer, content_hash varchar,
          element_hashes varchar[])"""
    )
    connection.execute(ROWS)
    sql = (MARTS / "mart.activity_history.sql").read_text(encoding="utf-8")
    return connection.execute(
        "select iati_identifier, valid_from::date::varchar, valid_to::date::varchar, "
        "change, changed_elements, is_current "
        f"from ({sql}) order by all"
    ).fetchall()


def test_stretches_of_equal_content(history):
    assert history == [
        ("A", "2026-01-01", "2026-02-01", "first_seen", [], False),
        ("A", "2026-02-01", None, "changed", ["title"], True),
        ("B", "2026-01-01", "2026-02-01", "first_seen", [], False),
        ("B", "2026-03-01", None, "returned", [], True),
        ("C", "2026-02-01", "2026-03-01", "added", [], False),
    ]
