"""The made-up files of other publishers hold what `expected.json` says, so that readers can be compared with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "publishers"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
TAGS = {"activities": "iati-activity"}


@pytest.mark.parametrize("name", EXPECTED)
def test_counts(name: str) -> None:
    root = etree.parse(str(FOLDER / name)).getroot()
    expected = {key: count for key, count in EXPECTED[name].items() if key not in ("version", "valid")}
    tags = {key: TAGS.get(key, key.removesuffix("s").replace("_", "-")) for key in expected}
    assert root.get("version") == EXPECTED[name]["version"]
    assert {key: len(list(root.iter(tag))) for key, tag in tags.items()} == expected
