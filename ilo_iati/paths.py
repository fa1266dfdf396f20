"""The only module that knows where files lie: the repository's declared files and the folders of a home."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas"
MARTS = ROOT / "warehouse" / "marts"
NOTEBOOKS = ROOT / "notebooks"
SAMPLE = Path(__file__).resolve().parent / "sample"


def standard_dir() -> Path:
    """Where the official IATI artefacts are installed (`ILO_IATI_STANDARD`, default `.standard/` of the checkout)."""
    return Path(os.environ.get("ILO_IATI_STANDARD", ROOT / ".standard"))


@dataclass(frozen=True, slots=True)
class Home:
    """One installation's data: precious snapshots, disposable build. `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, root: str | Path | None = None) -> Home:
        """The home named by `root`, else by `ILO_IATI_HOME`, else `warehouse/` of the checkout."""
        chosen = root or os.environ.get("ILO_IATI_HOME") or ROOT / "warehouse"
        return cls(Path(chosen).resolve())

    @property
    def snapshots(self) -> Path:
        """Raw bytes as received, never rewritten; worth a backup."""
        return self.root / "snapshots"

    @property
    def drop(self) -> Path:
        """Files an officer downloaded by hand: `drop/<source>/`."""
        return self.root / "drop"

    @property
    def build(self) -> Path:
        """Everything that can be made again from the snapshots."""
        return self.root / "build"

    @property
    def database(self) -> Path:
        return self.build / "ilo_iati.duckdb"

    @property
    def parquet(self) -> Path:
        """One folder a published table: `parquet/<schema.table>/*.parquet`."""
        return self.build / "parquet"

    @property
    def parts(self) -> Path:
        """Parsed and checked datasets by sha256, so that an unchanged dataset is not parsed again."""
        return self.build / "parts"

    @property
    def report(self) -> Path:
        return self.build / "readiness.html"

    @property
    def indicator_page(self) -> Path:
        return self.build / "indicators.html"

    @property
    def dictionary(self) -> Path:
        return self.build / "DICTIONARY.md"

    @property
    def dagster_home(self) -> Path:
        return self.build / "dagster"

    @property
    def lock(self) -> Path:
        return self.root / ".refresh.lock"
