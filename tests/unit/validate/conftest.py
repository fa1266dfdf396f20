"""The installed standard, and a check of bytes made in a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ilo_iati.errors import StandardError
from ilo_iati.standard import Standard, open_standard
from ilo_iati.validate import DatasetReport, check_dataset

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Check = Callable[..., DatasetReport]


@pytest.fixture(scope="session")
def standard() -> Standard:
    try:
        return open_standard()
    except StandardError as error:
        pytest.skip(f"needs the schemas: {error}")


@pytest.fixture(scope="session")
def check(standard: Standard) -> Check:
    def run(data: bytes, **options: Any) -> DatasetReport:
        return check_dataset(data, standard=standard, now=NOW, **options)

    return run
