"""The same rows on a Dask cluster, a worker of which is killed in the middle."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from ilo_iati.errors import UsageError
from ilo_iati.extract import Source, extract_many, file_sha256, jobs

distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
pytestmark = pytest.mark.slow
GOLDEN = Path(__file__).parents[2] / "golden" / "tables"


@pytest.fixture
def sources(tmp_path):
    """Forty datasets, each a job of its own."""
    text = (GOLDEN / "full_203.xml").read_text(encoding="utf-8")
    start, end = text.index("  <iati-activity "), text.index("</iati-activities>")
    made = []
    for number in range(40):
        path = tmp_path / f"d{number}.xml"
        body = text[start:end].replace("XX-TEST-1", f"XX-{number}") * 60
        path.write_text(text[:start] + body + text[end:], encoding="utf-8")
        made.append(Source(path.stem, path, file_sha256(path)))
    return made


def _start(*command):
    return subprocess.Popen([sys.executable, "-m", "distributed.cli." + command[0], *command[1:]])


@pytest.fixture
def cluster(tmp_path):
    address_file = tmp_path / "scheduler.json"
    scheduler = _start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--no-show",
                       "--scheduler-file", str(address_file))  # fmt: skip
    processes = [scheduler]
    deadline = time.monotonic() + 30
    while not address_file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = [
        _start("dask_worker", "--scheduler-file", str(address_file), "--nthreads", "1", "--no-nanny", "--no-dashboard")
        for _ in range(2)
    ]
    processes += workers
    import json

    yield json.loads(address_file.read_text())["address"], workers
    for process in processes:
        process.kill()
        process.wait()


def test_a_killed_worker_changes_nothing(sources, cluster, tmp_path, monkeypatch):
    address, workers = cluster
    monkeypatch.setattr(jobs, "plan_jobs", lambda given: [[source] for source in given])
    alone = extract_many(sources, tmp_path / "alone")
    with distributed.Client(address) as client:
        client.wait_for_workers(2, timeout=30)
    monkeypatch.setenv("ILO_IATI_DASK", address)
    done = []

    def kill_in_the_middle(part):
        done.append(part)
        if len(done) == 10:
            workers[0].kill()

    spread = extract_many(sources, tmp_path / "spread", done=kill_in_the_middle)
    assert len(done) == len(sources)
    for table in alone[0].counts:
        one, two = ([str(f) for part in parts for f in part.files(table)] for parts in (alone, spread))
        for left, right in ((one, two), (two, one)):
            query = f"SELECT count(*) FROM (FROM read_parquet({left}) EXCEPT ALL FROM read_parquet({right}))"
            assert duckdb.sql(query).fetchall() == [(0,)], table


def test_a_scheduler_that_does_not_answer_is_said(sources, tmp_path, monkeypatch):
    monkeypatch.setenv("ILO_IATI_DASK", "tcp://127.0.0.1:9")
    with pytest.raises(UsageError, match="unset ILO_IATI_DASK"):
        extract_many(sources[:1], tmp_path / "parts")
