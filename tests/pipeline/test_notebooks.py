"""Every notebook runs from top to bottom on the sample warehouse."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ilo_iati.paths import NOTEBOOKS

BOOKS = sorted(NOTEBOOKS.glob("*.py"))


def test_there_are_the_five_tours():
    assert len(BOOKS) == 5


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_notebook_runs(book, sample_home):
    environment = {**os.environ, "ILO_IATI_HOME": str(sample_home)}
    done = subprocess.run([sys.executable, book], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert book.stem in (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
