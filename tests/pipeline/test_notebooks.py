"""Every notebook runs from top to bottom on the sample warehouse."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ilo_iati.paths import NOTEBOOKS

BOOKS = sorted(NOTEBOOKS.glob("*.py"))


def test_there_are_the_five_tours():
    assert len(BOOKS) == 5


RUN = """
import altair, json, runpy, sys
charts = [one for one in runpy.run_path(sys.argv[1]).values() if isinstance(one, altair.TopLevelMixin)]
print("CHARTS " + json.dumps([one.to_dict() for one in charts]))
"""
"""Altair checks a chart against the grammar of Vega-Lite when it is turned into JSON, not before."""
WITHOUT_CHART = {"tour"}


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_its_charts_are_whole(book, sample_home):
    environment = {**os.environ, "ILO_IATI_HOME": str(sample_home)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, book], capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert book.stem in (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    charts = json.loads(done.stdout.partition("CHARTS ")[2])
    titled = [chart for chart in charts if "title" in chart]
    assert bool(titled) != (book.stem in WITHOUT_CHART)
    for chart in titled:
        assert sum(map(len, chart["datasets"].values())) > 0, "a chart without rows"
        assert "ILLUSTRATIVE SAMPLE" in chart["title"]["subtitle"], "what is illustrative is marked"
