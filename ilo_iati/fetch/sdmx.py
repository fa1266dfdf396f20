"""The OECD's SDMX pages read for what a download needs: a dataflow's version, its bulk files, its key's dimensions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ilo_iati.fetch.result import Fault

_RELEASE = re.compile(r"-v(\d{8}(?:-\d+)?)$")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class BulkFile:
    """One bulk file a dataflow announces. `release` is the date in its label; None where the label has none."""

    label: str
    url: str
    release: str | None


@dataclass(frozen=True, slots=True)
class Dataflow:
    """A dataflow's current version, the id of its structure, and its bulk files."""

    version: str
    structure: str
    files: tuple[BulkFile, ...]


def _document(body: bytes, url: str) -> etree._Element:
    fix = "The address may have moved, or the service is down: open it in a browser."
    try:
        # Nothing is resolved or loaded from elsewhere: this document comes from the network.
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise Fault("fetch.bad_catalogue", f"{url} is not readable as XML ({error})", fix) from error
    if etree.QName(root).localname.lower() == "html":
        raise Fault("fetch.html", f"{url} answered with a web page instead of SDMX", fix)
    return root


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (item for item in root.iter() if isinstance(item.tag, str) and etree.QName(item).localname == name)


def read_dataflow(body: bytes, url: str) -> Dataflow:
    """The dataflow of an SDMX 2.1 answer. Raises Fault when there is none in it."""
    root = _document(body, url)
    flow = next((item for item in _named(root, "Dataflow") if item.get("version")), None)
    if flow is None:
        fix = "The dataflow may have been renamed: look for it on the OECD's data explorer and correct schemas/sources."
        raise Fault("fetch.stale_version", f"{url} names no dataflow", fix)
    structure = next((str(item.get("id")) for item in _named(flow, "Ref") if item.get("class") == "DataStructure"), "")
    return Dataflow(str(flow.get("version")), structure, tuple(_bulk_files(flow)))


def _bulk_files(flow: etree._Element) -> Iterator[BulkFile]:
    for text in _named(flow, "AnnotationText"):
        label, bar, url = (text.text or "").strip().rpartition("|")
        if bar and text.get(_LANGUAGE, "en") == "en" and url.strip().startswith("http"):
            release = _RELEASE.search(label.strip())
            yield BulkFile(_RELEASE.sub("", label.strip()), url.strip(), release.group(1) if release else None)


def read_dimensions(body: bytes, url: str) -> tuple[str, ...]:
    """Names of the key's dimensions in order, time left out, of an SDMX 2.1 data structure. Raises Fault."""
    found = [
        (int(item.get("position") or 0), str(item.get("id")))
        for item in _named(_document(body, url), "Dimension")
        if item.get("id")
    ]
    if not found:
        fix = "The structure may have been renamed: look for it on the OECD's data explorer."
        raise Fault("fetch.stale_version", f"{url} names no dimensions", fix)
    return tuple(name for _, name in sorted(found))
