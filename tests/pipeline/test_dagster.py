"""The graph as Dagster sees it: every table an asset, a daily schedule, retries, checks that block, telemetry off."""

from __future__ import annotations

import dagster as dg
import duckdb
import pytest
import yaml

from ilo_iati.paths import Home
from ilo_iati.spec.source import load_sources
from ilo_iati.spec.table import load_tables
from pipelines import warehouse
from pipelines.definitions import defs
from pipelines.resources import RefreshSettings
from pipelines.ui import prepare
from tests.pipeline.conftest import AS_OF


@pytest.fixture(scope="module")
def repository():
    return defs.get_repository_def()


def test_every_source_and_table_is_an_asset(repository):
    keys = {".".join(key.path) for key in repository.asset_graph.get_all_asset_keys()}
    assert set(load_tables()) <= keys
    assert {f"source.{name}" for name in load_sources()} <= keys


def test_marts_depend_on_what_their_sql_reads(repository):
    parents = repository.asset_graph.get(dg.AssetKey(["mart", "activity_history"])).parent_keys
    assert parents == {dg.AssetKey(["audit", "activity_version"]), dg.AssetKey(["audit", "snapshot"])}


def test_fetches_retry_with_backoff(repository):
    for name in load_sources():
        policy = repository.assets_defs_by_key[dg.AssetKey(["source", name])].op.retry_policy
        assert policy.max_retries >= 2
        assert policy.backoff is dg.Backoff.EXPONENTIAL


def test_a_daily_schedule(repository):
    (schedule,) = repository.schedule_defs
    minute, hour, *rest = schedule.cron_schedule.split()
    assert rest == ["*", "*", "*"]
    assert minute.isdigit()
    assert hour.isdigit()


def test_the_ui_home_lasts_and_sends_nothing(tmp_path):
    folder = prepare(Home.at(tmp_path))
    settings = yaml.safe_load((folder / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n# mine\n")
    prepare(Home.at(tmp_path))
    assert "# mine" in (folder / "dagster.yaml").read_text()


def test_a_broken_guarantee_blocks_publication(sample_home, tmp_path, monkeypatch):
    """An element lost between document and table fails the graph; the published file stays byte for byte."""
    import shutil

    from pipelines.refresh import refresh

    home = Home.at(tmp_path / "home")
    shutil.copytree(sample_home, home.root)
    before = home.database.read_bytes()
    whole = warehouse.load_core

    def lossy(run):
        counts = whole(run)
        with duckdb.connect(str(run.database)) as connection:
            connection.execute(
                "update audit.element_count set elements = elements + 1 where table_name = 'core.iati_budget'"
            )
        return counts

    monkeypatch.setattr(warehouse, "load_core", lossy)
    settings = RefreshSettings(home=str(home.root), mode="sample", as_of=AS_OF, rebuild=True)
    outcome = refresh(settings, home, lambda _: None)
    assert not outcome.published
    assert any("spanning_checks" in line for line in outcome.failed)
    assert home.database.read_bytes() == before
