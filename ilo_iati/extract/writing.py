"""Raw rows to typed Parquet: the columns of each table are made in bulk and appended to one file a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ilo_iati.extract.cast import cast, tidy
from ilo_iati.extract.part import Source
from ilo_iati.extract.plan import LINE, NUMBER, RECORD, ColumnPlan, Plan, TablePlan
from ilo_iati.findings import NO_IDENTIFIER, Finding, Severity


@dataclass(slots=True)
class Records:
    """What is known of each record (activity or organisation) of the rows at hand, by ordinal."""

    source: list[Source] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    identifier: list[str | None] = field(default_factory=list)
    root: list[dict[str, str]] = field(default_factory=list)

    def add(self, source: Source, number: int, identifier: str | None, root: dict[str, str]) -> int:
        """The ordinal of a new record."""
        self.source.append(source)
        self.number.append(number)
        self.identifier.append(identifier)
        self.root.append(root)
        return len(self.source) - 1

    def clear(self) -> None:
        for values in (self.source, self.number, self.identifier, self.root):
            values.clear()


class PartWriter:
    """Appends batches of raw rows to `<folder>/<table>.<suffix>.parquet`; `findings` gathers values lost in casts."""

    def __init__(self, plan: Plan, folder: Path, suffix: str = "0") -> None:
        self.plan, self.folder, self.suffix = plan, folder, suffix
        self.findings: list[Finding] = []
        self.row_counts: dict[tuple[str, str], int] = {}
        self._writers: dict[str, Any] = {}

    def write(self, columns: Sequence[list[Any] | None], records: Records) -> None:
        """Types and appends the raw columns of all tables; `columns[i]` belong to `plan.tables[i]`."""
        shared = _shared_columns(records)
        for plan in self.plan.tables:
            raw = columns[plan.index]
            if raw is not None:
                self._append(plan, raw, records, shared)

    def close(self) -> None:
        """Finishes every file."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _append(self, plan: TablePlan, raw: list[Any], records: Records, shared: dict[str, Any]) -> None:
        ordinals = _array(raw[RECORD], pa.int32())
        arrays = [self._column(plan, column, raw, ordinals, records, shared) for column in plan.columns]
        names = [column.column.name for column in plan.columns]
        table = pa.Table.from_arrays(arrays, names=names)
        name = plan.table.name
        if name not in self._writers:
            path = self.folder / f"{name}.{self.suffix}.parquet"
            # Read once, from end to end: nothing would use statistics, and they are a quarter of the writing.
            self._writers[name] = pq.ParquetWriter(path, table.schema, compression="zstd", write_statistics=False)
        self._writers[name].write_table(table)
        for entry in pc.value_counts(shared["dataset_plain"].take(ordinals)).to_pylist():
            key = (entry["values"], name)
            self.row_counts[key] = self.row_counts.get(key, 0) + entry["counts"]

    def _column(
        self,
        plan: TablePlan,
        column: ColumnPlan,
        raw: list[Any],
        ordinals: Any,
        records: Records,
        shared: dict[str, Any],
    ) -> Any:
        if column.kind == "line":
            return _array(raw[LINE], pa.int32())
        if column.kind != "slot":
            return _spread(shared[column.kind], ordinals)
        numeric = column.column.type == "INTEGER" and (_is_number(column) or plan is self.plan.narratives)
        if numeric:
            return _array(raw[int(column.slots[0])], pa.int32())
        text = _text(column, raw, ordinals, records)
        typed, lost = cast(text, column.column.type, column.column.lenient)
        if lost and not column.column.lenient:
            self._tell_lost(plan, column, text, lost, raw, records)
        return typed

    def _tell_lost(
        self, plan: TablePlan, column: ColumnPlan, text: Any, lost: list[int], raw: list[Any], records: Records
    ) -> None:
        spec = column.column
        kind = _KINDS.get(spec.type, "plain number such as 1000.50")
        for row in lost:
            ordinal, value = _plain(raw[RECORD][row]), text[row].as_py()
            finding = Finding(
                "cast.lost",
                Severity.ERROR,
                f"'{value[:80]}' is not a {kind}; {plan.table.name}.{spec.name} is empty there.",
                f"Publish a {kind}.",
                "extraction",
                records.source[ordinal].dataset,
                records.identifier[ordinal] or NO_IDENTIFIER,
                records.number[ordinal],
                _plain(raw[LINE][row]),
                _xpath(plan, spec.paths[0]),
                value,
            )
            self.findings.append(finding)


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


def _is_number(column: ColumnPlan) -> bool:
    return column.slots == [NUMBER] or any(path.startswith("position(") for path in column.column.paths)


def _shared_columns(records: Records) -> dict[str, Any]:
    """Per record, the columns the document does not hold; rows take them by ordinal."""
    names = [source.dataset for source in records.source]
    keys = [f"{name}#{number}" for name, number in zip(names, records.number, strict=True)]
    return {
        "dataset": pa.array(names).dictionary_encode(),
        "dataset_plain": pa.array(names),
        "sha256": pa.array([source.sha256 for source in records.source]).dictionary_encode(),
        "key": pa.array(keys),
        "position": pa.array(records.number, pa.int32()),
        "illustrative": pa.array([source.illustrative for source in records.source]),
    }


def _array(values: Any, kind: Any) -> Any:
    """An Arrow array; the compiled walker has made it already."""
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _plain(value: Any) -> int:
    return int(value.as_py() if isinstance(value, pa.Scalar) else value)


def _text(column: ColumnPlan, raw: list[Any], ordinals: Any, records: Records) -> Any:
    """The published text of a column, the first filled of its places."""
    texts = []
    for slot in column.slots:
        if isinstance(slot, str):
            of_root = pa.array([root.get(slot) for root in records.root], pa.string())
            texts.append(tidy(of_root.take(ordinals)))
        else:
            texts.append(tidy(_array(raw[slot], pa.string())))
    return texts[0] if len(texts) == 1 else pc.coalesce(*texts)


def _spread(values: Any, ordinals: Any) -> Any:
    if pa.types.is_dictionary(values.type):
        return pa.DictionaryArray.from_arrays(values.indices.take(ordinals), values.dictionary)
    return values.take(ordinals)
