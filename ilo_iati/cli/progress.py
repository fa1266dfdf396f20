"""Progress of long work, on standard error: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds of work before anything is shown."""
LINE_EVERY = 10.0
"""Seconds between plain lines."""


@contextmanager
def progress_of(what: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Gives a function to tell the amount done (in the unit of `total`), or None when nothing is to be shown."""
    if quiet or total <= 0:
        yield None
    elif sys.stderr.isatty():
        with _bar(what, total) as tell:
            yield tell
    else:
        yield _lines(what, total)


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    # Imported late: a verb that is done at once should not wait for it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total)
    began = time.monotonic()
    shown = False

    def tell(amount: int) -> None:
        nonlocal shown
        bar.update(task, advance=amount)
        if not shown and time.monotonic() - began > PATIENCE:
            bar.start()
            shown = True

    try:
        yield tell
    finally:
        if shown:
            bar.stop()


def _lines(what: str, total: int) -> Callable[[int], None]:
    done, last = 0, time.monotonic() + PATIENCE - LINE_EVERY

    def tell(amount: int) -> None:
        nonlocal done, last
        done += amount
        if time.monotonic() - last > LINE_EVERY:
            last = time.monotonic()
            print(f"{what}: {done * 100 // total} %", file=sys.stderr)

    return tell
