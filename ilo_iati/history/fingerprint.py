"""One snapshot to one fingerprint an activity: a hash of each kind of element, and the money it states.

White space between elements, the order of attributes and namespace prefixes do not count; every published word does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from ilo_iati.findings import NO_IDENTIFIER
from ilo_iati.reader import Document, open_dataset

ATTRIBUTES = "@"
"""Stands for the activity's own attributes among its elements."""

VOLATILE = ("last-updated-datetime",)
"""Attributes that change with every export; a new stamp alone is not a change of content."""

FINGERPRINT = pa.schema(
    [
        ("iati_identifier", pa.string()),
        ("activity_number", pa.int32()),
        ("source_line", pa.int32()),
        ("content_hash", pa.string()),
        ("element_hashes", pa.list_(pa.string())),
    ]
)
"""Columns of a snapshot's fingerprint; `element_hashes` holds `<element>:<hash>`, sorted."""

_BETWEEN = re.compile(rb">\s+<")
_IDENTIFIER = ("iati-identifier", "organisation-identifier")


@dataclass(frozen=True, slots=True)
class Money:
    """Sum of an activity's transactions of one kind: type code, year, provider, currency, amount as published."""

    transaction_type: str
    year: str
    provider: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One activity (or organisation) of a snapshot. `number` and `line` are 1-based places in its file."""

    identifier: str
    number: int
    line: int
    content_hash: str
    elements: tuple[str, ...]
    money: tuple[Money, ...]


def fingerprint(source: Path) -> Iterator[Fingerprint]:
    """The fingerprints of a file, in file order, in constant memory. What cannot be read is left out (see `check`)."""
    for item in open_dataset(source):
        if isinstance(item, Document):
            for offset, activity in enumerate(item.activities):
                yield _fingerprint(activity, item.first_index + offset, item.line_base)


def fingerprint_table(source: Path) -> pa.Table:
    """The fingerprints of a file as a table of the columns FINGERPRINT."""
    rows = [(f.identifier, f.number, f.line, f.content_hash, list(f.elements)) for f in fingerprint(source)]
    columns: list[Any] = list(zip(*rows, strict=True)) or [[] for _ in FINGERPRINT]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, FINGERPRINT, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FINGERPRINT)


def _fingerprint(activity: Any, number: int, line_base: int) -> Fingerprint:
    hashes: dict[str, Any] = {ATTRIBUTES: blake2b(_attributes(activity), digest_size=8)}
    for child in activity.iterchildren(tag=etree.Element):
        text = etree.tostring(child, method="c14n", exclusive=True, with_comments=False, with_tail=False)
        hashes.setdefault(child.tag, blake2b(digest_size=8)).update(_BETWEEN.sub(b"><", text))
    elements = tuple(sorted(f"{tag}:{digest.hexdigest()}" for tag, digest in hashes.items()))
    whole = blake2b("\n".join(elements).encode(), digest_size=8).hexdigest()
    return Fingerprint(
        _identifier(activity), number, line_base + activity.sourceline, whole, elements, tuple(_money(activity))
    )


def _attributes(activity: Any) -> bytes:
    kept = sorted((name, value) for name, value in activity.items() if name not in VOLATILE)
    return repr(kept).encode()


def _identifier(activity: Any) -> str:
    for tag in _IDENTIFIER:
        text = activity.findtext(tag)
        if text and text.strip():
            return str(text.strip())
    return NO_IDENTIFIER


def _money(activity: Any) -> Iterator[Money]:
    sums: dict[tuple[str, str, str, str], Decimal] = {}
    default = activity.get("default-currency", "")
    for transaction in activity.iterchildren("transaction"):
        value = transaction.find("value")
        amount = _decimal(value.text if value is not None else None)
        if value is None or amount is None:
            continue
        kind = transaction.find("transaction-type")
        key = (
            kind.get("code", "") if kind is not None else "",
            _year(transaction.find("transaction-date")),
            _organisation(transaction.find("provider-org")),
            value.get("currency", default),
        )
        sums[key] = sums.get(key, Decimal(0)) + amount
    return (Money(*key, amount) for key, amount in sums.items())


def _year(date: Any) -> str:
    return date.get("iso-date", "")[:4] if date is not None else ""


def _organisation(element: Any) -> str:
    if element is None:
        return ""
    name = element.findtext("narrative") or element.text or ""
    return str(element.get("ref", "").strip() or name.strip())


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
