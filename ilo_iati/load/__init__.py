"""Rows into the warehouse: parts and marts into one DuckDB file, built aside and swapped in, one writer at a time."""

from ilo_iati.load.connecting import create_database, open_for_reading, open_for_writing
from ilo_iati.load.ddl import create_tables
from ilo_iati.load.locking import writer_lock
from ilo_iati.load.marts import build_marts, dependencies, mart_dependencies, mart_order, mart_queries
from ilo_iati.load.staging import publish, row_counts, stage

__all__ = [
    "build_marts",
    "create_database",
    "create_tables",
    "dependencies",
    "mart_dependencies",
    "mart_order",
    "mart_queries",
    "open_for_reading",
    "open_for_writing",
    "publish",
    "row_counts",
    "stage",
    "writer_lock",
]
