"""The official files from the internet: believed by their pinned checksum only, a version is replaced as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import requests

from ilo_iati.errors import SourceError, StandardError
from ilo_iati.paths import SCHEMAS
from ilo_iati.standard.pins import FilePin, read_pins
from ilo_iati.standard.store import Store, write_folder

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and between two parts of the answer."""

LIMIT = 20_000_000
"""Bytes; the largest official file has 0.7 million."""


def get_bytes(session: requests.Session, url: str) -> bytes:
    """The body at `url`, redirects followed (the website answers 302 to its content network).

    Raises SourceError when it cannot be reached or answers with an error, StandardError when it is larger than LIMIT.
    """
    try:
        with session.get(url, timeout=TIMEOUT, stream=True) as answer:
            if answer.status_code != requests.codes.ok:
                raise SourceError(f"{url} answered {answer.status_code}; what is here stays in use, try again later.")
            body = b""
            for part in answer.iter_content(1 << 16):
                body += part
                if len(body) > LIMIT:
                    raise StandardError(f"{url} sends more than {LIMIT:,} bytes; no official file is that large.")
            return body
    except requests.RequestException as error:
        raise SourceError(
            f"{url} cannot be reached ({type(error).__name__}); what is here stays in use, try again later."
        ) from error


def update_pinned(store: Store, session: requests.Session, schemas: Path = SCHEMAS) -> Iterator[str]:
    """Fetches each pinned group (XSDs, mapping, ruleset of a version) not yet in the official layer; yields its name.

    Raises SourceError or StandardError at the first file that fails; groups done before stay, none is half written.
    """
    groups: dict[tuple[str, str], list[FilePin]] = {}
    for pin in read_pins(schemas).files:
        groups.setdefault((pin.kind, pin.version), []).append(pin)
    for (kind, version), pins in groups.items():
        folder = store.folder("official", kind, version)
        assert folder is not None  # the official layer always exists
        if not all(_holds(folder / Path(pin.name).name, pin) for pin in pins):
            write_folder(folder, {Path(pin.name).name: _pinned(session, pin) for pin in pins})
            yield f"{kind} {version}"


def _holds(path: Path, pin: FilePin) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == pin.sha256


def _pinned(session: requests.Session, pin: FilePin) -> bytes:
    content = get_bytes(session, pin.url)
    digest = hashlib.sha256(content).hexdigest()
    if digest != pin.sha256:
        page = (
            " (a web page came instead)"
            if content.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))
            else ""
        )
        raise StandardError(
            f"{pin.url} has sha256 {digest[:12]}, not the pinned {pin.sha256[:12]}{page}; it was not installed."
        )
    return content
