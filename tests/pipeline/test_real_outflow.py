"""The real rows of the ILO as CRS donor, from the files as they are to core.dac_flow, against the published totals."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from ilo_iati import load
from ilo_iati.spec.table import load_tables
from ilo_iati.standard.reference import reference_tables
from pipelines import datasets, sources
from pipelines import run as runs
from tests.conftest import shared_dir
from tests.servers import Loopback, with_validators
from tests.servers.sources import moved

pytestmark = pytest.mark.shared
TOTALS = """
    select t.first_year, sum(f.amount_usd) - t.amount_usd as beyond
    from core.control_total as t join core.dac_flow as f on f.year = t.first_year
    where t.measure = 'crs_reported_disbursement' and f.donor_code = '940' and f.source = 'crs_aggregate'
    and f.flow_type_code = 'D' and f.price_base_code = 'V' group by t.first_year, t.amount_usd order by 1
"""
AMOUNTS = "select year, amount_usd from core.dac_flow where price_base_code = 'V' order by all"


@pytest.fixture
def server():
    with Loopback() as running:
        for year in range(2015, 2020):
            body = shared_dir("data", "dac", "dportal", f"crs_{year}.csv").read_bytes()
            running.routes[f"/IATI/D-Portal/master/dstore/csv/crs_{year}.csv"] = with_validators(body)
        yield running


@pytest.fixture
def loaded(server, tmp_path):
    """A function: what lies in the drop folder and at the addresses, fetched, read and loaded into DuckDB."""
    run = runs.plan("real", str(tmp_path / "home"), "live", "2026-11-23")
    source = moved("crs_outflow", server)

    def load_now():
        assert sources.fetch_source(run, source) == (True, [])
        extra = datasets.tabular_tables(run)
        totals = {"core.control_total": reference_tables()["core.control_total"]}
        load.stage(run.database, [], load_tables(), extra | totals)
        return duckdb.connect(str(run.database), read_only=True)

    load_now.run = run
    load_now.drop = run.home.drop / "crs_outflow"
    return load_now


def test_d_portals_tables_sum_to_the_published_totals(loaded):
    with loaded() as warehouse:
        rows = warehouse.execute(TOTALS).fetchall()
        lines = warehouse.execute("select count(*), count(distinct dataset) from core.dac_flow").fetchall()
    # The totals are published to the thousand dollars.
    assert [year for year, beyond in rows if abs(beyond) <= 1000] == [2015, 2016, 2017, 2018, 2019]
    assert lines == [(739, 5)]


def test_the_dropped_lists_sum_to_the_published_totals_and_are_not_added_to_the_tables(loaded):
    with loaded() as warehouse:
        tables = warehouse.execute(AMOUNTS).fetchall()
    loaded.drop.mkdir(parents=True)
    folder = shared_dir("data", "dac", "crs_ilo_reporter")
    for name, dropped in (
        ("ilo_crs_outflows_by_recipient_dportal_2015_2019.csv", "crs_outflow_list.csv"),
        ("ilo_crs_outflows_2018_2022_constant.csv", "crs_outflow_constant_list.csv"),
    ):
        shutil.copyfile(folder / name, loaded.drop / dropped)
    with loaded() as warehouse:
        rows = warehouse.execute(TOTALS).fetchall()
        listed = warehouse.execute("select dataset, count(*) from core.dac_flow group by 1 order by 1").fetchall()
        same = warehouse.execute(AMOUNTS).fetchall()
        constant = warehouse.execute(
            "select sum(amount_usd) from core.dac_flow where price_base_code = 'Q' and year = 2018"
        ).fetchall()
    assert [year for year, beyond in rows if abs(beyond) <= 1000] == [2015, 2016, 2017, 2018, 2019]
    assert listed == [("crs_outflow_constant_list", 1046), ("crs_outflow_list", 739)]
    assert same == tables
    told = [found for _, found in runs.kept_findings(loaded.run, "extraction") if found.rule_id == "extract.elsewhere"]
    assert [(found.dataset, found.value) for found in told] == [
        ("crs_outflow_2015", "149"), ("crs_outflow_2016", "149"), ("crs_outflow_2017", "147"),
        ("crs_outflow_2018", "148"), ("crs_outflow_2019", "146"),
    ]  # fmt: skip
    # DAC.md 3: 104.9 million of countries and African regions at constant prices.
    assert float(constant[0][0]) / 1e6 == pytest.approx(104.9, abs=0.05)


def test_a_dropped_list_stands_in_for_the_years_it_holds_and_for_no_other(loaded):
    """An officer may bring one later year, or a corrected one: the others must not vanish."""
    loaded.drop.mkdir(parents=True)
    listed = "year,recipient_name,usd_million\n2018,Albania,1.5\n2018,Togo,\n2020,Albania,2\n2021,Togo,\n"
    (loaded.drop / "crs_outflow_list.csv").write_text(listed)
    with loaded() as warehouse:
        rows = warehouse.execute(
            "select year, dataset, count(*) from core.dac_flow group by all order by all"
        ).fetchall()
    assert rows == [
        (2015, "crs_outflow_2015", 149), (2016, "crs_outflow_2016", 149), (2017, "crs_outflow_2017", 147),
        (2018, "crs_outflow_list", 1), (2019, "crs_outflow_2019", 146), (2020, "crs_outflow_list", 1),
    ]  # fmt: skip


def test_constant_and_current_prices_of_a_year_are_one_deflator_apart(loaded):
    """Both files hold the same flows: by recipient the ratio of the two is one number to four decimals."""
    loaded.drop.mkdir(parents=True)
    name = "ilo_crs_outflows_2018_2022_constant.csv"
    shutil.copyfile(shared_dir("data", "dac", "crs_ilo_reporter", name), loaded.drop / "crs_outflow_constant_list.csv")
    query = """
        with by_recipient as (
            select year, recipient_name, sum(amount_usd) filter (price_base_code = 'V') as current,
                sum(amount_usd) filter (price_base_code = 'Q') as constant
            from core.dac_flow group by all)
        select year, count(*), median(constant / current), quantile_cont(constant / current, [0.1, 0.9])
        from by_recipient where current > 100000 and constant is not null group by year order by year
    """
    with loaded() as warehouse:
        found = warehouse.execute(query).fetchall()
    assert [year for year, *_ in found] == [2018, 2019]
    for _, recipients, ratio, (low, high) in found:
        assert recipients > 100
        assert 1.03 < ratio < 1.07
        assert high - low < 0.0001
