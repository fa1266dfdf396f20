"""Jobs: what is reused, how files are shared out, and that ranges and processes change nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ilo_iati.errors import InputError, WarehouseError
from ilo_iati.extract import Source, extract_dataset, extract_many, file_sha256, jobs, plan_jobs, prune_parts, read_part

DOCUMENTS = Path(__file__).parents[2] / "golden" / "tables"


def _source(path, dataset=None):
    return Source(dataset or path.stem, path, file_sha256(path))


def _many(path, activities=400):
    """A file of many activities with lines that differ."""
    body = "".join(_activity(number) for number in range(activities))
    path.write_text(f'<?xml version="1.0"?>\n<iati-activities version="2.03">\n{body}</iati-activities>\n')
    return path


def _activity(number):
    comment = "<!-- <iati-activity> -->" if number % 3 == 0 else ""
    title = f"<title><narrative>{'word ' * (number % 40)}</narrative></title>"
    transaction = f'<transaction ref="{number}"><value>{number}</value></transaction>'
    identifier = f"<iati-identifier>X-{number}</iati-identifier>"
    return f"<iati-activity>\n{identifier}{comment}\n{title}\n{transaction}\n</iati-activity>\n"


def _rows(parts, table):
    files = [str(file) for part in parts for file in part.files(table)]
    return sorted(duckdb.read_parquet(files).fetchall(), key=str)


def test_an_unchanged_dataset_is_not_parsed_again(tmp_path):
    path = DOCUMENTS / "full_203.xml"
    first = extract_dataset(path, "d", file_sha256(path), tmp_path)
    again = extract_dataset(path, "d", file_sha256(path), tmp_path)
    assert (first.reused, again.reused) == (False, True)
    assert (again.counts, again.findings, again.unclaimed) == (first.counts, first.findings, first.unclaimed)


def test_another_name_or_mark_is_another_part(tmp_path):
    path = DOCUMENTS / "full_203.xml"
    sha256 = file_sha256(path)
    folders = {
        extract_dataset(path, name, sha256, tmp_path, illustrative).folder
        for name, illustrative in (("a", False), ("b", False), ("a", True))
    }
    assert len(folders) == 3
    assert [f.name for f in tmp_path.iterdir() if f.name.startswith(".")] == []


@pytest.mark.slow
def test_ranges_on_two_processes_give_the_rows_of_one(tmp_path, monkeypatch):
    path = _many(tmp_path / "many.xml", 4000)
    monkeypatch.setattr(jobs, "JOB_BYTES", 100_000)
    monkeypatch.setattr(jobs, "RANGE_BYTES", 100_000)
    monkeypatch.setattr(jobs, "plan_ranges", lambda p, n: ORIGINAL(p, n, min_bytes=50_000))
    whole = extract_dataset(path, "m", file_sha256(path), tmp_path / "one")
    split = extract_dataset(path, "m", file_sha256(path), tmp_path / "two", workers=2)
    assert len(split.files("core.iati_activity")) > 1
    assert split.counts == whole.counts
    assert split.unreconciled == ()
    for table in whole.counts:
        assert _rows([split], table) == _rows([whole], table)


ORIGINAL = jobs.plan_ranges


def test_many_files_share_jobs_and_keep_their_company(tmp_path):
    sources = [_source(_many(tmp_path / f"f{i}.xml", 3)) for i in range(20)]
    planned = plan_jobs(sources)
    assert sorted(s.dataset for job in planned for s in job) == sorted(s.dataset for s in sources)
    assert len(planned) == 1


@pytest.mark.slow
def test_two_processes_give_the_rows_of_one(tmp_path, monkeypatch):
    sources = [_source(path) for path in sorted(DOCUMENTS.glob("*.xml"))]
    told = []
    one = extract_many(sources, tmp_path / "one")
    two = extract_many(sources, tmp_path / "two", 2, told.append)
    assert sorted(name for part in told for name in part.datasets) == sorted(s.dataset for s in sources)
    for table in one[0].counts:
        assert _rows(one, table) == _rows(two, table)


def test_parts_no_longer_needed_are_removed(tmp_path):
    keep = extract_dataset(DOCUMENTS / "full_203.xml", "k", "0" * 64, tmp_path)
    drop = extract_dataset(DOCUMENTS / "full_203.xml", "d", "1" * 64, tmp_path)
    prune_parts(tmp_path, [keep])
    assert keep.folder.exists()
    assert not drop.folder.exists()


def test_a_missing_file_is_said_and_leaves_nothing_behind(tmp_path):
    with pytest.raises((InputError, OSError)):
        extract_dataset(tmp_path / "no.xml", "n", "0" * 64, tmp_path / "parts")
    assert list((tmp_path / "parts").glob("*")) == []


def test_a_damaged_part_says_what_to_delete(tmp_path):
    (tmp_path / "part.json").write_text("{")
    with pytest.raises(WarehouseError, match="delete that folder"):
        read_part(tmp_path)


@pytest.mark.parametrize("content", [b"", b"<html><body>404</body></html>", b"\xff\xfe", b"<iati-activities/>"])
def test_input_that_holds_nothing_gives_an_empty_part(tmp_path, content):
    path = tmp_path / "bad.xml"
    path.write_bytes(content)
    part = extract_dataset(path, "bad", file_sha256(path), tmp_path / "parts")
    assert part.counts == {}
    assert part.unreconciled == ()
    if content != b"<iati-activities/>":
        assert part.findings[0].rule_id.startswith("read.")
