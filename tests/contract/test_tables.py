"""Every table says what it is; the specs claim all of the IATI standard; marts bind on the empty warehouse."""

from __future__ import annotations

import duckdb
import pytest
from lxml import etree

from ilo_iati import load, publish
from ilo_iati.errors import StandardError
from ilo_iati.extract.plan import XML_LANG, describe, plan_for
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.table import load_tables
from ilo_iati.standard import open_standard
from ilo_iati.standard.pins import read_pins

TABLES = load_tables()
XSD = "{http://www.w3.org/2001/XMLSchema}"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_and_column_says_what_it_is(name):
    table = TABLES[name]
    assert table.grain.strip()
    assert table.columns
    echoes = [
        c.name
        for c in table.columns
        if table.schema == "core" and c.about.strip(". ").lower().replace(" ", "_") == c.name
    ]
    assert not echoes, "an about that repeats the name explains nothing"


@pytest.mark.parametrize("name", [n for n, t in TABLES.items() if t.rows_from.startswith("iati-")])
def test_rows_of_the_standard_carry_their_origin_and_a_key(name):
    table = TABLES[name]
    key = "organisation_key" if table.rows_from == "iati-organisation" else "activity_key"
    assert [column.name for column in table.columns][:4] == ["dataset", "snapshot_sha256", key, "source_line"]
    assert table.primary_key
    assert all(table.column(part).required or part.endswith("_number") for part in table.primary_key)


def _standard_paths(version: str, kind: str) -> set[str]:
    """Every element, attribute and text the XSD allows below the record, read from the schema files themselves."""
    try:
        store = open_standard().store
    except StandardError as error:
        pytest.skip(f"the official XSDs are not installed: {error}")
    return SchemaReader(store.verified(read_pins(SCHEMAS).of("schema", version)), kind).paths()


class SchemaReader:
    """Walks the XSD of one version; knows the constructs the IATI schemas use, refs and extensions among them."""

    def __init__(self, folder, kind):
        roots = [etree.parse(str(folder / name)).getroot() for name in (f"{kind}-schema.xsd", "iati-common.xsd")]
        self.kind = kind
        self.elements = {e.get("name"): e for root in roots for e in root.findall(f"{XSD}element")}
        self.types = {e.get("name"): e for root in roots for e in root.findall(f"{XSD}complexType[@name]")}

    def paths(self) -> set[str]:
        found: set[str] = set()
        record = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}[self.kind]
        self._visit(self.elements[record], record, found)
        for name, _ in self._attributes(self._type(self.elements[self.kind])):
            found.add(f"/@{name}")
        return found

    def _visit(self, element, path, found):
        found.add(path)
        kind = self._type(element)
        text = kind is None or kind.tag == f"{XSD}simpleType" or kind.find(f"{XSD}simpleContent") is not None
        if text:
            found.add(f"{path}/text()")
        for name, _ in self._attributes(kind):
            found.add(f"{path}/@{name}")
        for child in self._children(kind):
            target = self.elements[child.get("ref")] if child.get("ref") else child
            self._visit(target, f"{path}/{target.get('name')}", found)

    def _type(self, element):
        inner = element.find(f"{XSD}complexType")
        return inner if inner is not None else self.types.get(element.get("type"))

    def _own(self, kind, tag):
        """Descendants of this type that are not inside a nested element declaration, those of its base included."""
        if kind is None:
            return []
        extension = kind.find(f".//{XSD}complexContent/{XSD}extension")
        base = self._own(self.types.get(extension.get("base")), tag) if extension is not None else []

        def nested(node):
            return any(up.tag == f"{XSD}element" for up in _between(node, kind))

        return base + [node for node in kind.iter(f"{XSD}{tag}") if not nested(node)]

    def _children(self, kind):
        return self._own(kind, "element")

    def _attributes(self, kind):
        return [
            ((a.get("name") or a.get("ref")).replace("xml:lang", XML_LANG), a) for a in self._own(kind, "attribute")
        ]


def _between(node, top):
    for ancestor in node.iterancestors():
        if ancestor is top:
            return
        yield ancestor


@pytest.mark.parametrize("version", ["2.01", "2.02", "2.03"])
@pytest.mark.parametrize("kind", ["iati-activities", "iati-organisations"])
def test_every_element_and_attribute_of_the_standard_is_claimed(version, kind):
    claimed = {path for path, _ in describe(plan_for(kind).record)}
    claimed |= {f"{path}/text()" for path in claimed if path.endswith("/narrative")}
    claimed |= {f"{path}/@{XML_LANG}" for path in claimed if path.endswith("/narrative")}
    claimed |= {"/@version", "/@generated-datetime", "/@linked-data-default"}
    wanted = _standard_paths(version, kind)
    assert len(wanted) > 90
    assert sorted(wanted - claimed) == []


def test_marts_bind_on_the_empty_warehouse_with_exactly_the_declared_columns():
    with duckdb.connect() as connection:
        load.create_tables(connection, {n: t for n, t in TABLES.items() if t.rows_from != "sql"})
        queries = load.mart_queries(TABLES)
        for name in load.mart_order(connection, queries):
            described = connection.execute(f"DESCRIBE {queries[name]}").fetchall()
            assert sorted(row[0] for row in described) == sorted(c.name for c in TABLES[name].columns), name
            load.build_marts(connection, [name])
            types = connection.execute(f"DESCRIBE {name}").fetchall()
            assert [(row[0], row[1]) for row in types] == [(c.name, _spelled(c.type)) for c in TABLES[name].columns]


def _spelled(kind: str) -> str:
    """DuckDB's spelling of a type."""
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT typeof(NULL::{kind})").fetchall()[0][0] if kind else ""


def test_everything_in_the_warehouse_has_a_comment():
    with duckdb.connect() as connection:
        load.create_tables(connection, TABLES)
        silent = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = '' UNION ALL"
            " SELECT table_name || '.' || column_name FROM duckdb_columns()"
            " WHERE NOT internal AND coalesce(comment, '') = ''"
        ).fetchall()
    assert silent == []


def test_the_dictionary_names_every_table_and_column():
    text = publish.dictionary(TABLES)
    for table in TABLES.values():
        assert f"### {table.name}\n" in text
        section = text.split(f"### {table.name}\n", 1)[1].split("\n### ", 1)[0]
        assert all(f"| `{column.name}` |" in section for column in table.columns)
