"""Exchange rates, real facts in our own selection: ECB daily rates from 2012, IMF annual averages from 2010.

Sources: European Central Bank, euro foreign exchange reference rates (units for one euro); International Monetary
Fund, annual average of national currency for one US dollar. Both are served in the layout of the file they stand in
for.
"""

from __future__ import annotations

import gzip
import io
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ilo_iati.paths import SAMPLE
from ilo_iati.sample.ceb import as_csv, read_rows


def packed(name: str, body: bytes) -> bytes:
    """A zip of one file with a fixed time, so that equal contents make equal bytes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        entry = ZipInfo(name, (2026, 1, 1, 0, 0, 0))
        entry.compress_type = ZIP_DEFLATED
        archive.writestr(entry, body)
    return buffer.getvalue()


def daily_zip() -> bytes:
    """`eurofxref-hist.csv` in a zip: newest day first, a comma at the end of each line, as the ECB publishes it."""
    header, *days = gzip.decompress((SAMPLE / "data" / "ecb_daily_rates.csv.gz").read_bytes()).decode().split()
    lines = [header, *reversed(days)]
    return packed("eurofxref-hist.csv", "".join(f"{line},\n" for line in lines).encode())


def annual_csv() -> bytes:
    """Annual averages, one line a currency and year, dated the last day of the year."""
    header = ["Date", "Rate", "Currency", "Frequency", "Source", "Country code", "Country"]
    rows = [
        (date(int(year), 12, 31), rate, row["currency"], "A", "IMF", row["country_code"], row["country"])
        for row in read_rows("imf_annual_rates.csv")
        for year, rate in row.items()
        if year.isdigit() and rate
    ]
    return as_csv(header, rows)
