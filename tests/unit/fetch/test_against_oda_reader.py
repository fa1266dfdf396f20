"""Our requests to the OECD against oda-reader, the specification: addresses, versions, labels, codes, columns.

The package is an optional extra (`pip install -e '.[oda-reader]'`); without it the first tests skip and say so. Its
mappings also lie in ../shared.
"""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from ilo_iati.extract.tabular.dac_layout import SDMX, SDMX_NEEDED
from ilo_iati.fetch.oecd import _url
from ilo_iati.fetch.sdmx import Dataflow
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.source import load_sources
from tests.conftest import shared_dir

CHANNELS = ["41302", "41144", "41701"]
BOTH = {"flow_type": ["C", "D"], "price_base": ["V", "Q"]}
# Source: oda-reader's module, its method that builds the key, and what to ask it for.
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "oecd_multisystem": (
        "multisystem", "build_multisystem_filter",
        {"recipient": "DPGC", "sector": "1000", "measure": ["10", "20"], "channel": CHANNELS, **BOTH}),
    "oecd_crs": ("crs", "build_crs_filter", {"channel": CHANNELS, **BOTH}),
    "oecd_dac1": (
        "dac1", "build_dac1_filter",
        {"measure": ["2101", "2000"], "flow_type": ["1140", "1150"], "unit_measure": "USD", "price_base": ["V", "Q"]}),
    "oecd_dac2a": (
        "dac2a", "build_dac2a_filter",
        {"donor": "1UN006", "measure": "206", "unit_measure": "USD", "price_base": ["V", "Q"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_the_address_is_the_one_oda_reader_builds(name: str) -> None:
    builders = pytest.importorskip("oda_reader.download.query_builder", reason="needs the extra oda-reader")
    module, method, wanted = ASKED[name]
    flow = pytest.importorskip(f"oda_reader.{module}")
    builder = builders.QueryBuilder(flow.DATAFLOW_ID, flow.DATAFLOW_VERSION)
    theirs = builder.set_time_period(2012, 2016).set_filter(getattr(builder, method)(**wanted)).build_query()
    sdmx = load_sources()[name].sdmx
    assert sdmx is not None
    assert _url(sdmx, Dataflow(sdmx.known_version, "", ()), sdmx.key, 2012, 2016) == theirs
    if sdmx.own_key:
        own = builder.set_filter(getattr(builder, method)(donor="1UN006")).build_query()
        assert _url(sdmx, Dataflow(sdmx.known_version, "", ()), sdmx.own_key, 2012, 2016) == own


@pytest.mark.parametrize("name", sorted(set(ASKED) - {"oecd_crs"}))
def test_the_label_of_the_bulk_file_is_the_one_it_looks_for(name: str) -> None:
    flow = pytest.importorskip(f"oda_reader.{ASKED[name][0]}", reason="needs the extra oda-reader")
    (label,) = [value for key, value in vars(flow).items() if key.endswith("_BULK_LABEL")]
    bulk = load_sources()[name].bulk
    assert bulk is not None
    assert bulk.label == label


@pytest.mark.shared
@pytest.mark.parametrize("list_name", ["dac_donor", "dac_recipient"])
def test_codes_of_providers_and_recipients_are_those_it_maps(list_name: str) -> None:
    maps = [json.loads(shared_dir("data", "dac", "oda_reader", f"dac{n}_codes_area.json").read_text()) for n in (1, 2)]
    code = list_name.removeprefix("dac_") + "_code"
    with (SCHEMAS / "reference" / f"{list_name}.csv").open(encoding="utf-8", newline="") as lines:
        ours = {row[code]: row["sdmx_code"].split() for row in csv.DictReader(lines) if row["sdmx_code"]}
    compared = 0
    for theirs in maps:
        known = set(ours) & set(theirs)
        compared += len(known)
        assert {one: ours[one] for one in known if theirs[one] not in ours[one]} == {}
    assert compared > 100


@pytest.mark.shared
@pytest.mark.parametrize("table", ["multisystem", "crs", "dac1", "dac2a"])
def test_columns_the_reader_asks_for_are_columns_of_the_answer(table: str) -> None:
    theirs = set(json.loads(shared_dir("data", "dac", "oda_reader", f"{table}_dotstat.json").read_text()))
    needed = (*SDMX.needed, *SDMX_NEEDED[table])
    missing = {name for name in needed if not set(SDMX.fields[name]) & theirs}
    assert missing == set()
