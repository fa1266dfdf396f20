"""The one object the stages use: compiled schemas, code lists, the mapping, and the record of where each came from."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from ilo_iati.errors import StandardError
from ilo_iati.paths import SCHEMAS, standard_dir
from ilo_iati.spec import codelist as spec
from ilo_iati.spec.codelist import Codelist, CodelistRule
from ilo_iati.standard.lists import list_folder, refreshed_lists
from ilo_iati.standard.pins import KINDS, read_pins
from ilo_iati.standard.store import Store


@dataclass(frozen=True, slots=True)
class Standard:
    """The official artefacts in use. Holds paths only, so worker processes can have it; caches are per process."""

    store: Store
    schemas: Path = SCHEMAS

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions with XSDs: 1.01 to 2.03."""
        return read_pins(self.schemas).versions

    def schema(self, version: str, kind: str) -> etree.XMLSchema:
        """The compiled XSD of `kind` ('iati-activities' or 'iati-organisations'), compiled once per process.

        Its error_log belongs to the last validation: do not share it between threads.
        Raises StandardError for an unknown version or kind, a missing or an altered file.
        """
        return _compiled(self.store, self.schemas, version, kind)

    def codes(self, codelist: str, version: str) -> Codelist:
        """The list as it stands for `version` (1.04 to 2.03). Raises StandardError for an unknown list or version."""
        return _codes(self.store, self.schemas, codelist, version)

    def mapping(self, version: str) -> tuple[CodelistRule, ...]:
        """Which path uses which list in `version`, official order; empty for versions without a mapping."""
        return spec.read_mapping(self.schemas).get(version, ())

    def ruleset(self, version: str) -> dict[str, Any] | None:
        """The official standard.json when `standard update` has fetched it or a snapshot has it, else None."""
        pins = read_pins(self.schemas).of("ruleset", version)
        folder = self.store.verified(pins) if pins else None
        return json.loads((folder / Path(pins[0].name).name).read_bytes()) if folder else None

    def provenance(self) -> dict[str, Any]:
        """What is in use: layer, origin and checksums of each version's XSDs; code lists and mapping by checksum."""
        return _provenance(self.store, self.schemas)


def open_standard(root: Path | None = None, snapshot: Path | None = None, schemas: Path = SCHEMAS) -> Standard:
    """The standard of this machine: `root` defaults to paths.standard_dir(), `snapshot` to ILO_IATI_STANDARD_SNAPSHOT.

    Raises StandardError, saying what to run, when the XSDs of any version are missing.
    """
    store = configured_store(root, snapshot)
    pins = read_pins(schemas)
    missing = [version for version in pins.versions if not store.locate(pins.of("schema", version))]
    if missing:
        raise StandardError(
            f"The schemas of IATI {', '.join(missing)} are not in {store.root}; run `ilo-iati standard install`."
        )
    return Standard(store, schemas)


def configured_store(root: Path | None = None, snapshot: Path | None = None) -> Store:
    """The layers of this machine, whether or not anything is installed yet; arguments as for open_standard."""
    configured = os.environ.get("ILO_IATI_STANDARD_SNAPSHOT")
    return Store(root or standard_dir(), snapshot or (Path(configured) if configured else None))


@cache
def _compiled(store: Store, schemas: Path, version: str, kind: str) -> etree.XMLSchema:
    pins = read_pins(schemas).of("schema", version)
    if not pins or kind not in KINDS:
        raise StandardError(f"There is no schema of {kind!r} in version {version!r}; known: {', '.join(KINDS)}.")
    folder = store.verified(pins)
    if folder is None:
        raise StandardError(f"The schemas of IATI {version} are not in {store.root}; run `ilo-iati standard install`.")
    # By path, not by bytes: the schema includes iati-common.xsd and xml.xsd from the same folder.
    return etree.XMLSchema(etree.parse(folder / f"{kind}-schema.xsd", etree.XMLParser(no_network=True)))


@cache
def _codes(store: Store, schemas: Path, codelist: str, version: str) -> Codelist:
    pin = spec.list_pins(schemas).get(codelist)
    if pin is None or version not in spec.VERSIONS:
        raise StandardError(f"There is no code list {codelist!r} for version {version!r}; see schemas/codelists.")
    refreshed = refreshed_lists(store.root).get(codelist)
    if refreshed:
        return spec.as_of_version(codelist, version, refreshed.rows(list_folder(store.root)), refreshed.complete)
    rows = spec.read_rows(schemas / "codelists" / f"{codelist}.csv")
    return spec.as_of_version(codelist, version, rows, pin.complete)


@cache
def _provenance(store: Store, schemas: Path) -> dict[str, Any]:
    pins = read_pins(schemas)
    used = {}
    for version in pins.versions:
        artefacts = store.inspect(pins.of("schema", version))
        layer = artefacts[0].layer
        package = pins.packages.get(artefacts[0].pin.package)
        origin = f"{package.name} {package.version}" if layer == "package" and package else artefacts[0].pin.url
        used[version] = {
            "layer": layer,
            "origin": origin.rsplit("/", 1)[0] if "/" in origin else origin,
            "sha256": {artefact.pin.name: artefact.sha256 for artefact in artefacts},
        }
    refreshed = refreshed_lists(store.root)
    return {
        "schemas": used,
        "codelists": {
            "layer": "repository",
            "sha256": _sha256_of(sorted((schemas / "codelists").iterdir())),
            "refreshed": {name: entry.as_dict() for name, entry in sorted(refreshed.items())},
        },
        "mapping": {"layer": "repository", "sha256": _sha256_of([schemas / "iati" / "mapping.csv"])},
    }


def _sha256_of(paths: list[Path]) -> str:
    """One checksum over several files in the given order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
