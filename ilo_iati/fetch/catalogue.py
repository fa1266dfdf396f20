"""Which datasets a publisher has: the three forms in which IATI's catalogues answer, read into one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ilo_iati.fetch.http import Web
from ilo_iati.fetch.result import Fault
from ilo_iati.spec.source import CatalogueWay, Publisher

MOST_PAGES = 50
"""A publisher of the ILO's size fits on one page of 100; a list that never ends is a fault of the server."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_COPIES = ("cached_dataset_xml_url", "cached_dataset_url_xml")
_ZIPS = ("cached_dataset_zip_url", "cached_dataset_url_zip")


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset as a catalogue lists it. `hash` is the SHA-1 of the cached copy's bytes; None where unknown."""

    name: str
    source_url: str | None
    id: str | None = None
    licence: str | None = None
    copy_url: str | None = None
    zip_url: str | None = None
    hash: str | None = None
    hash_without_stamp: str | None = None

    def facts(self, way: str) -> dict[str, Any]:
        """What is kept with the snapshot."""
        known = {"id": self.id, "source_url": self.source_url, "hash": self.hash, "way": way}
        return {key: text for key, text in (known | {"hash_without_stamp": self.hash_without_stamp}).items() if text}


def entries(web: Web, way: CatalogueWay, publisher: Publisher) -> list[Entry]:
    """The publisher's datasets as `way` lists them, by name. Raises Fault when the list cannot be had or read."""
    found = {entry.name: entry for entry in _READERS[way.form](web, way.url, publisher)}
    if not found:
        fix = "Ask the next catalogue; if none knows the publisher, check its name in schemas/sources."
        raise Fault("fetch.no_datasets", f"{way.name} lists no dataset of {publisher.short_name}", fix)
    return [found[name] for name in sorted(found)]


def _bulk(web: Web, url: str, publisher: Publisher) -> Iterator[Entry]:
    document = _json(web, url)
    for item in _list_in(document, "datasets", url):
        ours = (publisher.short_name, publisher.uuid)
        if item.get("reporting_org_short_name") in ours or item.get("reporting_org_id") in ours:
            yield from _entry(item, item.get("last_known_good_dataset") or {})


def _dashboard(web: Web, url: str, publisher: Publisher) -> Iterator[Entry]:
    page: str | None = url
    for _ in range(MOST_PAGES):
        if page is None:
            return
        document = _json(web, page)
        for item in _list_in(document, "results", url):
            # A server that ignores the filter must not hand us the whole world.
            if item.get("reporting_org_short_name", publisher.short_name) == publisher.short_name:
                yield from _entry(item, {})
        page = document.get("next")


def _ckan(web: Web, url: str, publisher: Publisher) -> Iterator[Entry]:
    start = 0
    for _ in range(MOST_PAGES):
        document = _json(web, _with_start(url, start))
        result = document.get("result") or {}
        packages = _list_in(result, "results", url)
        for item in packages:
            if ((item.get("organization") or {}).get("name") or publisher.short_name) == publisher.short_name:
                resource: dict[str, Any] = next(iter(item.get("resources") or [{}]), {})
                plain = {"short_name": item.get("name"), "id": item.get("id"), "source_url": resource.get("url")}
                yield from _entry(plain | {"licence_id": item.get("license_id")}, {})
        start += len(packages)
        if not packages or start >= int(result.get("count") or 0):
            return


_READERS: Mapping[str, Callable[[Web, str, Publisher], Iterator[Entry]]] = {
    "bulk_data_service": _bulk,
    "dashboard": _dashboard,
    "ckan": _ckan,
}


def _entry(item: Mapping[str, Any], good: Mapping[str, Any]) -> Iterator[Entry]:
    """One entry, or none when the name could not serve as the name of a folder."""
    name = str(item.get("short_name") or "")
    if _NAME.fullmatch(name):
        yield Entry(
            name,
            item.get("source_url") or None,
            item.get("id"),
            item.get("licence_id"),
            next((good[key] for key in _COPIES if good.get(key)), None),
            next((good[key] for key in _ZIPS if good.get(key)), None),
            good.get("hash") or None,
            good.get("hash_excluding_generated_timestamp") or None,
        )


def _json(web: Web, url: str) -> dict[str, Any]:
    _, body = web.read(url)
    fix = "The next catalogue is asked instead; look at the address if this stays so."
    try:
        document = json.loads(body)
    except ValueError as error:
        kind = "a web page" if body.lstrip()[:1] == b"<" else "something else"
        raise Fault("fetch.bad_catalogue", f"{url} answered with {kind} instead of JSON", fix) from error
    if not isinstance(document, dict):
        raise Fault("fetch.bad_catalogue", f"{url} answered with JSON of another shape", fix)
    return document


def _list_in(document: Mapping[str, Any], key: str, url: str) -> list[dict[str, Any]]:
    items = document.get(key)
    if not isinstance(items, list):
        fix = "The catalogue's form changed: compare it with ilo_iati/fetch/catalogue.py."
        raise Fault("fetch.bad_catalogue", f"{url} answered without its list {key!r}", fix)
    return [item for item in items if isinstance(item, dict)]


def _with_start(url: str, start: int) -> str:
    parts = urlsplit(url)
    query = urlencode([*((k, v) for k, v in parse_qsl(parts.query) if k != "start"), ("start", start)], safe=":")
    return urlunsplit(parts._replace(query=query))
