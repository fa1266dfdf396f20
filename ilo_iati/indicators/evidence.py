"""Which snapshots stand behind a figure: one id for a set of snapshots, and the set itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class Evidence:
    """Current snapshots of the inputs of a series: `members` are (source, dataset, sha256), sorted."""

    members: tuple[tuple[str, str, str], ...]
    is_illustrative: bool

    @property
    def snapshot_set(self) -> str | None:
        """First 16 hexadecimal digits of the SHA-256 over the members' own; None where there is no snapshot."""
        if not self.members:
            return None
        return hashlib.sha256("\n".join(" ".join(one) for one in self.members).encode()).hexdigest()[:16]

    def rows(self) -> Iterator[dict[str, Any]]:
        for source, dataset, sha256 in self.members:
            yield {"snapshot_set": self.snapshot_set, "source": source, "dataset": dataset, "sha256": sha256}


def gather(connection: duckdb.DuckDBPyConnection, inputs: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], Evidence]:
    """Evidence by tuple of source names: the snapshots this warehouse was built from."""
    return {names: _one(connection, names) for names in inputs}


def _one(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> Evidence:
    found = connection.execute(
        """
        SELECT DISTINCT source, dataset, sha256, coalesce(is_illustrative, FALSE)
        FROM audit.snapshot
        WHERE list_contains($1, source) AND is_current AND sha256 IS NOT NULL
        ORDER BY source, dataset, sha256
        """,
        [list(names)],
    ).fetchall()
    return Evidence(tuple((row[0], row[1], row[2]) for row in found), any(row[3] for row in found))
