"""Marts: order from the SQL itself, types from the spec, and errors that name the mart."""

from __future__ import annotations

import duckdb
import pytest

from ilo_iati.errors import SpecError
from ilo_iati.load import build_marts, dependencies, mart_order, mart_queries
from ilo_iati.spec.table import Column, Table


def _mart(name, *columns):
    return Table(name, "One row.", "sql", (), tuple(Column(n, t, "A column.") for n, t in columns))


def _folder(tmp_path, **queries):
    for name, query in queries.items():
        (tmp_path / f"mart.{name}.sql").write_text(query)
    return tmp_path


def test_tables_read_are_found_whatever_the_syntax():
    query = "WITH a AS (SELECT * FROM core.x JOIN mart.y USING (id)) SELECT * FROM a WHERE id IN (SELECT id FROM ref.z)"
    with duckdb.connect() as connection:
        assert dependencies(connection, query) == {"core.x", "mart.y", "ref.z"}
        with pytest.raises(SpecError, match="one SELECT"):
            dependencies(connection, "CREATE TABLE x (a INT)")


def test_marts_are_built_in_the_order_they_need_with_declared_types(tmp_path):
    tables = {n: _mart(n, ("n", "DECIMAL(10,2)")) for n in ("mart.a", "mart.b")}
    folder = _folder(tmp_path, a="SELECT n * 2 AS n FROM mart.b;", b="SELECT 1 AS n, 'dropped' AS other")
    with duckdb.connect() as connection:
        assert build_marts(connection, tables=tables, folder=folder) == {"mart.b": 1, "mart.a": 1}
        assert connection.execute("DESCRIBE mart.a").fetchall()[0][:2] == ("n", "DECIMAL(10,2)")


def test_faults_name_the_mart(tmp_path):
    tables = {"mart.a": _mart("mart.a", ("missing", "INTEGER"))}
    with pytest.raises(SpecError, match=r"no SQL for mart\.a"):
        mart_queries(tables, tmp_path)
    folder = _folder(tmp_path, a="SELECT 1 AS n")
    with duckdb.connect() as connection, pytest.raises(SpecError, match=r"mart\.a: .*missing"):
        build_marts(connection, tables=tables, folder=folder)
    _folder(tmp_path, stray="SELECT 1")
    with pytest.raises(SpecError, match=r"mart\.stray\.yml"):
        mart_queries(tables, tmp_path)


def test_a_circle_is_refused():
    queries = {"mart.a": "SELECT * FROM mart.b", "mart.b": "SELECT * FROM mart.a"}
    with duckdb.connect() as connection, pytest.raises(SpecError, match="circle"):
        mart_order(connection, queries)
