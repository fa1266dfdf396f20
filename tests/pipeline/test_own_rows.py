"""The OECD's API asked twice, for donors' rows and for the ILO's own: what answers to both keys is read once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines import datasets, sources
from pipelines import run as runs
from tests.servers import Loopback, plain
from tests.servers.sources import DATAFLOW, dataflow_page, moved, structure_page

FLOW = "DSD_CRS@DF_CRS"
HEADER = (
    "STRUCTURE,STRUCTURE_ID,DONOR,RECIPIENT,CHANNEL,MODALITY,FLOW_TYPE,PRICE_BASE,MD_DIM,UNIT_MEASURE,TIME_PERIOD,"
    "OBS_VALUE,UNIT_MULT,OECD_ID\n"
)


def answer(*rows: tuple[str, str, str, str]) -> bytes:
    line = "DATAFLOW,OECD.DCD.FSD:DSD_CRS@DF_CRS(1.6),{},AFG,{},C01,D,V,DD,USD,2018,{},6,{}\n"
    return (HEADER + "".join(line.format(*row) for row in rows)).encode()


@pytest.fixture
def run(tmp_path):
    return runs.plan("own", str(tmp_path / "home"), "live", "2026-11-23")


@pytest.mark.parametrize("own_is_there", [True, False])
def test_a_row_that_answers_to_both_keys_is_read_once(run, own_is_there, monkeypatch):
    with Loopback() as server:
        source = moved("oecd_crs", server, ways=("api",))
        server.routes[DATAFLOW.format(FLOW)] = plain(dataflow_page(FLOW, {}))
        structure = "/public/rest/datastructure/OECD.DCD.FSD/DSD_CRS/1.6"
        server.routes[structure] = plain(structure_page(source.sdmx.dimensions))
        for key, body in (
            (source.sdmx.key, answer(("DEU", "41302", "5", "A"), ("1UN006", "41302", "2", "B"))),
            (source.sdmx.own_key, answer(("1UN006", "41302", "2", "B"), ("1UN006", "_T", "3", "C"))),
        ):
            path = f"/dcd-public/rest/data/OECD.DCD.FSD,{FLOW},1.6/{key}"
            is_out = key == source.sdmx.own_key and not own_is_there
            server.routes[f"{path}?format=csvfilewithlabels&startPeriod=2017&endPeriod=2021"] = (
                plain(b"NoRecordsFound", 404) if is_out else plain(body)
            )
        sources.fetch_source(run, source)
    monkeypatch.setattr(datasets, "load_sources", lambda: {source.name: source})
    rows = datasets.tabular_tables(run)["core.dac_flow"].to_pylist()
    sums = {donor: sum(r["amount_usd"] for r in rows if r["donor_code"] == donor) for donor in ("5", "940")}
    assert sums == {"5": Decimal(5_000_000), "940": Decimal(5_000_000 if own_is_there else 2_000_000)}
    told = {finding.rule_id for _, finding in runs.kept_findings(run, "extraction")}
    assert told == ({"extract.elsewhere"} if own_is_there else set())
