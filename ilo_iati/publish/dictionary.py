"""The data dictionary: every table and column as the specs describe them, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ilo_iati.spec.table import Column, Table

LAYERS = {
    "core": "As published, typed. Codes and texts lose white space at both ends; an empty text is NULL.",
    "mart": "For readers: the standard's rules of meaning applied.",
    "ref": "Code lists and reviewed mappings.",
    "audit": "Where everything came from and what is wrong with it.",
}


def dictionary(tables: Mapping[str, Table], counts: Mapping[str, int] | None = None) -> str:
    """DICTIONARY.md: the layers, a list of tables, then each table with its columns."""
    parts = [
        "# Data dictionary",
        "",
        "Made from `schemas/tables` by `ilo-iati dictionary --write`; change it there.",
        "",
    ]
    for layer, words in LAYERS.items():
        names = [table for table in tables.values() if table.schema == layer]
        if names:
            parts += [f"## `{layer}`: {words}", "", "| table | one row | rows |" if counts else "| table | one row |"]
            parts += ["|---|---|---:|" if counts else "|---|---|"]
            parts += [_line(table, counts) for table in names] + [""]
    for table in tables.values():
        parts += [describe(table), ""]
    return "\n".join(parts)


def describe(table: Table) -> str:
    """One table: grain, key, columns, example."""
    lines = [f"### {table.name}", "", table.grain, ""]
    if table.primary_key:
        lines += [f"Key: {', '.join(f'`{name}`' for name in table.primary_key)}.", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{column.name}` | {column.type} | {_meaning(column)} |" for column in table.columns]
    if table.example:
        lines += ["", "```sql", table.example.strip(), "```"]
    return "\n".join(lines)


def _line(table: Table, counts: Mapping[str, int] | None) -> str:
    anchor = table.name.replace(".", "")
    row = f"| [`{table.name}`](#{anchor}) | {_cell(table.grain)} |"
    return f"{row} {counts.get(table.name, 0):,} |" if counts else row


def _meaning(column: Column) -> str:
    extras = [
        f"Code list: {column.codelist}." if column.codelist else "",
        f"Unit: {column.unit}." if column.unit else "",
    ]
    if column.references:
        extras.append(f"Refers to {column.references}.")
    if column.paths and not column.paths[0].endswith(")"):
        extras.append(f"From {_listed(column.paths)}.")
    return _cell(" ".join([column.about, *filter(None, extras)]))


def _listed(paths: Iterable[str]) -> str:
    return ", else ".join(f"`{path}`" for path in paths)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
