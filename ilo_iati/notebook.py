"""What every notebook needs: the warehouse opened read-only, and whether what it shows is illustrative."""

from __future__ import annotations

import duckdb

from ilo_iati.errors import WarehouseError
from ilo_iati.paths import Home


def open_warehouse(home: str | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published warehouse of `home`. Raises WarehouseError when there is none."""
    database = Home.at(home).database
    if not database.exists():
        raise WarehouseError(f"{database} does not exist; run `make run` (sample) or `ilo-iati refresh` first.")
    return duckdb.connect(str(database), read_only=True)


def caption(connection: duckdb.DuckDBPyConnection, *sources: str) -> str:
    """A line for the foot of a chart: which of `sources` (schemas/sources) are illustrative, which real."""
    found = dict(
        connection.execute("select source, bool_or(is_illustrative) from audit.snapshot group by source").fetchall()
    )
    words = [f"{name}: {'ILLUSTRATIVE SAMPLE' if found[name] else 'real'}" for name in sources if name in found]
    return "; ".join(words) or "no source"
