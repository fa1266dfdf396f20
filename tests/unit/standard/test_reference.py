"""Reference tables: every declared one is readable, typed as declared, and says the figures others rely on."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from ilo_iati.errors import SpecError
from ilo_iati.spec.table import load_tables
from ilo_iati.standard.reference import reference_tables


@pytest.fixture(scope="module")
def tables():
    return reference_tables()


def rows(table, **wanted):
    return [row for row in table.to_pylist() if all(row[key] == value for key, value in wanted.items())]


def test_every_reference_table_from_a_file_is_read(tables):
    declared = {name for name, table in load_tables().items() if table.schema == "ref" and table.rows_from == "file"}
    # Published control totals are hand-kept facts as well, but stand in core, beside what they are held against.
    assert set(tables) == declared | {"core.control_total"}
    assert all(table.num_rows for table in tables.values())


def test_keys_are_unique_and_columns_as_declared(tables):
    for name, table in tables.items():
        spec = load_tables()[name]
        assert table.column_names == [column.name for column in spec.columns]
        keys = [tuple(row[key] for key in spec.primary_key) for row in table.to_pylist()]
        assert len(keys) == len(set(keys)), name


def test_the_ilo_channels_have_their_coefficients(tables):
    channels = tables["ref.dac_channel_coefficient"]
    assessed = {row["first_year"]: float(row["coefficient_pct"]) for row in rows(channels, channel_code="41302")}
    assert assessed == {1998: 15.0, 2009: 60.0, 2010: 60.0, 2020: 60.0}
    assert {float(row["coefficient_pct"]) for row in rows(channels, channel_code="41144")} == {100.0}
    assert rows(channels, channel_code="41302", last_year=None)[0]["parent_channel_code"] == "41300"


def test_periods_of_a_channel_do_not_overlap(tables):
    periods: dict[str, list[tuple[int, int]]] = {}
    for row in tables["ref.dac_channel_coefficient"].to_pylist():
        periods.setdefault(row["channel_code"], []).append((row["first_year"], row["last_year"] or 9999))
    for channel, spans in periods.items():
        spans.sort()
        assert all(end < start for (_, end), (start, _) in pairwise(spans)), channel


def test_donors_and_recipients(tables):
    assert len(rows(tables["ref.dac_donor"], is_dac_member=True)) == 34
    [ilo] = rows(tables["ref.dac_donor"], donor_code="940")
    assert (ilo["donor_type"], ilo["sdmx_code"]) == ("multilateral", "1UN006")
    [germany] = rows(tables["ref.dac_donor"], iso3_code="DEU")
    assert germany["donor_code"] == "5"
    [myanmar] = rows(tables["ref.dac_recipient"], iso2_code="MM")
    assert myanmar["income_group_name"] == "LDCs"


def test_voluntary_revenue_types_are_r02_and_r03_and_former_ones(tables):
    types = tables["ref.ceb_revenue_type"]
    current = {row["revenue_type_code"] for row in rows(types, is_voluntary=True, is_former=False)}
    assert {code[:3] for code in current} == {"R02", "R03"}
    assert {row["revenue_type_code"] for row in rows(types, is_unearmarked=True, is_former=False)} == {
        "R02",
        "R02A",
        "R02B",
    }
    assert [row["revenue_type_code"] for row in rows(types, is_assessed=True)] == ["R01"]


def test_dates_of_codes_are_dates(tables):
    assert tables["ref.codelist"].schema.field("withdrawal_date").type == pa.date32()
    [code] = rows(tables["ref.codelist"], codelist="Currency", code="LTL")
    assert str(code["withdrawal_date"]) == "2018-08-08"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n1\n", "declares a, b"),
        ("a,b\n1\n", "row 2"),
        ("a,b\n1,x\n", "is no INTEGER"),
        ("a,b\n,2\n", "required"),
        ("", "empty"),
    ],
    ids=["column missing", "uneven row", "wrong type", "required", "empty"],
)
def test_a_broken_file_is_named(tmp_path, text, said):
    schemas = tmp_path / "schemas"
    (schemas / "tables").mkdir(parents=True)
    (schemas / "columns.yml").write_text("{}")
    (schemas / "some.csv").write_text(text)
    (schemas / "tables" / "ref.some.yml").write_text(
        "table: ref.some\ngrain: One row.\nrows: {from: file, source: schemas/some.csv}\nprimary_key: [a]\ncolumns:\n"
        "  a: {type: VARCHAR, about: A., required: true}\n  b: {type: INTEGER, about: B.}\n"
    )
    with pytest.raises(SpecError, match=said):
        reference_tables(schemas)
