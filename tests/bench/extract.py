"""Extraction of all tables beside the parse-only limit of the same run, with the database and the memory it takes."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from ilo_iati.extract import Part, Source, extract_many, file_sha256
from ilo_iati.extract.walker import compiled
from ilo_iati.load import stage
from ilo_iati.reader import open_dataset
from ilo_iati.spec.table import load_tables
from tests.bench.generate import write_file

ROUNDS = 5
SIZE = 50_000_000
MEMORY_SIZE = 200_000_000
DENSE = Path(__file__).resolve().parents[1] / "golden" / "tables" / "full_203.xml"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "real"
PEAK = (
    "import resource, sys; from ilo_iati.cli import main; code = main(sys.argv[1:]);"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
)
Step = Callable[[], object]


def measure(scratch: Path) -> None:
    """Prints speeds for generated, dense and real files, two processes against one, and memory by size."""
    print(f"the {'compiled walker' if compiled() else 'plain Python walker'} is in use")
    made = scratch / "extract-50.xml"
    write_file(made, SIZE)
    _table("one generated file (63 bytes an element, as real files have)", [made], scratch)
    _table("one activity with every element, repeated (39 bytes an element)", [_dense(scratch)], scratch)
    if REAL.is_dir():
        _table("shared real files", sorted(REAL.glob("*.xml")), scratch)
    else:
        print("\nshared real files: not here, skipped")
    _two_processes(made, scratch)
    _memory(scratch)


def _table(title: str, paths: list[Path], scratch: Path) -> None:
    size = sum(path.stat().st_size for path in paths) / 1e6
    sources = [Source(path.stem, path, file_sha256(path)) for path in paths]
    steps: dict[str, Step] = {
        "iterparse only": lambda: [_iterparse(path) for path in paths],
        "documents only (reader)": lambda: [_documents(path) for path in paths],
        "all tables to Parquet": lambda: _extract(sources, scratch),
        "Parquet to DuckDB": lambda: stage(scratch / "bench.duckdb", _extract(sources, scratch, keep=True), TABLES),
    }
    _extract(sources, scratch)  # the specs are read once a process; a file of 50 MB should not pay for it
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            began = time.process_time()  # says the same on a busy machine
            step()
            times[name].append(time.process_time() - began)
    print(f"\n{title}: {size:.1f} MB, {ROUNDS} interleaved rounds, median [range], processor time")
    limit = times["iterparse only"]
    for name, taken in times.items():
        ratios = sorted(least / own for least, own in zip(limit, taken, strict=True))
        speed = size / statistics.median(taken)
        print(f"  {name:26}{speed:7.1f} MB/s  {statistics.median(ratios):5.2f} of parse-only "
              f"[{ratios[0]:.2f}-{ratios[-1]:.2f}]")  # fmt: skip
    print(f"  database: {(scratch / 'bench.duckdb').stat().st_size / 1e6 / size:.2f} of the XML")


TABLES = load_tables()


def _dense(scratch: Path) -> Path:
    """Many copies of one activity with differing identifiers and amounts."""
    text = DENSE.read_text(encoding="utf-8").replace("9.12345", "9.12")
    start, end = text.index("  <iati-activity "), text.index("</iati-activities>")
    path = scratch / "extract-dense.xml"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text[:start])
        for number in range(SIZE // (end - start)):
            stream.write(text[start:end].replace("XX-TEST-1", f"XX-TEST-{number}").replace("-250", f"{number}.25"))
        stream.write(text[end:])
    return path


def _iterparse(path: Path) -> None:
    for _, element in etree.iterparse(str(path), tag="iati-activity", recover=True):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _documents(path: Path) -> None:
    for _ in open_dataset(path):
        pass


def _extract(sources: list[Source], scratch: Path, workers: int = 1, keep: bool = False) -> list[Part]:
    if not keep:
        shutil.rmtree(scratch / "parts", ignore_errors=True)
    return extract_many(sources, scratch / "parts", workers)


def _two_processes(path: Path, scratch: Path) -> None:
    """One file in ranges, and eight files, by the clock: the processes share nothing but the disk."""
    many = [scratch / f"extract-{number}.xml" for number in range(8)]
    for seed, each in enumerate(many):
        write_file(each, SIZE // 4, seed)
    print("\ntwo processes against one, by the clock (starting them takes about a second)")
    for title, paths in (("one file of 50 MB", [path]), ("eight files of 12 MB", many)):
        sources = [Source(each.stem, each, file_sha256(each)) for each in paths]
        taken = []
        for workers in (1, 2):
            began = time.perf_counter()
            _extract(sources, scratch, workers)
            taken.append(time.perf_counter() - began)
        print(f"  {title:22} {taken[0]:5.1f} s  {taken[1]:5.1f} s  {taken[0] / taken[1]:.2f} times")


def _memory(scratch: Path) -> None:
    """Largest resident memory of `ilo-iati load`, the DuckDB step included, in a process of its own."""
    path = scratch / "extract-200.xml"
    write_file(path, MEMORY_SIZE)
    database = scratch / "memory.duckdb"
    command = ["load", str(path), "--database", str(database), "--workers", "1", "--quiet"]
    began = time.perf_counter()
    ended = subprocess.run([sys.executable, "-c", PEAK, *command], check=True, capture_output=True, text=True)
    peak = int(ended.stdout.split()[-1]) / 1024
    seconds = time.perf_counter() - began
    print(f"\nload of 200 MB: {peak:.0f} MB of memory at most (aim under 500), {seconds:.1f} s by the clock")
    path.unlink()
