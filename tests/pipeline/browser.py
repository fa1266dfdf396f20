"""Pages read as text and shown in one Chromium: what the tests of the readiness page and the indicator page share."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

WIDTHS = {"desktop": 1280, "tablet": 700, "phone": 390}
NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
QUIETLY = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PROBE = """
<script>(function () {
  function list(found) { return Array.prototype.slice.call(found); }
  var out = {name: document.body.dataset.probe};
  function measure() {
    var wide = document.documentElement;
    out.over = wide.scrollWidth - wide.clientWidth;
    out.unreachable = list(document.querySelectorAll('.scroll, pre')).filter(function (box) {
      return box.scrollWidth > box.clientWidth + 1 && box.tabIndex < 0;
    }).map(function (box) { return box.getAttribute('data-name') || box.textContent.trim().slice(0, 40); });
    out.nameless = list(document.querySelectorAll('a, button, select, input, summary')).filter(function (one) {
      var label = one.id && document.querySelector('label[for="' + one.id + '"]');
      return !(one.textContent.trim() || one.getAttribute('aria-label') || label);
    }).length;
    out.dead = list(document.querySelectorAll('a[href^="#"]')).map(function (link) {
      return link.getAttribute('href');
    }).filter(function (href) { return !document.getElementById(href.slice(1)); });
    out.first = document.querySelector('a, button, select, input').textContent;
    out.empty = list(document.querySelectorAll('main section')).filter(function (one) {
      return one.offsetHeight < 20;
    }).map(function (one) { return one.id; });
  }
  OWN
  parent.postMessage(JSON.stringify(out), '*');
}());</script></body>
"""


class Reader(HTMLParser):
    """Tags with their attributes, ids and addresses of a page, in the order of the text."""

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


def assert_well_built(text: str, sections: tuple[str, ...]) -> None:
    """Sections and landmarks stand, links resolve without a network, tables have headers, headings do not jump."""
    found = Reader(text)
    assert [name for name in sections if name not in found.ids] == []
    assert len(found.ids) == len(set(found.ids))
    assert {"header", "main", "nav", "footer"} <= {tag for tag, _ in found.tags}
    assert [link for link in found.links if not link.startswith(("#", "data:,"))] == [], "the page needs no network"
    assert [link for link in found.links if link.startswith("#") and link[1:] not in found.ids] == []
    heads = [attrs.get("scope") for tag, attrs in found.tags if tag == "th"]
    assert heads
    assert set(heads) <= {"col", "row", "rowgroup"}
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def look(views: Mapping[str, tuple[Path, int]], own: str, folder: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """Shows each file at its width; returns by view what the script `own` put into `out`, and what was logged.

    `own` calls measure() where the page is as it shall be measured. Skips the test where no Chromium is installed.
    """
    frames = []
    for name, (file, width) in views.items():
        text = file.read_text(encoding="utf-8").replace("<body>", f'<body data-probe="{name}">')
        (folder / f"{name}.html").write_text(text.replace("</body>", PROBE.replace("OWN", own)), encoding="utf-8")
        frames.append(f'<iframe src="{name}.html" width="{width}" height="800" style="border:0"></iframe>')
    host = folder / "host.html"
    host.write_text(
        "<body><pre id='found'></pre><script>addEventListener('message', function (event) {"
        "document.getElementById('found').textContent += event.data + '\\n'; });</script>" + "".join(frames)
    )
    done = subprocess.run(
        [_browser(), *QUIETLY, "--enable-logging=stderr", "--v=0",
         f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900", "--virtual-time-budget=5000", "--dump-dom",
         host.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    found = [json.loads(unescape(line)) for line in told.group(1).splitlines()] if told else []
    return {one["name"]: one for one in found}, done.stderr


@cache
def _browser() -> str:
    """The installed Chromium; a skip where there is none, or one that cannot even show an empty page here."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("needs Chromium, which is not installed here (Debian: apt-get install chromium)")
    try:
        blank = subprocess.run(
            [found, *QUIETLY, "--dump-dom", "about:blank"], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{found} does not start on this machine: {error}")
    if blank.returncode or "<html>" not in blank.stdout:
        pytest.skip(f"{found} cannot show an empty page on this machine: {blank.stderr[-200:]}")
    return found


def assert_reachable(found: Mapping[str, Any], first: str) -> None:
    """Nothing sticks out, every box that scrolls and every control can be reached and has a name, no link is dead."""
    assert found["over"] <= 0
    assert found["unreachable"] == [], "a box that scrolls must take the focus"
    assert (found["nameless"], found["dead"], found["empty"]) == (0, [], [])
    assert found["first"] == first
