"""The store: bytes by checksum, an append-only manifest, and a kill at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ilo_iati.errors import SnapshotError
from ilo_iati.snapshot import Store

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def put(store: Store, body: bytes, days: int = 0, dataset: str = "a", **facts: object) -> list[str]:
    _, findings = store.put("s", dataset, body, {"fetched_at": NOW + timedelta(days=days), **facts}, ".xml")
    return [item.rule_id for item in findings]


def test_bytes_are_named_by_their_checksum_and_never_rewritten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, b"one", url="http://x", headers={"etag": '"e"'}, http_status=200)
    path = store.history("a")[0].path
    before = path.stat().st_mtime_ns
    put(store, b"one", days=1)
    assert path.name == f"{store.history('a')[0].sha256}.xml"
    assert path.stat().st_mtime_ns == before
    assert [row["is_current"] for row in store.rows()] == [False, True]
    assert store.history("a")[0].etag == '"e"'


@pytest.mark.parametrize(
    ("body", "items", "rule"),
    [
        (b"", None, "fetch.empty"),
        (b"x" * 40, None, "fetch.shrunk"),
        (b"x" * 100, 4, "fetch.shrunk"),
        (b"x" * 100, 0, "fetch.empty"),
    ],
)
def test_suspicious_bytes_are_kept_but_do_not_count(tmp_path: Path, body: bytes, items: int | None, rule: str) -> None:
    store = Store(tmp_path)
    put(store, b"y" * 100, items=10)
    assert put(store, body, 1, items=items) == [rule]
    current = store.current("a")
    assert current is not None
    assert current.path.read_bytes() == b"y" * 100
    assert store.history("a")[-1].path.read_bytes() == body
    assert put(store, b"y" * 51, 2, items=5) == [], "exactly half is not less than half"


def test_retired_datasets_come_back_when_received_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, b"one")
    store.retire("a", NOW, "withdrawn")
    assert store.current("a") is None
    assert [(row["is_current"], row["retired_at"]) for row in store.rows()] == [(False, NOW)]
    put(store, b"one", 1)
    assert store.current("a") is not None
    assert {row["retired_at"] for row in store.rows()} == {None}


def test_bytes_that_were_set_aside_are_usable_once_an_officer_accepts_them(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, b"y" * 100)
    put(store, b"", 1)
    assert [row["is_usable"] for row in store.rows()] == [True, False]
    store.accept("a", store.history("a")[-1].sha256, NOW, "really empty")
    assert [row["is_usable"] for row in store.rows()] == [True, True]
    assert [snapshot.bytes for snapshot in store.usable("a")] == [100, 0]


def test_a_torn_line_hides_nothing_but_itself(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, b"one")
    manifest = tmp_path / "s" / "a" / "manifest.jsonl"
    with manifest.open("ab") as stream:
        stream.write(b'{"event": "received", "sha2')
    assert len(store.history("a")) == 1
    put(store, b"two", 1)
    assert [item.bytes for item in store.history("a")] == [3, 3]


def test_damage_is_found_and_a_lost_file_falls_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, b"one")
    put(store, b"two", 1)
    first, second = store.history("a")
    second.path.unlink()
    first.path.write_bytes(b"eno")
    assert [item.rule_id for item in store.verify()] == ["snapshot.damaged"] * 2
    assert store.current("a") == first


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "x" * 200])
def test_names_that_could_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SnapshotError, match="cannot name a snapshot folder"):
        put(Store(tmp_path), b"one", dataset=name)


def test_an_unknown_checksum_cannot_be_accepted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, b"one")
    with pytest.raises(SnapshotError, match="has no snapshot"):
        store.accept("a", "ffff", NOW, "why")
    with pytest.raises(SnapshotError, match="nothing was ever fetched"):
        store.retire("b", NOW, "why")


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ilo_iati.snapshot import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    number += 1
    store.put("s", f"d{number % 3}", bytes([number % 256]) * 200_000, {"fetched_at": datetime.now(UTC)}, ".xml")
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_readable_store(tmp_path: Path) -> None:
    chance = random.Random(41302)
    for _ in range(10):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        store = Store(tmp_path)
        assert store.verify() == []
        assert all(store.current(name) for name in store.datasets())
