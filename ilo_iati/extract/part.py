"""Part: what one extraction job leaves behind, in memory and as a folder of Parquet files with a manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from ilo_iati.errors import WarehouseError
from ilo_iati.findings import Finding, Severity
from ilo_iati.paths import SCHEMAS

MANIFEST = "part.json"


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset to be read: its name, its file, the SHA-256 of its bytes, and whether it is illustrative."""

    dataset: str
    path: Path
    sha256: str
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class ElementCount:
    """Elements of a dataset that belong to a table, counted apart from the extraction, and the rows made of them."""

    dataset: str
    table_name: str
    elements: int
    row_count: int


@dataclass(frozen=True, slots=True)
class UnclaimedPath:
    """A path of a dataset that no table claims; see audit.unclaimed."""

    dataset: str
    path: str
    occurrences: int
    first_line: int
    sample: str
    kept: tuple[tuple[int, str], ...] = ()
    """Line and whole text of every occurrence, of names in another namespace."""

    @property
    def extensions(self) -> str | None:
        """`kept` as JSON."""
        return json.dumps(self.kept, ensure_ascii=False) if self.kept else None


@dataclass(frozen=True, slots=True)
class Part:
    """The outcome of one job. `folder` holds `<schema.table>.<n>.parquet`; tables without rows have no file.

    `element_counts` are per dataset and table, `lost_bytes` counts what the reader could not read, per dataset.
    """

    folder: Path
    datasets: tuple[str, ...]
    element_counts: tuple[ElementCount, ...]
    findings: tuple[Finding, ...]
    unclaimed: tuple[UnclaimedPath, ...]
    lost_bytes: Mapping[str, int]
    reused: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Rows by table, over all datasets of the part."""
        totals: dict[str, int] = {}
        for count in self.element_counts:
            totals[count.table_name] = totals.get(count.table_name, 0) + count.row_count
        return totals

    @property
    def unreconciled(self) -> tuple[ElementCount, ...]:
        """Where rows and elements differ: a fault of ours, never of the publisher. Must be empty."""
        return tuple(count for count in self.element_counts if count.elements != count.row_count)

    def files(self, table: str) -> list[Path]:
        """The Parquet files of `table`, in document order."""
        return sorted(self.folder.glob(f"{table}.[0-9]*.parquet"))

    def write(self, folder: Path) -> None:
        """Writes the manifest into `folder` (the place the part is built in, before it is renamed)."""
        body: dict[str, Any] = {
            "datasets": self.datasets,
            "element_counts": [_plain(count) for count in self.element_counts],
            "findings": [_plain(finding) for finding in self.findings],
            "unclaimed": [_plain(path) for path in self.unclaimed],
            "lost_bytes": dict(self.lost_bytes),
        }
        (folder / MANIFEST).write_text(json.dumps(body), encoding="utf-8")


def _plain(item: Any) -> dict[str, Any]:
    """Its fields as they are: asdict would copy every one of them, which takes longer than reading the document."""
    return {each.name: getattr(item, each.name) for each in fields(item)}


def read_part(folder: Path) -> Part:
    """The part in `folder`, as an earlier run left it. Raises WarehouseError when it is damaged."""
    try:
        body = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Part(
            folder,
            tuple(body["datasets"]),
            tuple(ElementCount(**item) for item in body["element_counts"]),
            tuple(Finding(**{**item, "severity": Severity(item["severity"])}) for item in body["findings"]),
            tuple(UnclaimedPath(**{**item, "kept": tuple(map(tuple, item["kept"]))}) for item in body["unclaimed"]),
            body["lost_bytes"],
            reused=True,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WarehouseError(f"{folder} is damaged ({error}); delete that folder and run again.") from error


def prune_parts(parts_dir: Path, keep: Iterable[Part]) -> None:
    """Removes parts that are not among `keep`: bytes that are no longer current, or specs that have changed."""
    kept = {part.folder.name for part in keep}
    for folder in parts_dir.iterdir():
        if folder.name not in kept and (folder / MANIFEST).exists():
            shutil.rmtree(folder)


def job_key(sources: Iterable[Source]) -> str:
    """Name of the part of these sources: changes with any byte, name or mark of a source, and with specs and code."""
    digest = hashlib.sha256(_program().encode())
    listed = sorted(sources, key=lambda source: source.dataset)
    for source in listed:
        digest.update(f"\n{source.dataset} {source.sha256} {source.illustrative}".encode())
    lead = listed[0].sha256[:16] if len(listed) == 1 else f"job{len(listed)}"
    return f"{lead}-{digest.hexdigest()[:32]}"


@cache
def _program() -> str:
    """Fingerprint of what decides how a document becomes rows: the IATI table specs and this package's code."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    specs = [*(SCHEMAS / "tables").glob("core.iati_*.yml"), SCHEMAS / "columns.yml", *SCHEMAS.glob("ignored.yml")]
    for path in sorted([*specs, *SCHEMAS.glob("version1.yml"), *here.glob("*.py"), *here.glob("*.pyx")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
