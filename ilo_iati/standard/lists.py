"""Code lists refreshed on this machine: kept beside the repository's own, named by checksum, switched by one rename."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from ilo_iati.errors import StandardError
from ilo_iati.spec.codelist import CodeRow, read_rows

_INDEX = "refreshed.json"


@dataclass(frozen=True, slots=True)
class RefreshedList:
    """One list newer than the repository's: the CSV file that holds it, and the official file it was restated from."""

    file: str
    sha256: str
    complete: bool
    url: str
    official_sha256: str
    retrieved: str

    def rows(self, folder: Path) -> tuple[CodeRow, ...]:
        """Its rows. Raises StandardError when the file is gone or no longer has its checksum."""
        path = folder / self.file
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            raise StandardError(f"{path} is missing or altered; run `ilo-iati standard update` again.")
        return read_rows(path)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def list_folder(root: Path) -> Path:
    """Where refreshed lists lie below the standard's folder."""
    return root / "official" / "codelists"


@cache
def refreshed_lists(root: Path) -> Mapping[str, RefreshedList]:
    """Refreshed lists by name; empty when `standard update` never ran. Raises StandardError for an unreadable index."""
    path = list_folder(root) / _INDEX
    try:
        return {name: RefreshedList(**entry) for name, entry in json.loads(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise StandardError(f"{path} is not readable ({error}); delete it, run `ilo-iati standard update`.") from error


def save_refreshed(root: Path, lists: Mapping[str, RefreshedList], texts: Mapping[str, str]) -> None:
    """Writes the CSV `texts` by file name, then the index, which is what makes them count: nothing is half done."""
    folder = list_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _write(folder / name, text)
    _write(folder / _INDEX, json.dumps({name: entry.as_dict() for name, entry in sorted(lists.items())}, indent=1))
    refreshed_lists.cache_clear()
    for path in folder.glob("*.csv"):
        if path.name not in {entry.file for entry in lists.values()}:
            path.unlink()


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
