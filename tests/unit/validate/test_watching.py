"""The compiled pass finds what the XPaths find: on the golden documents, and on documents mixed from them at random."""

from __future__ import annotations

import random
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from ilo_iati.spec.rule import load_rules
from ilo_iati.standard import Standard
from ilo_iati.validate.rules import RuleSet
from ilo_iati.validate.rules.projection import Projection, Use, projection
from ilo_iati.validate.rules.watching import compiled

GOLDEN = yaml.safe_load((Path(__file__).parents[2] / "golden" / "rules" / "rules.yml").read_text("utf-8"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ODD = ["", " ", "1", "98", "100", "33.3", "1e3", "XM-DAC 1", "a/b", "2019-02-30", "2025-06-01", "2027-01-01", "\u00a0x"]
needs_compiler = pytest.mark.skipif(not compiled(), reason="the compiled pass is not built here")


def _activities() -> list[etree._Element]:
    return [
        etree.fromstring(f"<iati-activity>{entry[kind]}</iati-activity>")
        for entry in GOLDEN
        for kind in ("invalid", "valid")
        if entry.get("in") != "organisation" and entry.get("version", "2.03") == "2.03"
    ]


def _documents() -> list[etree._Element]:
    draw, activities = random.Random(7), _activities()
    documents = []
    for _ in range(60):
        root = etree.Element("iati-activities", version="2.03")
        for _ in range(4):
            root.append(_mixed(deepcopy(draw.choice(activities)), activities, draw))
        documents.append(root)
    return documents


def _mixed(activity: etree._Element, others: list[etree._Element], draw: random.Random) -> etree._Element:
    """Children of other activities added, attributes and texts changed, elements doubled or taken away."""
    for _ in range(6):
        activity.extend(deepcopy(list(draw.choice(others))))
    for element in list(activity.iter(etree.Element)):
        dice = draw.random()
        if dice < 0.1:
            for name in element.attrib:
                element.set(name, draw.choice(ODD))
        elif dice < 0.15 and element is not activity:
            element.addnext(deepcopy(element))
        elif dice < 0.2 and element is not activity:
            element.text = draw.choice(ODD)
        elif dice < 0.23 and element.getparent() is not None and element is not activity:
            element.append(etree.Comment("c"))
        elif dice < 0.26 and element is not activity and element.getparent() is not None:
            element.getparent().remove(element)  # type: ignore[union-attr]
    return activity


@needs_compiler
@pytest.mark.parametrize("profile", ["official", "strict"])
def test_compiled_pass_finds_the_same(standard: Standard, profile: str) -> None:
    rules = RuleSet.for_version(
        "2.03", "iati-activities", profile, standard, NOW, known_publishers=["XM-DAC-1"], org_id_prefixes=["XM-DAC"]
    )
    assert rules.watching is not None
    plain = replace(rules, watching=None)
    number = 0
    for root in _documents():
        quick, slow = (_found(each, root) for each in (rules, plain))
        assert quick == slow
        number += sum(map(sum, (each.values() for each in quick)))
    assert number > 500


def _found(rules: RuleSet, root: etree._Element) -> list[Counter[Any]]:
    path = root.getroottree().getpath
    hits = rules.check_records(root, list(root))
    return [
        Counter((hit.rule_id, hit.value, path(root if hit.element is None else hit.element)) for hit in each)
        for each in hits
    ]


def test_projections_say_what_matters() -> None:
    cases = {case.rule_id: projection(case) for case in load_rules() if "2.03" in case.versions}
    future = cases["11.2.1"]
    assert future == Projection(
        children={"transaction": Projection(children={"transaction-date": Projection({"iso-date": Use.PAST})})}
    )
    assert cases["4.3.1"] == Projection(children={"narrative": Projection(marks=True)})
    assert cases["8.11.1"] is None, "reads the parent"
