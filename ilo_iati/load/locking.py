"""One writer at a time: a lock on the home that the operating system releases when the process ends, killed or not."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ilo_iati.errors import LockError
from ilo_iati.paths import Home


@contextmanager
def writer_lock(home: Home) -> Iterator[None]:
    """Holds the home's lock. Raises LockError at once, naming the process, when another one holds it."""
    home.root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            message = f"Process {holder} is writing to {home.root}; wait until it ends, or use another --home."
            raise LockError(message) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # The file stays: removing it would let two processes lock two files of the same name.
        os.close(descriptor)
