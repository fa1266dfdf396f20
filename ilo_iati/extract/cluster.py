"""The same jobs on the workers of an existing Dask cluster, which must see the same files under the same paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ilo_iati.errors import UsageError
from ilo_iati.extract.part import Part, Source
from ilo_iati.extract.reading import run_job


def run_on_cluster(
    address: str, jobs: Sequence[Sequence[Source]], parts_dir: Path, done: Callable[[Part], None]
) -> list[Part]:
    """Runs every job on the scheduler at `address` (`tcp://host:8786`); parts come in the order of the jobs.

    A job whose worker dies runs again elsewhere: it writes under a temporary name and renames, so nothing is half done.
    Raises UsageError when the extra [cluster] is not installed or no scheduler answers.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise UsageError("ILO_IATI_DASK is set; install the extra: pip install 'ilo-iati[cluster]'.") from None
    try:
        client = distributed.Client(address, timeout="10s")
    except OSError as error:
        raise UsageError(
            f"No Dask scheduler answers at {address} ({error}); start one or unset ILO_IATI_DASK."
        ) from error
    with client:
        # Not pure: the answer is a folder on disk, which Dask must not take from its memory.
        futures = [client.submit(run_job, list(job), parts_dir, pure=False, retries=2) for job in jobs]
        for future in distributed.as_completed(futures):
            done(future.result())
        return [future.result() for future in futures]
