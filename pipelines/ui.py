"""`make ui`: Dagster's pages with a history that lasts, under the build folder, and no telemetry."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ilo_iati.paths import Home

CONFIG = """\
# Written by `make ui` on first start; yours to change.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 1}
run_monitoring: {enabled: true}
retention:
  schedule: {purge_after_days: 30}
"""


def prepare(home: Home) -> Path:
    """The DAGSTER_HOME of this home, with its settings file; an existing one is left as it is."""
    folder = home.dagster_home
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(CONFIG, encoding="utf-8")
    return folder


def main() -> None:
    """Replaces this process by `dagster dev`."""
    os.environ["DAGSTER_HOME"] = str(prepare(Home.at()))
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    dagster = str(Path(sys.executable).parent / "dagster")
    os.execv(dagster, [dagster, "dev", "-m", "pipelines.definitions", *sys.argv[1:]])  # noqa: S606 - our own program


if __name__ == "__main__":
    main()
