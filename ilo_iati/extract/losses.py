"""Losses: published values that a column's type cannot hold, or not in full, as findings that keep the raw text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ilo_iati.extract.plan import LINE, RECORD, TablePlan
from ilo_iati.extract.records import Records
from ilo_iati.findings import Finding, Severity
from ilo_iati.spec.table import Column


@dataclass(frozen=True, slots=True)
class Losses:
    """The values of one column (`text`, with the raw rows they stand in) that its type cannot hold, as findings."""

    plan: TablePlan
    column: Column
    text: Any
    raw: list[Any]
    records: Records

    def lost(self, rows: Sequence[int]) -> Iterator[Finding]:
        """Values without a counterpart in the type: the column is empty there."""
        kind = _KINDS.get(self.column.type, "plain number such as 1000.50")
        for row in rows:
            said = f"'{self.text[row].as_py()[:80]}' is not a {kind}; {self._name} is empty there."
            yield self._finding(row, Severity.ERROR, said, f"Publish a {kind}.")

    def cut(self, rows: Sequence[int], typed: Any) -> Iterator[Finding]:
        """Values that say more than the type holds; noise of floating point comes by the thousand, so only some."""
        for row in rows[:CUT_TOLD]:
            text, kept = self.text[row].as_py()[:80], typed[row].as_py()
            said = f"'{text}' says more than {self._name} holds: {kept} stands there."
            yield self._finding(row, Severity.WARNING, said, _SHORTER[pa.types.is_date(typed.type)])
        rest = rows[CUT_TOLD:]
        if rest:
            said = f"{len(rest):,} more values from here on say more than {self._name} holds, and are cut short there."
            yield self._finding(rest[0], Severity.WARNING, said, _SHORTER[pa.types.is_date(typed.type)])

    @property
    def _name(self) -> str:
        return f"{self.plan.table.name}.{self.column.name}"

    def _finding(self, row: int, severity: Severity, message: str, fix: str) -> Finding:
        return self.records.finding(
            _plain(self.raw[RECORD][row]),
            _plain(self.raw[LINE][row]),
            "cast.lost",
            severity,
            message,
            fix,
            _xpath(self.plan, self.column.paths[0]),
            self.text[row].as_py(),
        )


CUT_TOLD = 1000
"""Values cut short that are told one by one, for a column and a batch of rows; of more only the number."""
_SHORTER = {False: "Publish no more decimals than the currency has.", True: "Publish the day alone: 2024-12-31."}
_KINDS = {
    "DATE": "date written 2024-12-31",
    "TIMESTAMP": "date and time written 2024-12-31T12:00:00Z",
    "BOOLEAN": "true or false",
    "INTEGER": "whole number",
}


def _xpath(plan: TablePlan, path: str) -> str:
    """The element's path where the table has one, else only its tag: the line says which."""
    first = plan.counted[0]
    return f"//{first}/{path}" if len(plan.counted) == 1 else f"//{first.rsplit('/', 1)[-1]}/{path}"


def _plain(value: Any) -> int:
    return int(value.as_py() if isinstance(value, pa.Scalar) else value)
