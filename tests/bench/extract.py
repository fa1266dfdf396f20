"""Extraction of all tables beside the parse-only limit, one core and two, with the database and the memory it takes."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lxml import etree

from ilo_iati.extract import extract_dataset, extract_many, file_sha256
from ilo_iati.extract.part import Source
from ilo_iati.extract.walker import compiled
from ilo_iati.load import stage
from ilo_iati.spec.table import load_tables

MEGABYTES = 60
ROUNDS = 3
SOURCE = Path(__file__).resolve().parents[1] / "golden" / "tables" / "full_203.xml"


def run() -> list[str]:
    """Lines of the report; ratios are against lxml's iterparse in the same round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = _document(folder / "bench.xml")
        rounds = [
            (_iterparse(document), _extract(document, folder, 1), _extract(document, folder, 2)) for _ in range(ROUNDS)
        ]
        parse, one, two = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
        size = document.stat().st_size / 1e6
        load_seconds, share = _load(document, folder)
        memory = _memory(document, folder)
    kind = "compiled" if compiled() else "plain Python"
    return [
        f"extraction ({kind} walker), {size:.0f} MB, median of {ROUNDS}",
        f"  parse only (iterparse)      {size / parse:6.0f} MB/s",
        f"  all tables to Parquet       {size / one:6.0f} MB/s  {parse / one:.2f} of parse-only (aim 0.50)",
        f"  the same, two processes     {size / two:6.0f} MB/s  {one / two:.2f} times one",
        f"  Parquet to DuckDB           {size / load_seconds:6.0f} MB/s  database {share:.2f} of the XML (aim 0.50)",
        f"  resident memory, with DuckDB {memory:5.0f} MB (aim under 500)",
    ]


def _document(path: Path) -> Path:
    """Many copies of one activity with differing identifiers and amounts."""
    text = SOURCE.read_text(encoding="utf-8")
    start, end = text.index("  <iati-activity "), text.index("</iati-activities>")
    activity = text[start:end]
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text[:start])
        for number in range(MEGABYTES * 1_000_000 // len(activity)):
            stream.write(activity.replace("XX-TEST-1", f"XX-TEST-{number}").replace("-250", f"{number}.25"))
        stream.write(text[end:])
    return path


def _iterparse(path: Path) -> float:
    started = time.perf_counter()
    for _, element in etree.iterparse(str(path), tag="iati-activity"):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return time.perf_counter() - started


def _extract(path: Path, folder: Path, workers: int) -> float:
    shutil.rmtree(folder / "parts", ignore_errors=True)
    started = time.perf_counter()
    extract_dataset(path, "bench", "0" * 64, folder / "parts", workers=workers)
    return time.perf_counter() - started


def _load(path: Path, folder: Path) -> tuple[float, float]:
    parts = extract_many([Source("bench", path, file_sha256(path))], folder / "parts")
    started = time.perf_counter()
    stage(folder / "bench.duckdb", parts, load_tables())
    return time.perf_counter() - started, (folder / "bench.duckdb").stat().st_size / path.stat().st_size


def _memory(path: Path, folder: Path) -> float:
    """Largest resident memory of `ilo-iati load` in a process of its own, in MB."""
    command = [
        sys.executable,
        "-m",
        "ilo_iati",
        "load",
        str(path),
        "--database",
        str(folder / "m.duckdb"),
        "--workers",
        "1",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
