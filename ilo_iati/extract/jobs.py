"""Many files into parts: small ones together, large ones in ranges, over the processes that may be used."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from ilo_iati.extract.part import MANIFEST, Part, Source, job_key, read_part
from ilo_iati.extract.reading import assemble, building, extract_into, run_job
from ilo_iati.reader import plan_ranges

JOB_BYTES = 32_000_000
"""XML a job: enough that the cost of some fifty Parquet files does not matter, little enough to share out evenly."""
RANGE_BYTES = 16_000_000
"""Smallest file that two processes share: starting them takes about a second."""
Progress = Callable[[Part], None]


def extract_dataset(
    path: Path,
    dataset: str,
    sha256: str,
    parts_dir: Path,
    illustrative: bool = False,
    workers: int = 1,
) -> Part:
    """One dataset into a part below `parts_dir`; with more workers a large file is read in ranges at the same time.

    A part that an earlier run left for the same bytes, specs and code is taken as it is (`reused`).
    Raises InputError when the file cannot be opened; whatever is wrong inside it is among the part's findings.
    """
    source = Source(dataset, path, sha256, illustrative)
    if workers < 2 or path.stat().st_size < RANGE_BYTES:
        return run_job([source], parts_dir)
    return _in_ranges(source, parts_dir, workers)


def extract_many(
    sources: Sequence[Source], parts_dir: Path, workers: int = 1, done: Progress | None = None
) -> list[Part]:
    """All sources into parts, on `workers` processes or, where ILO_IATI_DASK names a scheduler, on its workers.

    `done` is called with each part as it is ready. Parts come in the order of `plan_jobs`.
    """
    done = done or _silent
    jobs = plan_jobs(sources)
    address = os.environ.get("ILO_IATI_DASK")
    if address:
        from ilo_iati.extract.cluster import run_on_cluster

        return run_on_cluster(address, jobs, parts_dir, done)
    if workers < 2 or all((parts_dir / job_key(job) / MANIFEST).exists() for job in jobs):
        # Starting a pool costs seconds; a refresh that changes nothing must not pay them.
        return [_told(run_job(job, parts_dir), done) for job in jobs]
    large = [job for job in jobs if len(job) == 1 and job[0].path.stat().st_size >= RANGE_BYTES]
    if len(jobs) < workers and large:
        return [_told(_alone_or_ranged(job, parts_dir, workers), done) for job in jobs]
    with _pool(workers) as pool:
        futures = {pool.submit(run_job, job, parts_dir): number for number, job in enumerate(jobs)}
        parts = {futures[future]: _told(future.result(), done) for future in as_completed(futures)}
    return [parts[number] for number in range(len(jobs))]


def plan_jobs(sources: Sequence[Source]) -> list[list[Source]]:
    """Sources by job: large files alone, small ones in buckets by their name, so that a job keeps its members.

    A bucket is parsed again only when one of its own members changes.
    """
    sizes = {source.dataset: source.path.stat().st_size for source in sources}
    large = [source for source in sources if sizes[source.dataset] >= JOB_BYTES // 2]
    small = [source for source in sources if sizes[source.dataset] < JOB_BYTES // 2]
    total = sum(sizes[source.dataset] for source in small)
    buckets = 1 << max(0, (total // JOB_BYTES).bit_length())
    shared: dict[int, list[Source]] = {}
    for source in small:
        shared.setdefault(zlib.crc32(source.dataset.encode()) % buckets, []).append(source)
    large.sort(key=lambda source: -sizes[source.dataset])
    return [[source] for source in large] + [shared[number] for number in sorted(shared)]


def file_sha256(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _silent(_: Part) -> None:
    """Nobody wants to know."""


def _told(part: Part, done: Progress) -> Part:
    done(part)
    return part


def _alone_or_ranged(job: Sequence[Source], parts_dir: Path, workers: int) -> Part:
    if len(job) > 1:
        return run_job(job, parts_dir)
    source = job[0]
    return extract_dataset(source.path, source.dataset, source.sha256, parts_dir, source.illustrative, workers)


def _in_ranges(source: Source, parts_dir: Path, workers: int) -> Part:
    folder = parts_dir / job_key([source])
    if (folder / MANIFEST).exists():
        return read_part(folder)
    # More ranges than workers: the last one to finish then waits for little.
    ranges = plan_ranges(source.path, max(workers, source.path.stat().st_size // JOB_BYTES))
    with building(folder) as temporary, _pool(workers) as pool:
        futures = [
            pool.submit(extract_into, temporary, [source], f"{number:03}", part) for number, part in enumerate(ranges)
        ]
        outcomes = [future.result() for future in futures]
        tallies, rows = [tally for tally, _ in outcomes], [counts for _, counts in outcomes]
        part = assemble(folder, [source], tallies, rows)
        part.write(temporary)
    return part


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned, not forked: Arrow and DuckDB run threads, and a fork would copy their locks.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def datasets_of(parts: Sequence[Part]) -> Iterator[str]:
    """Names of all datasets of the parts."""
    for part in parts:
        yield from part.datasets
