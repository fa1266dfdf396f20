"""The one Definitions object: the graph made from schemas/, the daily schedule, the settings."""

from __future__ import annotations

import dagster as dg

from ilo_iati.spec.source import load_sources
from ilo_iati.spec.table import load_tables
from pipelines.assets import all_assets
from pipelines.resources import RefreshSettings
from pipelines.schedules import daily, refresh_job

defs = dg.Definitions(
    assets=all_assets(load_sources(), load_tables()),
    jobs=[refresh_job],
    schedules=[daily],
    resources={"settings": RefreshSettings(mode=dg.EnvVar("ILO_IATI_MODE").get_value("") or "")},
    # Few coarse steps: in one process they cost milliseconds, in one process each 2.5 s.
    executor=dg.in_process_executor,
)
