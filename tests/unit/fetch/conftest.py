"""A server, a store and a refresh that does not wait, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from ilo_iati.fetch import FetchResult, refresh_source
from ilo_iati.snapshot import Store
from ilo_iati.spec.source import Source
from tests.servers import Loopback

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
Refresh = Callable[..., FetchResult]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "snapshots")


@pytest.fixture
def waits() -> list[float]:
    """Seconds the code wanted to wait; it never really does."""
    return []


@pytest.fixture
def refresh(store: Store, waits: list[float]) -> Refresh:
    def run(source: Source, now: datetime = NOW, **options: Any) -> FetchResult:
        return refresh_source(source, store, requests.Session(), now, sleep=waits.append, **options)

    return run
