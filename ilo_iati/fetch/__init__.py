"""Bytes and headers from the sources, nothing else: ask politely, distrust the answer, keep the last good one.

Each failure is a finding that names the dataset; the rest of the run goes on. Meaning starts in `extract`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from ilo_iati.errors import SourceError
from ilo_iati.fetch.files import Errand, refresh_files
from ilo_iati.fetch.http import Web
from ilo_iati.fetch.iati import refresh_iati
from ilo_iati.fetch.oecd import refresh_oecd
from ilo_iati.fetch.result import FetchResult, Log, StoreLike
from ilo_iati.spec.source import Source

__all__ = ["FetchResult", "new_session", "refresh_source"]


def new_session(source: Source) -> requests.Session:
    """A session for live use. Retries and throttle are the business of `refresh_source`."""
    session = requests.Session()
    session.headers["User-Agent"] = source.client.user_agent
    return session


def _no_wait(seconds: float) -> None:
    """Spends no time."""


def _spares(session: requests.Session) -> Callable[[float], None]:
    """Real waiting where a server must be spared; none where a transport of its own answers (the bundled sample)."""
    adapter = session.get_adapter("https://example.org")
    return time.sleep if type(adapter).send is HTTPAdapter.send else _no_wait


def refresh_source(
    source: Source,
    store: StoreLike,
    session: requests.Session,
    now: datetime,
    *,
    drop: Path | None = None,
    illustrative: bool = False,
    sleep: Callable[[float], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FetchResult:
    """Brings the snapshots of one source up to date.

    `now`: stamped on what is received (aware, UTC). `drop`: folder in which an officer leaves files downloaded by hand.
    `illustrative`: marks what is received as sample data. `sleep`: waits between requests and attempts;
    by default it really does unless the session's transport opens no sockets, as that of the bundled sample.
    Raises SourceError only when, after all ways were tried, no dataset of the source has a usable snapshot.
    """
    log = Log()
    web = Web(session, source.client, sleep or _spares(session), clock)
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
