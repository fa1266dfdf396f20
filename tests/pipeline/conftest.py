"""One refreshed sample home for all tests of the whole graph: real DuckDB, Dagster, Great Expectations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

AS_OF = "2026-11-23"


def ilo_iati(*words: str, home: Path | None = None, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own, as a user does."""
    place = ["--home", str(home)] if home else []
    command = [sys.executable, "-m", "ilo_iati", *words, *place]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory):
    """A home refreshed from the bundled sample; tests must not write to it."""
    home = tmp_path_factory.mktemp("sample") / "home"
    done = ilo_iati("refresh", "--sample", "--as-of", AS_OF, home=home)
    assert done.returncode == 0, done.stderr + done.stdout
    return home


@pytest.fixture
def warehouse(sample_home):
    """A read-only connection to the published sample warehouse."""
    with duckdb.connect(str(sample_home / "build" / "ilo_iati.duckdb"), read_only=True) as connection:
        yield connection
