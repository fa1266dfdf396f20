"""Raw rows to typed Parquet: the columns of each table are made in bulk and appended to one file a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ilo_iati.extract.cast import cast, tidy
from ilo_iati.extract.losses import Losses
from ilo_iati.extract.plan import LINE, NUMBER, RECORD, ColumnPlan, Plan, TablePlan
from ilo_iati.extract.records import Records
from ilo_iati.findings import Finding


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
            # Read once, from end to end: statistics would be used by nothing, and zstd takes twice the time of lz4.
            self._writers[name] = pq.ParquetWriter(path, table.schema, compression="lz4", write_statistics=False)
        self._writers[name].write_table(table)
        self._count(name, shared["dataset"], ordinals)

    def _count(self, table: str, datasets: Any, ordinals: Any) -> None:
        """Adds to `row_counts`, by dataset."""
        names = datasets.dictionary.to_pylist()
        if len(names) == 1:
            counts = {0: len(ordinals)}
        else:
            found = pc.value_counts(datasets.indices.take(ordinals)).to_pylist()
            counts = {entry["values"]: entry["counts"] for entry in found}
        for index, number in counts.items():
            key = (names[index], table)
            self.row_counts[key] = self.row_counts.get(key, 0) + number

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
        typed = cast(text, column.column.type, column.column.lenient)
        if (typed.lost or typed.cut) and not column.column.lenient:
            losses = Losses(plan, column.column, text, raw, records)
            self.findings += losses.lost(typed.lost)
            self.findings += losses.cut(typed.cut, typed.column)
        return typed.column


def _is_number(column: ColumnPlan) -> bool:
    return column.slots == [NUMBER] or any(path.startswith("position(") for path in column.column.paths)


def _shared_columns(records: Records) -> dict[str, Any]:
    """Per record, the columns the document does not hold; rows take them by ordinal."""
    names = [source.dataset for source in records.source]
    keys = [f"{name}#{number}" for name, number in zip(names, records.number, strict=True)]
    return {
        "dataset": pa.array(names).dictionary_encode(),
        "sha256": pa.array([source.sha256 for source in records.source]).dictionary_encode(),
        "key": pa.array(keys),
        "position": pa.array(records.number, pa.int32()),
        "illustrative": pa.array([source.illustrative for source in records.source]),
    }


def _array(values: Any, kind: Any) -> Any:
    """An Arrow array; the compiled walker has made it already."""
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _text(column: ColumnPlan, raw: list[Any], ordinals: Any, records: Records) -> Any:
    """The published text of a column, the first filled of its places."""
    texts = []
    for slot in column.slots:
        if isinstance(slot, str):
            of_root = pa.array([root.get(slot) for root in records.root], pa.string())
            texts.append(tidy(of_root.take(ordinals)))
        else:
            texts.append(_tidy(raw[slot], len(ordinals)))
    return texts[0] if len(texts) == 1 else pc.coalesce(*texts)


def _tidy(values: Any, rows: int) -> Any:
    """The compiled walker's columns are tidy, or None where there is no value."""
    if values is None:
        return pa.nulls(rows, pa.string())
    return values if isinstance(values, pa.Array) else tidy(pa.array(values, pa.string()))


def _spread(values: Any, ordinals: Any) -> Any:
    if pa.types.is_dictionary(values.type):
        return pa.DictionaryArray.from_arrays(values.indices.take(ordinals), values.dictionary)
    return values.take(ordinals)
