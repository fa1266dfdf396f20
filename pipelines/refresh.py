"""`ilo-iati refresh`: the same graph Dagster shows, run in this process without a server, with plain progress lines."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

import dagster as dg
from dagster import DagsterError, DagsterEvent

from ilo_iati import errors
from ilo_iati.errors import IloIatiError
from ilo_iati.paths import Home
from ilo_iati.spec.source import load_sources
from ilo_iati.spec.table import load_tables
from pipelines import run as runs
from pipelines.assets import WAREHOUSE, all_assets
from pipelines.resources import RefreshSettings

Report = Callable[[str], None]

# Where nothing changed the build is skipped, and Dagster warns of each check that then has nothing to gate.
logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refresh came to. `unusable` are sources without any snapshot; `failed` steps with their reason."""

    home: Home
    published: bool
    unchanged: bool
    unusable: tuple[str, ...]
    failed: tuple[str, ...]
    seconds: float


def refresh(settings: RefreshSettings, home: Home, say: Report) -> Outcome:
    """Runs the whole graph once. Raises LockError and UsageError; a failed step is in the outcome."""
    started = time.monotonic()
    runs.plan("", settings.home, settings.mode, settings.as_of)  # a wrong call is told before anything is set up
    assets = all_assets(load_sources(), load_tables())
    try:
        result = dg.materialize(
            assets,
            resources={"settings": settings},
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    except DagsterError as error:
        raise _own(error) from error
    for line in _progress(result.all_events):
        say(line)
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    failed = tuple(_failure(event) for event in result.all_events if event.is_step_failure)
    if not result.success and not failed:
        raise _before_any_step(result.all_events)
    unusable = tuple(
        check.asset_key.path[-1]
        for check in result.get_asset_check_evaluations()
        if check.check_name == "usable_snapshot" and not check.passed
    )
    published = WAREHOUSE in made
    return Outcome(home, published, not published and not failed, unusable, failed, time.monotonic() - started)


def _own(error: BaseException) -> BaseException:
    """Our own error inside Dagster's wrapping (a lock that is held), else Dagster's."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, IloIatiError):
            return inner
        inner = inner.__cause__
    return error


def _before_any_step(events: Sequence[DagsterEvent]) -> BaseException:
    """Why a run ended before its first step (its settings could not be set up: a lock that is held).

    Dagster hands such an error on as text only, `module.Class: message`; ours is made again from it.
    """
    failed = [event.job_failure_data for event in events if event.event_type == dg.DagsterEventType.RUN_FAILURE]
    error = failed[-1].error if failed else None
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return IloIatiError("The refresh ended before its first step without a reason; try it in Dagster (`make ui`).")
    own = getattr(errors, error.cls_name or "", None)
    message = error.message.partition(": ")[2].strip() or error.message
    return own(message) if own else IloIatiError(f"The refresh ended before its first step: {error.message.strip()}")


def _progress(events: Sequence[DagsterEvent]) -> list[str]:
    return [f"{event.step_key}: {event.message}" for event in events if event.is_step_failure]


def _failure(event: DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    said = str(error.message).strip() if error else "no reason given"
    return f"{event.step_key}: {said}"
