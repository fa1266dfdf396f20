"""What the ILO reported to the CRS as donor 940, by recipient, 2015-2019: real facts, served as D-Portal's tables.

Source: OECD, Creditor Reporting System, as IATI's D-Portal keeps it. Restated in `data/crs_outflow.csv`, millions of
US dollars at current prices; of the table's columns only the ILO's is served.
"""

from __future__ import annotations

from ilo_iati.sample.ceb import as_csv, read_rows


def outflow_csv(year: int) -> bytes:
    """The table of a year: a line of codes, a line of names, a line a recipient."""
    rows = [row for row in read_rows("crs_outflow.csv") if row[str(year)]]
    lines = [
        ["recipient_name", "RecipientCode", "International Labour Organisation"],
        *([row["recipient_name"], row["recipient_code"], row[str(year)]] for row in rows),
    ]
    return as_csv(["", "donor_code", "940"], lines)
