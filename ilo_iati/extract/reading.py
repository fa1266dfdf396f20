"""One job: the documents of its sources through the walker into a folder of Parquet files and a Part."""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from ilo_iati.extract.counting import element_counter
from ilo_iati.extract.part import MANIFEST, ElementCount, Part, Source, UnclaimedPath, job_key, read_part
from ilo_iati.extract.plan import VERSION1, Plan, plan_for
from ilo_iati.extract.records import Records
from ilo_iati.extract.version1 import is_version1, modernise
from ilo_iati.extract.walk import SAMPLE_LENGTH, Repeated, Unclaimed
from ilo_iati.extract.walker import compiled, make_walker
from ilo_iati.extract.writing import PartWriter
from ilo_iati.findings import FILE_LEVEL, NO_IDENTIFIER, Finding, Severity
from ilo_iati.reader import ByteRange, Document, Fault, open_dataset

BATCH_ROWS = 60_000
"""Raw rows the plain walker holds before they are written: about 60 MB of Python objects."""
COMPILED_BATCH_ROWS = 250_000
"""The compiled one's take a tenth of that; the fewer batches, the less the columns of fifty tables cost."""


@dataclass(slots=True)
class Tally:
    """What a job notices beside the rows."""

    elements: dict[tuple[str, str], int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unclaimed: dict[tuple[str, str], UnclaimedPath] = field(default_factory=dict)
    lost_bytes: dict[str, int] = field(default_factory=dict)

    def add_unclaimed(self, dataset: str, found: Unclaimed) -> None:
        """Adds to what is known of the path in this dataset; the first example stays."""
        old = self.unclaimed.get((dataset, found.path))
        first = old or UnclaimedPath(dataset, found.path, 0, found.first_line, found.sample)
        total = first.occurrences + found.occurrences
        sample, kept = first.sample or found.sample, (*first.kept, *found.kept)
        self.unclaimed[dataset, found.path] = UnclaimedPath(dataset, found.path, total, first.first_line, sample, kept)


class Extraction:
    """Reads sources of one kind of document after another into one writer a kind; `finish` gives what was noticed."""

    def __init__(self, folder: Path, suffix: str = "0") -> None:
        self._folder, self._suffix = folder, suffix
        self._tally = Tally()
        self._lanes: dict[str, _Lane] = {}

    def read(self, source: Source, byte_range: ByteRange | None = None) -> None:
        """Extracts one dataset, or a byte range of it. Raises InputError when the file cannot be opened."""
        self._tally.lost_bytes.setdefault(source.dataset, 0)
        for item in open_dataset(source.path, byte_range):
            if isinstance(item, Fault):
                self._tally.findings.append(_unread(source, item))
                self._tally.lost_bytes[source.dataset] += item.lost_bytes
            else:
                self._lane(item).read(source, item)
        for lane in self._lanes.values():
            lane.end_source(source)

    def finish(self) -> tuple[Tally, dict[tuple[str, str], int]]:
        """Writes what is left; returns the tally and the rows written by (dataset, table)."""
        rows: dict[tuple[str, str], int] = {}
        for lane in self._lanes.values():
            lane.flush()
            lane.writer.close()
            self._tally.findings += lane.writer.findings
            for key, count in lane.writer.row_counts.items():
                rows[key] = rows.get(key, 0) + count
        return self._tally, rows

    def _lane(self, document: Document) -> _Lane:
        root_tag = str(document.root.tag)
        if root_tag not in self._lanes:
            suffix = f"{self._suffix}{'' if root_tag == 'iati-activities' else 'o'}"
            self._lanes[root_tag] = _Lane(plan_for(root_tag), self._folder, suffix, self._tally)
        return self._lanes[root_tag]


class _Lane:
    """Walker and writer of one kind of document."""

    def __init__(self, plan: Plan, folder: Path, suffix: str, tally: Tally) -> None:
        self.plan, self.tally = plan, tally
        self.walker, self.records = make_walker(plan), Records()
        self.writer = PartWriter(plan, folder, suffix)
        self._batch = COMPILED_BATCH_ROWS if compiled() else BATCH_ROWS
        self._counter, self._passed = element_counter(plan), element_counter(plan)
        self.walker.skipped = self._passed.add
        self._identifier = _identifier_of(plan)

    def read(self, source: Source, document: Document) -> None:
        root = {str(name): str(value) for name, value in document.root.attrib.items()}
        old = is_version1(root.get("version"))
        # Only an activity of more than 65,535 lines needs the reader's slower, exact look-up.
        lines = document.line if document.is_tall else None
        for position, element in enumerate(document.activities):
            ordinal = self.records.add(source, document.first_index + position, self._identifier(element), root)
            if old:
                modernise(element, self.plan, self.walker, ordinal, document.line)
            self.walker.record(element, ordinal, document.line_base, lines)
            self._counter.add(element)  # while its tree is still at hand for the processor
        self._strays(source, document, root)
        if self.walker.size >= self._batch:
            self.flush()

    def end_source(self, source: Source) -> None:
        """What the walker found unclaimed belongs to this source; the next one begins with a clean slate."""
        passed = self._passed.take()
        for name, number in self._counter.take().items():
            whole = self.tally.elements.get((source.dataset, name), 0) + number - passed.get(name, 0)
            self.tally.elements[source.dataset, name] = whole
        for found in self.walker.unclaimed.values():
            self.tally.add_unclaimed(source.dataset, found)
        self.walker.unclaimed.clear()

    def flush(self) -> None:
        """Hands the rows gathered so far to the writer."""
        for repeat in self.walker.repeated:
            self.tally.findings.append(_repeated(repeat, self.records))
        self.walker.repeated.clear()
        self.writer.write(self.walker.take(), self.records)
        self.records.clear()

    def _strays(self, source: Source, document: Document, root: dict[str, str]) -> None:
        known = {*_ROOT_ATTRIBUTES, *self.plan.ignored}
        if document.first_index == 1:
            for name in root:
                if name not in known:
                    path = f"{self.plan.root_tag}/@{name}"
                    self.tally.add_unclaimed(source.dataset, Unclaimed(path, 1, document.line_base + 1, root[name]))
        for text in (document.root.text, *(child.tail for child in document.root)):
            if text and not text.isspace():
                found = Unclaimed(f"{self.plan.root_tag}/text()", 1, document.line(document.root), text.strip()[:500])
                self.tally.add_unclaimed(source.dataset, found)
        for stray in document.strays:
            text = str(etree.tostring(stray, encoding="unicode", with_tail=False))
            kept = [(document.line(stray), text)] if "{" in stray.tag else []
            path = f"{self.plan.root_tag}/{stray.tag}"
            found = Unclaimed(path, 1, document.line(stray), text[:SAMPLE_LENGTH], kept)
            self.tally.add_unclaimed(source.dataset, found)


_ROOT_ATTRIBUTES = ("version", "generated-datetime", "linked-data-default")


def _identifier_of(plan: Plan) -> Callable[[Any], str | None]:
    tags = (
        ("iati-identifier",) if plan.root_tag == "iati-activities" else ("organisation-identifier", "iati-identifier")
    )

    def identifier(element: Any) -> str | None:
        for tag in tags:
            for found in element.iterchildren(tag):  # quicker than findtext, and once an activity
                if found.text and not found.text.isspace():
                    return str(found.text).strip()
        return None

    return identifier


def _unread(source: Source, fault: Fault) -> Finding:
    identifier = fault.identifier or (NO_IDENTIFIER if fault.first_index else FILE_LEVEL)
    return Finding(
        f"read.{fault.kind}",
        Severity.CRITICAL,
        fault.message,
        fault.fix,
        "iati",
        source.dataset,
        identifier,
        fault.first_index,
        fault.line,
    )


def _repeated(repeat: Repeated, records: Records) -> Finding:
    return records.finding(
        repeat.record,
        repeat.line,
        "extract.repeated",
        Severity.ERROR,
        f"{repeat.path} stands more than once where the standard allows one; the first is used, this one is kept here.",
        "Remove the surplus element.",
        f"//{repeat.path}",
        repeat.value,
    )


def run_job(sources: Sequence[Source], parts_dir: Path) -> Part:
    """Extracts all sources into one part below `parts_dir`, or finds the part that an earlier run left."""
    folder = parts_dir / job_key(sources)
    if (folder / MANIFEST).exists():
        return read_part(folder)
    with building(folder) as temporary:
        tally, rows = extract_into(temporary, sources)
        part = assemble(folder, sources, [tally], [rows])
        part.write(temporary)
    return part


def extract_into(
    folder: Path, sources: Sequence[Source], suffix: str = "0", byte_range: ByteRange | None = None
) -> tuple[Tally, dict[tuple[str, str], int]]:
    """Reads the sources (or a range of the only one) into Parquet files of `folder`."""
    extraction = Extraction(folder, suffix)
    # Nothing here makes reference cycles; the collector would only walk over the growing rows, a tenth of the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        for source in sources:
            extraction.read(source, byte_range)
        return extraction.finish()
    finally:
        if enabled:
            gc.enable()


def assemble(
    folder: Path, sources: Sequence[Source], tallies: Sequence[Tally], rows: Sequence[dict[tuple[str, str], int]]
) -> Part:
    """One part from the outcome of one or more ranges."""
    whole, written = Tally(), dict[tuple[str, str], int]()
    for tally, counted in zip(tallies, rows, strict=True):
        for totals, more in ((whole.elements, tally.elements), (written, counted)):
            for key, number in more.items():
                totals[key] = totals.get(key, 0) + number
        whole.findings += tally.findings
        for dataset, lost in tally.lost_bytes.items():
            whole.lost_bytes[dataset] = whole.lost_bytes.get(dataset, 0) + lost
        for (dataset, _), found in tally.unclaimed.items():
            again = Unclaimed(found.path, found.occurrences, found.first_line, found.sample, list(found.kept))
            whole.add_unclaimed(dataset, again)
    counts = []
    for dataset, table in sorted({*whole.elements, *written}):
        rows_made = written.get((dataset, table), 0)
        # Mapped 1.0x values are rows of no element of their own: what was written is what there is.
        elements = rows_made if table == VERSION1 else whole.elements.get((dataset, table), 0)
        if rows_made or elements:
            counts.append(ElementCount(dataset, table, elements, rows_made))
    names = tuple(source.dataset for source in sources)
    return Part(folder, names, tuple(counts), tuple(whole.findings), tuple(whole.unclaimed.values()), whole.lost_bytes)


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """A temporary folder that takes the name `folder` when all is well and vanishes when not."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
