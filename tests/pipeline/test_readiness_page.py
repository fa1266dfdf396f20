"""The readiness page in a real browser: no console error, every section, filters that work, links that resolve."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from ilo_iati import readiness
from tests.unit.readiness.made import demo, store

AS_OF = date(2026, 11, 20)
SECTIONS = ("verdict", "contributions", "indicators", "scores", "fixes", "findings", "freshness", "basis", "lineage")


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    connection = demo()
    store(connection, readiness.evaluate(connection, AS_OF))
    return readiness.render(connection, tmp_path_factory.mktemp("page") / "readiness.html", AS_OF)


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag in ("a", "link", "script", "img"):
            self.links += [found[key] for key in ("href", "src") if found.get(key)]


def test_sections_landmarks_and_links(page):
    found = _Reader(page.read_text(encoding="utf-8"))
    assert [name for name in SECTIONS if name not in found.ids] == []
    assert len(found.ids) == len(set(found.ids))
    assert {"header", "main", "nav", "footer"} <= {tag for tag, _ in found.tags}
    assert [link for link in found.links if not link.startswith(("#", "data:,"))] == [], "the page needs no network"
    assert [link for link in found.links if link.startswith("#") and link[1:] not in found.ids] == []


def test_tables_have_headers_with_scope_and_headings_do_not_jump(page):
    found = _Reader(page.read_text(encoding="utf-8"))
    assert [attrs for tag, attrs in found.tags if tag == "th" and attrs.get("scope") not in ("col", "row")] == []
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_sample_and_real_are_told_apart(page):
    text = page.read_text(encoding="utf-8")
    banner = text[text.index('id="illustrative-banner"') : text.index("<header>")]
    assert "IATI activities" in banner.split("Real, as published")[0]
    assert "UN CEB revenue" in banner.split("Real, as published")[1]
    assert "USD 266.8 million a year" in text


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [("ink", "paper"), ("soft", "paper"), ("soft", "wash"), ("blue", "paper"), ("good", "goodwash"),
     ("warn", "warnwash"), ("bad", "badwash"), ("soft", "goodwash"), ("soft", "warnwash"), ("soft", "badwash")],
)  # fmt: skip
def test_contrast(page, text, ground):
    colours = _colours(page.read_text(encoding="utf-8"))
    assert _contrast(colours[text], colours[ground]) >= 4.5


def _browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("needs Chromium, which is not installed here")
    return found


def _in_browser(page: Path, script: str, width: int, folder: Path) -> tuple[str, str]:
    """The document after `script` ran at the end of the page, and what the browser logged."""
    tried = folder / f"tried-{width}.html"
    tried.write_text(page.read_text(encoding="utf-8").replace("</body>", f"<script>{script}</script></body>"))
    done = subprocess.run(
        [_browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
         f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--virtual-time-budget=2000",
         "--dump-dom", tried.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_browser_shows_it_without_an_error_and_filters(page, tmp_path):
    script = """
    var form = document.getElementById('finding-filters');
    form.elements.severity.value = 'error';
    form.dispatchEvent(new Event('input', {bubbles: true}));
    var rows = Array.from(document.querySelectorAll('#finding-rows tr'));
    document.body.dataset.shown = rows.filter(function (row) { return row.offsetParent !== null; })
      .map(function (row) { return row.dataset.severity; }).join(' ');
    document.body.dataset.total = rows.length;
    """
    document, log = _in_browser(page, script, 1280, tmp_path)
    shown = re.search(r'data-shown="([^"]*)"', document).group(1).split()
    assert set(shown) == {"error"}
    assert len(shown) == 4
    assert 'data-total="12"' in document
    assert "4 of 12 rules shown" in document
    assert "CONSOLE" not in log, log


@pytest.mark.parametrize("width", [1280, 500])
def test_nothing_sticks_out_sideways(page, tmp_path, width):
    script = """
    document.querySelectorAll('details').forEach(function (part) { part.open = true; });
    document.body.dataset.over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    """
    document, _ = _in_browser(page, script, width, tmp_path)
    assert int(re.search(r'data-over="(-?\d+)"', document).group(1)) <= 0


def test_nothing_sticks_out_on_a_phone(page, tmp_path):
    # Headless Chromium's window is never narrower than 500; a frame of 390 makes the phone.
    frame = tmp_path / "frame.html"
    inner = page.read_text(encoding="utf-8").replace(
        "</body>",
        "<script>document.querySelectorAll('details').forEach(function (p) { p.open = true; });"
        "parent.postMessage(document.documentElement.scrollWidth, '*');</script></body>",
    )
    (tmp_path / "inner.html").write_text(inner, encoding="utf-8")
    frame.write_text(
        "<body><script>addEventListener('message', function (e) { document.body.dataset.width = e.data; });</script>"
        "<iframe src='inner.html' width='390' height='800' style='border:0'></iframe></body>"
    )
    document, _ = _in_browser(frame, "", 800, tmp_path)
    assert int(re.search(r'data-width="(\d+)"', document).group(1)) <= 390
