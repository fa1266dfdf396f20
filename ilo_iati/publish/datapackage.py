"""datapackage.json beside the Parquet files: what a program needs to read them, in Frictionless Data's terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ilo_iati.spec.table import Column, Table

_TYPES = {"VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}


def datapackage(tables: Mapping[str, Table], counts: Mapping[str, int], folder: Path) -> dict[str, Any]:
    """The descriptor of the Parquet files in `folder`; `counts` are rows by table."""
    resources = [_resource(table, counts, folder) for table in tables.values() if (folder / table.name).exists()]
    return {"name": "ilo-iati", "profile": "data-package", "resources": resources}


def write_datapackage(tables: Mapping[str, Table], counts: Mapping[str, int], folder: Path) -> Path:
    """Writes `<folder>/datapackage.json`; returns its path."""
    path = folder / "datapackage.json"
    path.write_text(
        json.dumps(datapackage(tables, counts, folder), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return path


def _resource(table: Table, counts: Mapping[str, int], folder: Path) -> dict[str, Any]:
    files = sorted((folder / table.name).glob("*.parquet"))
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns]}
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    return {
        "name": table.name.lower().replace(".", "-").replace("_", "-"),
        "title": table.name,
        "description": table.grain,
        "path": [str(file.relative_to(folder)) for file in files],
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": sum(file.stat().st_size for file in files),
        "rows": counts.get(table.name, 0),
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _type(column.type), "description": column.about}
    if column.required:
        field["constraints"] = {"required": True}
    if column.unit:
        field["unit"] = column.unit
    return field


def _type(name: str) -> str:
    if name.startswith("DECIMAL"):
        return "number"
    return {"DATE": "date", "TIMESTAMP": "datetime"}.get(name) or _TYPES.get(name, "any")
