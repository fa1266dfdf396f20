"""The CRS as one Parquet file of 1.2 GB: only the ILO's rows and the wanted columns ever leave the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from ilo_iati.errors import InputError
from ilo_iati.extract.tabular.dac_layout import Layout, find_layout
from ilo_iati.extract.tabular.dac_row import CHANNELS, PARENTS, REPORTER
from ilo_iati.extract.tabular.table import say_layout
from ilo_iati.findings import Finding


def parquet_rows(path: Path, dataset: str, findings: list[Finding]) -> Iterator[tuple[int, Layout, dict[str, str]]]:
    """Number of the row in the file (1-based), layout and fields as text of each row that may be about the ILO."""
    try:
        with duckdb.connect() as db:
            described = db.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
            names = [row[0] for row in described]
            layout, places = find_layout(names)
            missing = [field for field in layout.needed if field not in places] if layout else []
            if layout is None or missing:
                findings.append(say_layout(dataset, names, missing))
                return
            columns = {field: f'"{names[at]}"' for field, at in places.items()}
            shown = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in columns.values())
            rows = "read_parquet(?, file_row_number => true)"
            query = f"select file_row_number + 1, {shown} from {rows} where {_filter(columns)}"
            cursor = db.execute(query, [str(path)])
            while batch := cursor.fetchmany(10_000):
                for row in batch:
                    yield int(row[0]), layout, dict(zip(columns, map(_text, row[1:]), strict=True))
    except duckdb.Error as error:
        raise InputError(f"{path.name} cannot be read as Parquet ({error}); fetch it again.") from error


def _filter(columns: dict[str, str]) -> str:
    channels = ", ".join(f"'{code}'" for code in sorted(CHANNELS | PARENTS))
    channel, donor = (
        f"regexp_replace(cast({columns[name]} as varchar), '\\.0$', '')" for name in ("channel_code", "donor_code")
    )
    return f"{channel} in ({channels}) or {donor} = '{REPORTER}'"


def _text(value: str) -> str:
    """Codes that pandas once made fractional (41302.0) are codes again."""
    whole = value.removesuffix(".0")
    return whole if whole.isdigit() else value.strip()
