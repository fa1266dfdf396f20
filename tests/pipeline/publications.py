"""Publications whose scores are worked out twice: what the product makes of their files, and the files themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml
from lxml import etree

from ilo_iati import extract, load, readiness
from ilo_iati.spec.table import load_tables

PUBLISHERS = Path(__file__).resolve().parents[1] / "golden" / "publishers"
BRANCHES = PUBLISHERS / "branches"
TODAY = date(2026, 11, 20)
Node = etree._Element
Place = tuple[str, int]
"""Dataset, and number of the activity in it."""


@dataclass(frozen=True)
class Publication:
    """The files of a publisher, as read here, and the product's answers about them.

    `scores`: rows of mart.readiness_score by framework and check. `shares`: what each activity reaches in each test of
    a framework that looks at it; of a stored warehouse only those that do not pass in full.
    """

    today: date
    activities: Mapping[Place, Node]
    organisations: list[Node]
    scores: Mapping[tuple[str, str], Mapping[str, Any]] = field(repr=False)
    shares: Mapping[tuple[str, str, Place], float] = field(repr=False)

    def checks(self, framework: str) -> dict[str, Mapping[str, Any]]:
        return {check: row for (code, check), row in self.scores.items() if code == framework}

    def index_tests(self) -> dict[str, tuple[int, float, float]]:
        """Activities looked at, sum of shares and percentage of each test of the index, told with its indicator."""
        told = [json.loads(row["inputs"]) for check, row in self.checks("transparency_index").items()
                if row["inputs"] and check != "total"]  # fmt: skip
        return {name: (one["applicable"], one["passed"], one["pct"]) for tests in told for name, one in tests.items()}


def read(trees: Mapping[str, Node]) -> tuple[dict[Place, Node], list[Node]]:
    activities = {
        (dataset, number): activity
        for dataset, tree in trees.items()
        for number, activity in enumerate(tree.iter("iati-activity"), 1)
    }
    return activities, [each for tree in trees.values() for each in tree.iter("iati-organisation")]


def assess_files(files: Iterable[Path], folder: Path) -> Publication:
    """Extracts, loads and scores `files` in `folder`, as a refresh does."""
    files = list(files)
    sources = [extract.Source(file.stem, file, extract.file_sha256(file)) for file in files]
    load.stage(folder / "made.duckdb", extract.extract_many(sources, folder / "parts", 1), load_tables())
    with load.open_for_writing(folder / "made.duckdb") as connection:
        rows = readiness.assess(connection, TODAY).tables["mart.readiness_score"].to_pylist()
        shares = _shares(connection, "readiness_result", "test_id")
    trees = {file.stem: etree.parse(file).getroot() for file in files}
    return Publication(TODAY, *read(trees), _by_check(rows), shares)


def stored(connection: duckdb.DuckDBPyConnection, trees: Mapping[str, Node], today: date) -> Publication:
    """The publication of a warehouse that stands, scored when it was refreshed."""
    rows = connection.sql("FROM mart.readiness_score").to_arrow_table().to_pylist()
    shares = _shares(connection, "mart.readiness_score_activity", "test_code")
    return Publication(today, *read(trees), _by_check(rows), shares)


def _by_check(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["framework_code"], row["check_code"]): row for row in rows}


def _shares(connection: duckdb.DuckDBPyConnection, table: str, test: str) -> dict[tuple[str, str, Place], float]:
    found = connection.execute(
        f"SELECT r.framework_code, r.{test}, a.dataset, a.activity_number, r.share "
        f"FROM {table} AS r JOIN core.iati_activity AS a USING (activity_key)"
    ).fetchall()
    return {(framework, name, (dataset, number)): share for framework, name, dataset, number, share in found}


def branch_cases() -> list[dict[str, Any]]:
    """cases.yml, its groups of tests written out."""
    body = yaml.safe_load((BRANCHES / "cases.yml").read_text(encoding="utf-8"))
    return [{key: _written_out(value, body["groups"]) for key, value in case.items()} for case in body["cases"]]


def _written_out(value: Any, groups: Mapping[str, list[str]]) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: one for key, one in value.items() for name in groups.get(key, [key])}


def write_branches(folder: Path, cases: Iterable[Mapping[str, Any]]) -> Iterator[Path]:
    """A file with one activity a case, in their order, and the organisation's own."""
    tree = etree.parse(BRANCHES / "activity.xml")
    root = tree.getroot()
    model = root[0]
    root.remove(model)
    for number, case in enumerate(cases, 1):
        root.append(changed(model, number, case))
    tree.write(folder / "branches.xml", encoding="utf-8", xml_declaration=True)
    yield folder / "branches.xml"
    yield BRANCHES / "organisation.xml"


def changed(model: Node, number: int, case: Mapping[str, Any]) -> Node:
    """A copy of `model` with an identifier of its own, and what the case drops, sets and adds."""
    activity = deepcopy(model)
    activity.find("iati-identifier").text += str(number)
    for path in case.get("drop", ()):
        for node in _found(activity, path):
            if isinstance(node, etree._Element):
                node.getparent().remove(node)
            else:
                del node.getparent().attrib[node.attrname]
    for path, text in case.get("set", {}).items():
        parent, is_attribute, name = path.rpartition("/@")
        for node in _found(activity, parent or path):
            if is_attribute:
                node.set(name, text)
            else:
                node.text = text
    for path, xml in case.get("add", {}).items():
        for node in _found(activity, path):
            node.extend(etree.fromstring(f"<all>{xml}</all>"))
    return activity


def _found(activity: Node, path: str) -> list[Any]:
    found = activity.xpath(path)
    assert found, f"no case without a change: {path} is not there"
    return found
