"""When a refresh runs by itself: once a day, after the Bulk Data Service's night crawl."""

from __future__ import annotations

import dagster as dg

refresh_job = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="The whole graph: fetch, validate, load, marts, indicators, readiness, publish.",
)

daily = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule="30 4 * * *",
    execution_timezone="Europe/Zurich",
    description="Every morning in Geneva, once switched on. Unchanged inputs cost a few conditional requests; what was "
    "parsed is reused, and what depends on the date is built anew.",
)
