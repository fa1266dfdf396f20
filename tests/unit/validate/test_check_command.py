"""`ilo-iati check`: formats, exit statuses, paths, waivers, as a user meets them."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ilo_iati.cli import main
from ilo_iati.standard import Standard
from tests.unit.validate.documents import activity, wrap

GOOD = wrap(activity(1))
BAD = wrap(activity(1), activity(2, "<nonsense/>"))
HOSTILE = wrap(activity(1, '<conditions attached="&lt;script&gt;alert(1)&lt;/script&gt;"/>'))
ONLY_ERROR = wrap(activity(1).replace('role="1"', 'role="9"'))


@pytest.fixture
def files(tmp_path: Path, standard: Standard) -> Path:
    (tmp_path / "sub").mkdir()
    for name, data in {"good.xml": GOOD, "sub/bad.xml": BAD, "sub/other.txt": b"x"}.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main(["check", *map(str, words)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_statuses(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "error.xml").write_bytes(ONLY_ERROR)
    assert check(capsys, files / "good.xml")[0] == 0
    assert check(capsys, files / "sub/bad.xml")[0] == 1
    assert check(capsys, files / "sub/bad.xml", "--fail-on", "never")[0] == 0
    assert check(capsys, files / "error.xml")[0] == 1
    assert check(capsys, files / "error.xml", "--fail-on", "critical")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.xml"], "does not exist"),
        (["empty"], "holds no .xml file"),
        (["good.xml", "--waivers", "none.yml"], "cannot be read"),
        (["good.xml", "--known-publishers", "none.txt"], "cannot be read"),
        (["good.xml", "--output", "no/such/folder.txt"], "cannot be written"),
        (["good.xml", "--workers", "0"], "--workers"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(
    files: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "empty").mkdir()
    monkeypatch.chdir(files)
    status, _, err = check(capsys, *words)
    assert status == 2
    assert said in err
    assert err.count("\n") == 1


def test_text_says_the_verdict_first(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = check(capsys, files)
    blocks = out.split("\n\n")
    assert blocks[0].startswith("VALID")
    assert "NOT VALID" in out
    assert "0.3.1" in out
    assert "Fix: " in out
    assert "line 25  XM-DAC-41302-2" in out
    assert out.rstrip().endswith("2 datasets, 1 valid: 1 critical (profile official)")


def test_json_is_the_contract(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = check(capsys, files, "--format", "json")
    found = json.loads(out)
    assert (found["version"], found["profile"]) == (1, "official")
    assert found["standard"]
    good, bad = found["datasets"]
    assert {"path", "sha256", "bytes", "file_type", "iati_version", "valid", "activities", "summary"} < set(good)
    assert bad["summary"] == {"critical": 1, "error": 0, "warning": 0, "advisory": 0}
    (finding,) = bad["findings"]
    expected = "rule_id severity category identifier activity_index line xpath value message fix"
    assert set(finding) == set(expected.split())


def test_csv_has_one_row_a_finding_and_no_formula(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = wrap(activity(1, "<conditions attached='=1+1'/>"))
    (files / "formula.xml").write_bytes(text)
    _, out, _ = check(capsys, files / "formula.xml", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["value"] for row in rows if row["value"]] == ["'=1+1"]
    assert rows[0]["line"] == "13"


def test_sarif(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = check(capsys, files / "sub/bad.xml", "--format", "sarif")
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 25}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [result["ruleId"]] == ["0.3.1"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")


class Page(HTMLParser):
    """Collects what matters of a page: tags, and addresses it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [
            value or "" for name, value in attrs if name in ("src", "href") and not (value or "").startswith("#")
        ]


def test_html_stands_alone_and_escapes_what_files_say(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "hostile.xml").write_bytes(HOSTILE)
    _, out, _ = check(capsys, files, "--format", "html")
    page = Page()
    page.feed(out)
    assert page.loads == []
    assert "script" not in page.tags
    assert "&lt;script&gt;alert(1)" in out
    assert {"main", "h1", "caption", "th", "details"} <= set(page.tags)
    assert '<html lang="en">' in out


def test_standard_input(files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD)))
    status, out, _ = check(capsys, "-", "--format", "json")
    assert status == 1
    assert json.loads(out)["datasets"][0]["path"] == "-"


def test_output_appears_whole(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = check(capsys, files / "good.xml", "--output", files / "report.txt")
    assert out == ""
    assert (files / "report.txt").read_text().startswith("VALID")
    assert not list(files.glob(".report*"))


def test_known_lists(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "ids.txt").write_text("XM-DAC-41302-9\n\n")
    data = wrap(activity(1, '<related-activity type="1" ref="XM-DAC-41302-8"/>'))
    (files / "a.xml").write_bytes(data)
    _, out, _ = check(capsys, files / "a.xml", "--known-identifiers", files / "ids.txt")
    assert "1000.0.6" in out.split("Not evaluated")[0]


@pytest.mark.parametrize(("until", "status"), [("2999-01-01", 0), ("2020-01-01", 1)])
def test_waived_findings_stay_visible_and_come_back(
    files: Path, capsys: pytest.CaptureFixture[str], until: str, status: int
) -> None:
    (files / "w.yml").write_text(
        f'waivers:\n  - {{rule: "0.3.1", scope: "XM-*-2", reason: agreed, approved_by: A. B., until: {until}}}\n'
    )
    found, out, _ = check(capsys, files / "sub/bad.xml", "--waivers", files / "w.yml")
    assert found == status
    assert "0.3.1" in out
    assert "NOT VALID" in out
    assert ("agreed" in out) == (status == 0)
    assert ("ended on" in out) == (status == 1)
    _, out, _ = check(capsys, files / "sub/bad.xml", "--waivers", files / "w.yml", "--format", "json")
    dataset = json.loads(out)["datasets"][0]
    assert (len(dataset["findings"]), len(dataset["waived"])) == (status, 1 - status)


@pytest.mark.parametrize("form", ["html", "csv", "sarif", "text"])
def test_waived_findings_are_in_every_format(files: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    (files / "w.yml").write_text('waivers:\n  - {rule: "*", reason: agreed, approved_by: A. B., until: 2999-01-01}\n')
    status, out, _ = check(capsys, files / "sub/bad.xml", "--waivers", files / "w.yml", "--format", form)
    assert status == 0
    assert "agreed" in out
