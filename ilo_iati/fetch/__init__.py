"""Bytes and headers from the sources, nothing else: ask politely, distrust the answer, keep the last good one.

Each failure is a finding that names the dataset; the rest of the run goes on. Meaning starts in `extract`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import requests

from ilo_iati.errors import SourceError
from ilo_iati.fetch.files import Errand, refresh_files
from ilo_iati.fetch.http import Web
from ilo_iati.fetch.iati import refresh_iati
from ilo_iati.fetch.oecd import refresh_oecd
from ilo_iati.fetch.result import FetchResult, Log, StoreLike
from ilo_iati.spec.source import Source

__all__ = ["FetchResult", "new_session", "refresh_source"]


def new_session() -> requests.Session:
    """A session for live use. Retries, throttle and headers are the business of `refresh_source`."""
    return requests.Session()


def refresh_source(
    source: Source,
    store: StoreLike,
    session: requests.Session,
    now: datetime,
    *,
    drop: Path | None = None,
    illustrative: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> FetchResult:
    """Brings the snapshots of one source up to date.

    `now`: stamped on what is received (aware, UTC). `drop`: folder in which an officer leaves files downloaded by hand.
    `illustrative`: marks what is received as sample data. `sleep`: waits between requests and attempts; hand over one
    that does not wait where no server has to be spared (the bundled sample, tests).
    Raises SourceError only when, after all ways were tried, no dataset of the source has a usable snapshot.
    """
    log = Log()
    web = Web(session, source.client, sleep, clock)
    if source.kind == "iati":
        refresh_iati(source, store, web, now, log, illustrative)
    else:
        errand = Errand(source, store, web, now, log, illustrative)
        (refresh_oecd if source.kind == "oecd" else refresh_files)(errand, drop)
    usable = tuple(name for name in store.datasets(source.name) if store.current(name) is not None)
    if not usable:
        reasons = " ".join(finding.message for finding in log.findings[:3]) or "Nothing was found."
        raise SourceError(f"{source.name}: no usable snapshot exists. {reasons} Retry later, or use --sample.")
    return FetchResult(source.name, usable, tuple(log.findings), log.reached, tuple(log.changed))
