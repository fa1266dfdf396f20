"""A document that states everything the specs know fills every column of every table."""

from __future__ import annotations

import duckdb
import pytest

from ilo_iati.extract import extract_dataset, file_sha256
from ilo_iati.extract.plan import XML_LANG, plan_for

VALUES = {"DATE": "2024-01-31", "TIMESTAMP": "2024-01-31T00:00:00", "BOOLEAN": "true", "VARCHAR": "v"}
LEFT_OUT = {"core.iati_version1_value"}
"""Filled by the mapping of 1.0x files only."""


def _types(plan):
    """The value to write at each path: one that suits every column which reads it."""
    found = {}
    for table in plan.tables:
        for column in sorted(table.table.columns, key=lambda c: c.type == "VARCHAR"):
            for path in column.paths:
                for element in table.table.elements:
                    place = path if element == "." else f"{element}/{path}"
                    found.setdefault(place.replace("/.", ""), VALUES.get(column.type, "7"))
    return found


def _write(node, path, values, lines):
    def value(name):
        return values.get(f"{path}/{name}" if path else name, "7")

    attributes = " ".join(
        f'{"xml:lang" if name == XML_LANG else name}="{value("@" + name)}"' for name in sorted(node.attributes)
    )
    text = values.get(path, "7") if node.text is not None else ""
    narrative = '<narrative xml:lang="en">words</narrative>' if node.narrative is not None else ""
    tag = node.path.rsplit("/", 1)[-1]
    if text and narrative:
        text = ""
    lines.append(f"<{tag} {attributes}>{text}{narrative}")
    for name, child in node.children.items():
        _write(child, f"{path}/{name}" if path else name, values, lines)
    lines.append(f"</{tag}>")


@pytest.mark.parametrize("root", ["iati-activities", "iati-organisations"])
def test_every_column_of_every_table_is_filled(root, tmp_path):
    plan = plan_for(root)
    lines = [f'<{root} version="2.03" generated-datetime="2024-01-31T00:00:00" linked-data-default="v">']
    _write(plan.record, "", _types(plan), lines)
    document = tmp_path / "all.xml"
    document.write_text("\n".join([*lines, f"</{root}>"]))

    part = extract_dataset(document, "all", file_sha256(document), tmp_path / "parts")

    assert part.findings == ()
    assert part.unclaimed == ()
    assert part.unreconciled == ()
    empty = []
    for table in plan.tables:
        name = table.table.name
        if name in LEFT_OUT:
            continue
        rows = duckdb.read_parquet([str(path) for path in part.files(name)]).fetchall()
        for position, column in enumerate(table.table.columns):
            if all(row[position] is None for row in rows):
                empty.append(f"{name}.{column.name}")
    assert empty == []
