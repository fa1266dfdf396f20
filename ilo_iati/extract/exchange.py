"""Exchange rates to core.exchange_rate: the ECB's daily rates crossed into dollars, the IMF's averages, the UN's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median_low
from typing import Any

import pyarrow as pa

from ilo_iati.extract.tabular.records import Record, Tally, plain_name, read_header, records
from ilo_iati.extract.tabular.table import day, number, read_table, say_layout, say_lost, say_rejected
from ilo_iati.findings import Finding

_NO_RATE = frozenset({"", "N/A", "-"})
_HOME = {"EUR": "U2"}
"""Whose series speaks for a currency of many countries; else the country whose code the currency's name begins with."""


def read_exchange(
    path: Path, *, dataset: str, sha256: str, is_illustrative: bool = False
) -> tuple[pa.Table, list[Finding]]:
    """Rows of core.exchange_rate in one file, and what could not be read.

    Layouts: ECB (Date and a column a currency, units for one euro), IMF (Date, Rate, Currency, Frequency ..., units for
    one US dollar), and an override of operational rates (Date, Currency, Rate). Plain or in a zip.
    """
    del is_illustrative
    facts = {"dataset": dataset, "snapshot_sha256": sha256}
    return read_table("core.exchange_rate", path, _rows, facts)


def _rows(path: Path, member: str, dataset: str, findings: list[Finding]) -> Iterator[dict[str, Any]]:
    delimiter, names = read_header(path, member)
    if names and not names[-1]:
        names = names[:-1]
    known = {plain_name(name): at for at, name in enumerate(names)}
    tally = Tally()
    lines = records(path, member, delimiter, len(names), tally)
    if {"date", "rate", "currency"} <= set(known):
        yield from _listed(lines, known, dataset, findings)
    elif {"date", "usd"} <= set(known):
        yield from _crossed(lines, names, dataset, findings)
    else:
        findings.append(say_layout(dataset, names, ["Date and USD, or Date, Rate and Currency"]))
        return
    findings += say_rejected(dataset, tally)


def _crossed(
    lines: Iterator[Record], names: list[str], dataset: str, findings: list[Finding]
) -> Iterator[dict[str, Any]]:
    """The ECB's table: units for one euro, so units for one US dollar are the quotient of the same day."""
    usd = names.index("USD")
    for record in lines:
        try:
            when, dollars = day(record.fields[0]), number(record.fields[usd])
            if not dollars or dollars < 0:
                raise ValueError(record.fields[usd])
            shared = {"rate_date": when, "frequency": "daily", "source": "ECB", "source_line": record.line}
            yield shared | {"currency_code": "EUR", "units_per_usd": 1 / float(dollars)}
            for name, text in zip(names[1:], record.fields[1:], strict=True):
                if text.strip() not in _NO_RATE:
                    rate = _positive(text)
                    yield shared | {"currency_code": name.strip(), "units_per_usd": rate / float(dollars)}
        except ValueError as error:
            findings.append(say_lost(dataset, record.line, "rate or date", str(error)))


def _positive(text: str) -> float:
    rate = float(number(text) or 0)
    if rate <= 0:
        raise ValueError(text)
    return rate


def _listed(
    lines: Iterator[Record], known: dict[str, int], dataset: str, findings: list[Finding]
) -> Iterator[dict[str, Any]]:
    """A rate a line, in units for one US dollar; where countries of one currency differ, the issuer's series counts."""
    held: dict[tuple[str, date], list[tuple[str, float, int]]] = defaultdict(list)
    is_annual = "frequency" in known
    for record in lines:
        fields = {name: record.fields[at].strip() for name, at in known.items()}
        if fields["rate"] in _NO_RATE or not fields["currency"] or fields.get("frequency", "A") != "A":
            continue
        try:
            key, rate = (fields["currency"], day(fields["date"])), _positive(fields["rate"])
            held[key].append((fields.get("countrycode", ""), rate, record.line))
        except ValueError as error:
            findings.append(say_lost(dataset, record.line, "rate or date", str(error)))
    for (currency, when), found in held.items():
        rate, line = _speaking_for(currency, found)
        yield {
            "currency_code": currency,
            "rate_date": when,
            "units_per_usd": rate,
            "frequency": "annual" if is_annual else "operational",
            "source": "IMF" if is_annual else "UN",
            "source_line": line,
        }


def _speaking_for(currency: str, found: list[tuple[str, float, int]]) -> tuple[float, int]:
    home = _HOME.get(currency, currency[:2])
    own = next(((rate, line) for country, rate, line in found if country == home), None)
    return own or median_low([(rate, line) for _, rate, line in found])
