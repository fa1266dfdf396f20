"""UN CEB's published figures for the ILO, put into a test warehouse straight from the tables in the package."""

from __future__ import annotations

import csv

import duckdb
import pyarrow as pa

from ilo_iati.paths import SAMPLE
from tests.unit.marts.warehouse import empty_warehouse

KINDS = {"A": "R01", "E": "R03", "U": "R02A"}
SHA = "c" * 64


def warehouse_with_ceb() -> duckdb.DuckDBPyConnection:
    """Revenue by instrument 2011-24 and by contributor 2013-24; everything else empty, marts not built."""
    db = empty_warehouse()
    with (SAMPLE / "data" / "ceb_revenue_by_type.csv").open(encoding="utf-8") as stream:
        types = [(r["sub_type"], int(r["year"]), None, float(r["amount_usd"])) for r in csv.DictReader(stream)]
    with (SAMPLE / "data" / "ceb_revenue_by_donor.csv").open(encoding="utf-8") as stream:
        donors = [
            (KINDS[row["type"]], int(year), row["contributor"], float(amount))
            for row in csv.DictReader(stream)
            for year, amount in row.items()
            if year.isdigit() and amount
        ]
    rows = [
        {"dataset": f"ceb_revenue_by_{granularity}", "snapshot_sha256": SHA, "source_line": line,
         "granularity": granularity, "year": year, "revenue_type_code": code, "contributor_name": name,
         "amount_usd": amount}
        for granularity, found in (("type", types), ("donor", donors))
        for line, (code, year, name, amount) in enumerate(found, start=2)
    ]  # fmt: skip
    db.register("arriving", pa.Table.from_pylist(rows))
    db.execute("INSERT INTO core.ceb_revenue BY NAME SELECT * FROM arriving")
    db.unregister("arriving")
    db.execute(
        "INSERT INTO audit.snapshot (dataset, source, sha256, is_current, is_illustrative, fetched_at)"
        f" VALUES ('ceb_revenue_by_type', 'ceb_revenue', '{SHA}', TRUE, FALSE, TIMESTAMP '2026-01-05 08:00:00')"
    )
    return db
