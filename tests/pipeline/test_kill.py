"""A refresh killed at any moment leaves a readable warehouse, old or new, and the next refresh works."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time

import duckdb
import pytest

from ilo_iati.paths import Home
from tests.pipeline.conftest import AS_OF, ilo_iati

KILLS = 20
# Most kills fall early, where they cost least time; a fifth on publication, where they could spoil most.
SPANS = ((0, 0.5), (0, 0.5), (0, 0.5), (0.5, 0.85), (0.85, 1.05))
DAYS = ("2026-11-24", "2026-11-25")


def _refresh(home: str, as_of: str) -> None:
    from ilo_iati import expect
    from pipelines.refresh import refresh
    from pipelines.resources import RefreshSettings

    # Judging tables takes half of a refresh and writes only findings: left out, twenty kills fall on what builds.
    expect.table_suite, expect.spanning_suites = lambda *_: None, list
    settings = RefreshSettings(home=home, mode="sample", as_of=as_of, rebuild=True)
    outcome = refresh(settings, Home.at(home), lambda _: None)
    os._exit(0 if outcome.published else 1)


@pytest.fixture(scope="module")
def processes():
    """Children forked from a server that has the slow imports behind it: a refresh then lasts seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.refresh", "great_expectations"])
    return context


def _as_of(home: Home) -> str:
    with duckdb.connect(str(home.database), read_only=True) as connection:
        assert connection.execute("select count(*) from core.iati_transaction").fetchall()[0][0] > 1000
        assert connection.execute("select count(*) from mart.indicator_value").fetchall()[0][0] > 0
        return str(connection.execute("select max(as_of)::varchar from audit.run").fetchall()[0][0])


@pytest.mark.slow
def test_twenty_kills_leave_the_old_or_the_new_warehouse(sample_home, tmp_path, processes):
    home = Home.at(tmp_path / "home")
    shutil.copytree(sample_home, home.root)
    whole = _timed(processes, home, DAYS[0])
    allowed = {AS_OF, *DAYS}
    dice, killed = random.Random(41302), 0
    for number in range(2 * KILLS):
        child = processes.Process(target=_refresh, args=(str(home.root), DAYS[number % 2]))
        started = time.monotonic()
        child.start()
        child.join(whole * dice.uniform(*SPANS[number % len(SPANS)]))
        if child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        else:  # the machine is less busy than it was: what is left of the kills must not fall behind the end
            whole = min(whole, time.monotonic() - started)
        child.join()
        assert _as_of(home) in allowed
        if killed == KILLS:
            break
    assert killed == KILLS
    done = ilo_iati("refresh", "--sample", "--as-of", AS_OF, home=home.root)
    assert done.returncode == 0, done.stderr
    assert _as_of(home) == AS_OF


def _timed(processes, home: Home, as_of: str) -> float:
    started = time.monotonic()
    child = processes.Process(target=_refresh, args=(str(home.root), as_of))
    child.start()
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - started


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path):
    from ilo_iati import load

    home = Home.at(tmp_path)
    with load.writer_lock(home):
        done = ilo_iati("refresh", "--sample", home=home.root)
    assert done.returncode == 2
    assert str(os.getpid()) in done.stderr
    assert "Traceback" not in done.stderr
