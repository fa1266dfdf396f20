"""Where official files are found on this machine: layers searched in order, no file believed without its checksum."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ilo_iati.errors import StandardError
from ilo_iati.standard.pins import FilePin, Pins

LAYERS = ("official", "snapshot", "package")
"""Search order: fetched by `standard update`, a configured copy of official files, installed by `standard install`."""

_FOLDERS = {"schema": "schemas", "mapping": "mappings", "ruleset": "rulesets"}
_SNAPSHOT_FOLDERS = {"schema": "schemas", "mapping": "codelists", "ruleset": "rulesets"}


@dataclass(frozen=True, slots=True)
class Artefact:
    """One pinned file as it lies here. `state` is 'ok', 'missing' or 'altered'; `sha256` is what was measured."""

    pin: FilePin
    layer: str
    path: Path | None
    sha256: str
    state: str


@dataclass(frozen=True, slots=True)
class Store:
    """The layers of one machine: `root` (see paths.standard_dir) and, where configured, a snapshot folder."""

    root: Path
    snapshot: Path | None = None

    def folder(self, layer: str, kind: str, version: str) -> Path | None:
        """Where `layer` keeps files of `kind`; None when the layer is not configured."""
        if layer == "snapshot":
            return self.snapshot / _SNAPSHOT_FOLDERS[kind] / version if self.snapshot else None
        return self.root / layer / _FOLDERS[kind] / version

    def locate(self, pins: Iterable[FilePin]) -> tuple[str, Path] | None:
        """The first layer with all of `pins` (one kind and version: a schema needs its companions beside it)."""
        wanted = list(pins)
        for layer in LAYERS:
            folder = self.folder(layer, wanted[0].kind, wanted[0].version)
            if folder and all((folder / Path(pin.name).name).is_file() for pin in wanted):
                return layer, folder
        return None

    def inspect(self, pins: Iterable[FilePin]) -> list[Artefact]:
        """Each of `pins` (one kind and version) with its layer, checksum and state."""
        wanted = list(pins)
        found = self.locate(wanted)
        if not found:
            return [Artefact(pin, "", None, "", "missing") for pin in wanted]
        layer, folder = found
        return [_measure(pin, layer, folder / Path(pin.name).name) for pin in wanted]

    def verified(self, pins: Iterable[FilePin]) -> Path | None:
        """The folder holding `pins`, each with its checksum; None when missing. Raises StandardError when altered."""
        artefacts = self.inspect(pins)
        for artefact in artefacts:
            if artefact.state == "altered":
                raise StandardError(
                    f"{artefact.path} has sha256 {artefact.sha256[:12]}, not the pinned {artefact.pin.sha256[:12]}; "
                    "delete it and run `ilo-iati standard install`."
                )
        first = artefacts[0].path
        return first.parent if first else None


def _measure(pin: FilePin, layer: str, path: Path) -> Artefact:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Artefact(pin, layer, path, digest, "ok" if digest in pin.accepted else "altered")


def inspect_all(store: Store, pins: Pins) -> list[Artefact]:
    """Every pinned file, version by version; what `ilo-iati standard status` prints."""
    groups: dict[tuple[str, str], list[FilePin]] = {}
    for pin in pins.files:
        groups.setdefault((pin.kind, pin.version), []).append(pin)
    return [artefact for group in groups.values() for artefact in store.inspect(group)]


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Puts `files` into `folder`, one rename each, after all are on disk; a killed run leaves whole files only."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".partial-", dir=folder.parent) as partial:
        for name, content in files.items():
            (Path(partial) / name).write_bytes(content)
        for name in files:
            os.replace(Path(partial) / name, folder / name)
