"""Two processes give what one gives, over many files and within one large file, in flat memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from ilo_iati.errors import InputError
from ilo_iati.reader import Document, open_dataset, plan_ranges
from ilo_iati.standard import Standard
from ilo_iati.validate import many
from ilo_iati.validate.many import Task, check_files
from ilo_iati.validate.settings import settings
from tests.bench.generate import write_file
from tests.unit.validate.conftest import NOW
from tests.unit.validate.documents import activity, wrap


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.xml"
    write_file(path, 3_000_000, seed=1)
    data = path.read_bytes()
    # A commented-out activity and an element astray near the middle, where a range may begin.
    at = data.index(b"<iati-activity", len(data) // 2)
    cut = data.index(b"<iati-activity", at + 10)
    path.write_bytes(data[:at] + b"<!-- " + data[at:cut] + b"-->\n<note/>\n" + data[at:cut] + data[at:])
    return path


def seen(path: Path, **options: object) -> list[tuple[int, int, str]]:
    return [
        (index, item.line(element), element.findtext("iati-identifier") or "")
        for item in open_dataset(path, **options)  # type: ignore[arg-type]
        if isinstance(item, Document)
        for index, element in enumerate(item.activities, item.first_index)
    ]


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_ranges_give_the_same_documents_as_the_whole(large: Path, parts: int) -> None:
    ranges = plan_ranges(large, parts, min_bytes=1000)
    assert len(ranges) == parts
    assert [entry for part in ranges for entry in seen(large, range=part)] == seen(large)


def test_files_that_cannot_be_divided_give_one_range(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    for data in (b"", b"<rss/>", wrap(activity(1)).decode().replace("UTF-8", "UTF-16").encode("utf-16")):
        path.write_bytes(data)
        assert len(plan_ranges(path, 4, min_bytes=1)) == 1


@pytest.mark.slow
def test_two_processes_find_what_one_finds(
    large: Path, tmp_path: Path, standard: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "DIVIDE_ABOVE", 1_000_000)
    monkeypatch.setattr(many, "WORTH_A_POOL", 0)
    small = tmp_path / "small.xml"
    small.write_bytes(wrap(activity(1), activity(1)))
    monkeypatch.setattr(
        "ilo_iati.validate.many.plan_ranges", lambda path, parts: plan_ranges(path, parts, min_bytes=1000)
    )
    tasks = [Task(small, "first"), Task(large, "large"), Task(small, "last")]
    chosen = settings(standard, "strict", NOW, known_identifiers=["XX"])
    told: list[int] = []
    one = list(check_files(tasks, chosen, 1))
    two = list(check_files(tasks, chosen, 2, told.append))
    assert [report.as_dict() for report in two] == [report.as_dict() for report in one]
    assert [report.path for report in two] == ["first", "large", "last"]
    assert abs(sum(told) - sum(report.bytes for report in one)) < 1000
    assert one[1].summary["critical"] > 0


def test_a_missing_file_is_named(standard: Standard, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.xml"):
        list(check_files([Task(tmp_path / "none.xml", "x")], settings(standard, "official", NOW), 1))


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path, standard: Standard) -> None:
    """Peak memory of checking 40 MB is hardly more than of checking 4 MB, findings included."""
    script = (
        "import resource, sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from ilo_iati.standard import open_standard; from ilo_iati.validate import check_dataset\n"
        "r = check_dataset(Path(sys.argv[1]), standard=open_standard(), now=datetime(2026, 6, 1, tzinfo=UTC))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, len(r.findings))"
    )
    assert resource.RUSAGE_SELF is not None
    peaks = []
    for size in (4_000_000, 40_000_000):
        path = tmp_path / f"{size}.xml"
        write_file(path, size, seed=2)
        answer = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
        peaks.append(int(answer.stdout.split()[0]))
    assert peaks[1] < peaks[0] + 60
