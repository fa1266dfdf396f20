"""The only reader of the environment and the clock for Dagster runs: what a refresh was asked, and its writer lock."""

from __future__ import annotations

import dagster as dg
from pydantic import Field, PrivateAttr

from ilo_iati import load
from pipelines import run as runs


class RefreshSettings(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The settings of a refresh; every field may stay empty and takes its default (see `runs.plan`).

    One writer at a time: the lock of the home is held while a run lives, and the kernel frees it should the run be
    killed (a Dagster pool would keep its slot for ever).
    """

    home: str = ""
    mode: str = ""
    as_of: str = ""
    only_sources: list[str] = Field(default_factory=list)
    rebuild: bool = False

    _lock: object = PrivateAttr(default=None)
    _run: runs.Run | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        run_id = context.run.run_id if context.run else "adhoc"
        self._run = runs.plan(run_id, self.home, self.mode, self.as_of)
        self._lock = load.writer_lock(self._run.home)
        self._lock.__enter__()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        del context
        if self._lock is not None:
            self._lock.__exit__(None, None, None)  # type: ignore[attr-defined]
            self._lock = None

    @property
    def run(self) -> runs.Run:
        """The run these settings describe. Only inside a Dagster run."""
        if self._run is None:
            raise RuntimeError("RefreshSettings.run is read outside a Dagster run; use pipelines.run.plan there.")
        return self._run
