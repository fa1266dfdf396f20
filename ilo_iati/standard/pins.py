"""schemas/iati/PINS.yml into frozen objects: which official files exist, their addresses and their checksums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml, require

KINDS = ("iati-activities", "iati-organisations")
"""Root elements, which also name the two schemas of a version."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the registry that ships official files; `sha256` is that of its archive."""

    name: str
    version: str
    sha256: str
    why: str


@dataclass(frozen=True, slots=True)
class FilePin:
    """One official file. `package_sha256` differs from `sha256` where the package's copy has other annotations."""

    kind: str
    version: str
    name: str
    url: str
    sha256: str
    package: str = ""
    package_member: str = ""
    package_sha256: str = ""

    @property
    def accepted(self) -> tuple[str, ...]:
        """The checksums the file may have, official first."""
        return (self.sha256, self.package_sha256) if self.package_sha256 else (self.sha256,)


@dataclass(frozen=True, slots=True)
class Pins:
    """Everything PINS.yml says. `files` are XSDs, mappings and rulesets in the order they are declared."""

    raw_url: str
    lists_url: str
    packages: Mapping[str, Package]
    files: tuple[FilePin, ...]

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions of the standard that have XSDs, oldest first."""
        return tuple(dict.fromkeys(pin.version for pin in self.files if pin.kind == "schema"))

    def of(self, kind: str, version: str | None = None) -> tuple[FilePin, ...]:
        """The pins of one kind ('schema', 'mapping', 'ruleset'), of one version or all."""
        return tuple(pin for pin in self.files if pin.kind == kind and version in (None, pin.version))


@cache
def read_pins(schemas: Path = SCHEMAS) -> Pins:
    """The pins of schemas/iati/PINS.yml. Raises SpecError."""
    path = schemas / "iati" / "PINS.yml"
    body = read_yaml(path)
    require(path, body, ("about", "raw_url", "lists_url", "packages", "schemas", "mappings", "rulesets"), ())
    packages = {name: _package(path, name, entry) for name, entry in body["packages"].items()}
    groups = (("schema", "schemas"), ("mapping", "mappings"), ("ruleset", "rulesets"))
    files = [
        pin
        for kind, key in groups
        for version, entry in body[key].items()
        for pin in _files(path, body["raw_url"], kind, str(version), entry)
    ]
    return Pins(body["raw_url"], body["lists_url"], packages, tuple(files))


def _package(path: Path, name: str, entry: Any) -> Package:
    require(path, entry, ("version", "archive_sha256", "why"), ())
    return Package(name, str(entry["version"]), entry["archive_sha256"], entry["why"])


def _files(path: Path, raw_url: str, kind: str, version: str, entry: Any) -> list[FilePin]:
    require(path, entry, ("repository", "commit", "files"), ("package", "package_folder", "package_files"))
    base = f"{raw_url}/{entry['repository']}/{entry['commit']}"
    package, differing = entry.get("package", ""), entry.get("package_files", {})
    return [
        FilePin(
            kind,
            version,
            name,
            f"{base}/{name}",
            sha256,
            package,
            f"{entry['package_folder']}/{name}" if package else "",
            differing.get(name, ""),
        )
        for name, sha256 in entry["files"].items()
    ]
