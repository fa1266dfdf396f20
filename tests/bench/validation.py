"""Throughput and memory of validation, beside the parse-only limit of the same machine in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from ilo_iati.reader import Document, open_dataset
from ilo_iati.standard import Standard, open_standard
from ilo_iati.validate import check_dataset
from ilo_iati.validate.many import Task, check_files
from ilo_iati.validate.rules import RuleSet
from ilo_iati.validate.rules.watching import compiled
from ilo_iati.validate.schema import schema_faults
from ilo_iati.validate.settings import settings
from tests.bench.generate import write_file

ROUNDS = 3
SIZE = 50_000_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)
OFFICIAL = 1.2
"""MB/s of the official validator on real files, as its users measured it."""
BY_THE_CLOCK = ("check, 1 process", "check, 2 processes")
Step = Callable[[list[Path]], object]


def measure(scratch: Path) -> None:
    """Prints a table for a generated file, one for the shared real files where they are, and memory by size."""
    standard = open_standard()
    print("the compiled pass is in use" if compiled() else "plain Python: the compiled pass is not built")
    made = scratch / "validation-50.xml"
    write_file(made, SIZE)
    _table("one generated file, 50 MB", [made], standard)
    _table("many generated files", _many(scratch), standard)
    real = Path(__file__).resolve().parents[3] / "shared" / "data" / "real"
    if real.is_dir():
        _table("shared real files", sorted(real.glob("*.xml")), standard)
    else:
        print("\nshared real files: not here, skipped")
    _memory(scratch)


def _table(title: str, paths: list[Path], standard: Standard) -> None:
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    steps = _steps(standard)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            # Processor time says the same on a busy machine; of two processes only the clock tells.
            clock = time.perf_counter if name in BY_THE_CLOCK else time.process_time
            began = clock()
            step(paths)
            times[name].append(clock() - began)
    limit = megabytes / statistics.median(times["iterparse only"])
    print(f"\n{title}: {megabytes:.1f} MB, {ROUNDS} interleaved rounds, median [range], processor time")
    for name, taken in times.items():
        speed = megabytes / statistics.median(taken)
        spread = f"[{megabytes / max(taken):.1f}-{megabytes / min(taken):.1f}]"
        print(
            f"  {name:32} {speed:7.1f} MB/s {spread:15} {speed / limit:5.2f} x parse-only "
            f"{speed / OFFICIAL:6.0f} x official"
        )
    one, two = (statistics.median(times[f"check, {each}"]) for each in ("1 process", "2 processes"))
    print(f"  two processes against one, by the clock: {one / two:.2f} times")


def _many(scratch: Path) -> list[Path]:
    """Forty files of about a megabyte, no two alike."""
    paths = [scratch / f"validation-{number}.xml" for number in range(40)]
    for seed, path in enumerate(paths):
        write_file(path, 1_000_000, seed=seed)
    return paths


def _steps(standard: Standard) -> dict[str, Step]:
    chosen = settings(standard, "official", NOW, known_publishers=["XM-DAC-41302"])

    def rules(**options: object) -> RuleSet:
        given: dict[str, object] = {"standard": standard, "known_publishers": ["XM-DAC-41302"], **options}
        return RuleSet.for_version("2.03", "iati-activities", "official", now=NOW, **given)  # type: ignore[arg-type]

    codes, cases = rules(cases=[]), rules(standard=None)
    return {
        "iterparse only": _iterparse,
        "documents": lambda paths: _each(paths, lambda document: None),
        "documents, XSD": lambda paths: _each(paths, lambda document: _schema(document, standard)),
        "documents, code lists": lambda paths: _each(paths, lambda document: _judge(document, codes)),
        "documents, rules": lambda paths: _each(paths, lambda document: _judge(document, cases)),
        "all together, official": lambda paths: _check(paths, standard, "official"),
        "all together, strict": lambda paths: _check(paths, standard, "strict"),
        "check, 1 process": lambda paths: list(check_files([Task(p, p.name) for p in paths], chosen, 1)),
        "check, 2 processes": lambda paths: list(check_files([Task(p, p.name) for p in paths], chosen, 2)),
    }


def _check(paths: list[Path], standard: Standard, profile: str) -> None:
    for path in paths:
        check_dataset(path, standard=standard, profile=profile, now=NOW)


def _iterparse(paths: list[Path]) -> None:
    for path in paths:
        try:
            for _, element in etree.iterparse(path, tag=("iati-activity", "iati-organisation")):
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]  # type: ignore[union-attr]
        except etree.XMLSyntaxError:
            continue


def _each(paths: list[Path], judge: Callable[[Document], object]) -> None:
    for path in paths:
        for item in open_dataset(path):
            if isinstance(item, Document):
                judge(item)


def _schema(document: Document, standard: Standard) -> None:
    for _ in schema_faults(document, standard.schema("2.03", document.root.tag), first=False):
        pass


def _judge(document: Document, rules: RuleSet) -> None:
    rules.check_records(document.root, document.activities)


def _memory(scratch: Path) -> None:
    """Peak resident memory of the command itself, for growing files; the aim is under 500 MB and flat."""
    print("\npeak memory of `check --workers 1` (and seconds)")
    for size in (10_000_000, 50_000_000, 500_000_000):
        path = scratch / f"memory-{size}.xml"
        write_file(path, size, seed=3)
        code = (
            "import resource, sys; from ilo_iati.cli import main\n"
            "main(['check', sys.argv[1], '--workers', '1', '--quiet', '--format', 'csv', '--output', sys.argv[2]])\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
        )
        began = time.perf_counter()
        words = [sys.executable, "-c", code, str(path), str(scratch / "out.csv")]
        answer = subprocess.run(words, capture_output=True, text=True, check=True)
        print(
            f"  {size // 10**6:4} MB: {answer.stdout.strip()} MB RSS, {time.perf_counter() - began:.1f} s", flush=True
        )
        path.unlink()
