"""Many files, and large ones in ranges, over several processes; the answers come in the order of the files."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from ilo_iati.errors import InputError
from ilo_iati.reader import ByteRange, plan_ranges
from ilo_iati.validate.checking import Identity, assemble, examine, identify
from ilo_iati.validate.examine import Part
from ilo_iati.validate.report import DatasetReport
from ilo_iati.validate.settings import Settings

DIVIDE_ABOVE = 16_000_000
"""Bytes from which a file is read in ranges by several processes."""
RANGE_BYTES = 32_000_000
WORTH_A_POOL = 6_000_000
"""Bytes from which starting processes (about half a second each) pays."""
BATCH_BYTES = 2_000_000
"""Small files that go to a process together."""

Progress = Callable[[int], None]
_Answer = tuple[Identity | None, Part, list[str]]


@dataclass(frozen=True, slots=True)
class Task:
    """One file under its name in the report."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class _Job:
    """What one process does at a time: some whole files, or one range of a file."""

    tasks: tuple[Task, ...]
    part: ByteRange | None = None
    last: bool = True
    size: int = 0


def check_files(tasks: Sequence[Task], chosen: Settings, workers: int | None = None,
                progress: Progress | None = None) -> Iterator[DatasetReport]:  # fmt: skip
    """One report a file, in the order given; `progress` is told the number of bytes done as they are done.

    `workers` defaults to the cores of this machine; small inputs are read in this process. Raises InputError for a file
    that cannot be opened.
    """
    count = (
        workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else workers or os.cpu_count() or 1
    )
    sizes = [_size(task.path) for task in tasks]
    if count < 2 or sum(sizes) < WORTH_A_POOL:
        yield from _here(tasks, sizes, chosen, progress)
        return
    jobs = _jobs(tasks, sizes, count)
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(count, context, initializer=_prepare, initargs=(chosen, list(sys.path))) as pool:
        try:
            yield from _collected(pool, jobs, chosen, progress, ahead=count * 3)
        except BrokenProcessPool as error:
            raise InputError(
                "A worker process ended unexpectedly (out of memory?); try again with --workers 1."
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); name an existing IATI file.") from error


def _here(
    tasks: Sequence[Task], sizes: Sequence[int], chosen: Settings, progress: Progress | None
) -> Iterator[DatasetReport]:
    for task, size in zip(tasks, sizes, strict=True):
        part, skipped = examine(task.path, chosen, name=task.name)
        report = assemble(identify(task.path, task.name), [part], chosen, skipped)
        if progress:
            progress(size)
        yield report


def _jobs(tasks: Sequence[Task], sizes: Sequence[int], workers: int) -> Iterator[_Job]:
    batch: list[Task] = []
    held = 0
    for task, size in zip(tasks, sizes, strict=True):
        if size > DIVIDE_ABOVE:
            if batch:
                yield _Job(tuple(batch), size=held)
                batch, held = [], 0
            yield from _ranges(task, size, workers)
            continue
        batch.append(task)
        held += size
        if held >= BATCH_BYTES:
            yield _Job(tuple(batch), size=held)
            batch, held = [], 0
    if batch:
        yield _Job(tuple(batch), size=held)


def _ranges(task: Task, size: int, workers: int) -> Iterator[_Job]:
    parts = max(workers, -(-size // RANGE_BYTES))
    ranges = plan_ranges(task.path, -(-parts // workers) * workers)
    for number, part in enumerate(ranges, 1):
        end = part.end if part.end is not None else size
        yield _Job((task,), part, number == len(ranges), end - part.start)


_settings: Settings | None = None


def _prepare(chosen: Settings, path: list[str]) -> None:
    """Gives a new process the settings once; lists of identifiers can be large."""
    global _settings
    sys.path[:] = path
    _settings = chosen


def _work(job: _Job) -> list[_Answer]:
    assert _settings is not None
    if job.part is not None:
        part, skipped = examine(job.tasks[0].path, _settings, job.part, job.tasks[0].name)
        identity = identify(job.tasks[0].path, job.tasks[0].name) if job.last else None
        return [(identity, part, skipped)]
    answers: list[_Answer] = []
    for task in job.tasks:
        part, skipped = examine(task.path, _settings, name=task.name)
        answers.append((identify(task.path, task.name), part, skipped))
    return answers


def _collected(pool: ProcessPoolExecutor, jobs: Iterator[_Job], chosen: Settings, progress: Progress | None,
               ahead: int) -> Iterator[DatasetReport]:  # fmt: skip
    """Keeps `ahead` jobs under way, so that neither jobs nor answers pile up, and puts ranges together."""
    waiting: deque[tuple[_Job, Future[list[_Answer]]]] = deque()
    parts: list[Part] = []
    more = True
    while more or waiting:
        while more and len(waiting) < ahead:
            job = next(jobs, None)
            if job is None:
                more = False
                break
            waiting.append((job, pool.submit(_work, job)))
        if not waiting:
            return
        job, future = waiting.popleft()
        for identity, part, skipped in future.result():
            parts.append(part)
            if identity is not None:
                yield assemble(identity, parts, chosen, skipped)
                parts = []
        if progress:
            progress(job.size)
