"""The sources of schemas/sources moved to a loopback server: their addresses rewritten, their answers built."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

from ilo_iati.spec.source import Source, load_sources
from tests.servers.behaviour import plain, with_validators
from tests.servers.loopback import Loopback

PUBLISHER = "9273615e-f27c-440d-b7cb-22f450b7ebc3"
BULK, DASHBOARD = "/datasets-full", "/api/datasets/?reporting_org__short_name=ilo&page=1&page_size=100"
CKAN = "/api/limited-ckan-compatible/package_search?fq=organization:ilo&rows=1000&start=0"
DATAFLOW = "/public/rest/dataflow/OECD.DCD.FSD/{}/latest"


def moved(name: str, server: Loopback, **changes: Any) -> Source:
    """The declared source with every address on `server`, no throttle and short timeouts."""
    source = load_sources()[name]
    client = replace(source.client, requests_per_minute=1e9, connect_timeout=2, read_timeout=1)

    def here(url: str) -> str:
        return re.sub(r"^https?://[^/]+", server.url, url)

    changes.setdefault("client", client)
    return replace(
        source,
        catalogue=tuple(replace(way, url=here(way.url)) for way in source.catalogue),
        files=tuple(replace(file, url=here(file.url)) for file in source.files),
        sdmx=source.sdmx
        and replace(
            source.sdmx,
            dataflow_url=here(source.sdmx.dataflow_url),
            structure_url=here(source.sdmx.structure_url),
            data_url=here(source.sdmx.data_url),
        ),
        bulk=source.bulk and replace(source.bulk, hosts=("127.0.0.1",)),
        **changes,
    )


def activities(count: int, stamp: str = "2026-11-01T00:00:00Z", text: str = "x") -> bytes:
    """A small IATI activity file."""
    title = "<title><narrative>{1}</narrative></title>"
    one = f"<iati-activity><iati-identifier>XM-DAC-41302-TEST-{{0}}</iati-identifier>{title}</iati-activity>"
    body = "\n".join(one.format(number, text) for number in range(count))
    root = f'<iati-activities version="2.03" generated-datetime="{stamp}">'
    return f'<?xml version="1.0"?>\n{root}\n{body}\n</iati-activities>\n'.encode()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def entry(
    server: Loopback, name: str, body: bytes | None, spelling: str = "cached_dataset_url_xml", **changes: Any
) -> dict[str, Any]:
    """One dataset of `/datasets-full`; without a body there is no good copy (null)."""
    good = None
    if body is not None:
        good = {
            spelling: f"{server.url}/ilo/{name}.xml",
            spelling.replace("xml", "zip"): f"{server.url}/ilo/{name}.zip",
            "hash": hashlib.sha1(body).hexdigest(),
            "hash_excluding_generated_timestamp": hashlib.sha1(
                re.sub(rb'generated-datetime="[^"]+"', b"", body)
            ).hexdigest(),
        }
    return {
        "id": f"id-{name}",
        "short_name": name,
        "reporting_org_id": PUBLISHER,
        "reporting_org_short_name": "ilo",
        "source_url": f"{server.url}/source/{name}.xml",
        "licence_id": "cc-by",
        "last_known_good_dataset": good,
        **changes,
    }


def serve_index(server: Loopback, entries: list[dict[str, Any]]) -> None:
    """`/datasets-full` with these entries and one of another publisher."""
    other = {"short_name": "other-data", "reporting_org_short_name": "other", "last_known_good_dataset": {}}
    server.routes[BULK] = plain(
        json.dumps({"index_created": "2026-11-23 05:00:00", "datasets": [*entries, other]}).encode()
    )


def serve_copy(server: Loopback, name: str, body: bytes) -> None:
    server.routes[f"/ilo/{name}.xml"] = with_validators(body)
    server.routes[f"/ilo/{name}.zip"] = with_validators(zipped({f"{name}.xml": body}))


def serve_dashboard(server: Loopback, entries: list[dict[str, Any]]) -> None:
    """Two pages, as the API pages."""
    half = max(1, len(entries) // 2)
    second = "/api/datasets/?page=2"
    server.routes[DASHBOARD] = plain(
        json.dumps({"count": len(entries), "next": server.url + second, "results": entries[:half]}).encode()
    )
    server.routes[second] = plain(json.dumps({"count": len(entries), "next": None, "results": entries[half:]}).encode())


def serve_ckan(server: Loopback, entries: list[dict[str, Any]]) -> None:
    packages = [
        {
            "id": one["id"],
            "name": one["short_name"],
            "license_id": "cc-by",
            "organization": {"name": "ilo"},
            "resources": [{"url": one["source_url"]}],
        }
        for one in entries
    ]
    server.routes[CKAN] = plain(json.dumps({"result": {"count": len(packages), "results": packages}}).encode())


def dataflow_page(flow: str, files: dict[str, str], version: str = "1.6") -> bytes:
    """An SDMX dataflow page announcing bulk files: label -> address."""
    notes = "".join(
        f"<c:Annotation><c:AnnotationType>EXT_RESOURCE</c:AnnotationType>"
        f'<c:AnnotationText xml:lang="en">{label}|{url}</c:AnnotationText>'
        f'<c:AnnotationText xml:lang="fr">{label} en français|{url}</c:AnnotationText></c:Annotation>'
        for label, url in files.items()
    )
    return (
        '<m:Structure xmlns:m="urn:m" xmlns:s="urn:s" xmlns:c="urn:c"><m:Structures><s:Dataflows>'
        f'<s:Dataflow id="{flow.split("@")[1]}" agencyID="OECD.DCD.FSD" version="{version}">'
        f"<c:Annotations>{notes}</c:Annotations>"
        f'<s:Structure><Ref id="{flow.split("@")[0]}" class="DataStructure"/></s:Structure>'
        "</s:Dataflow></s:Dataflows></m:Structures></m:Structure>"
    ).encode()


def structure_page(dimensions: tuple[str, ...]) -> bytes:
    """An SDMX structure page with these dimensions in order."""
    items = "".join(f'<s:Dimension id="{name}" position="{at}"/>' for at, name in enumerate(dimensions, 1))
    return (
        '<m:Structure xmlns:m="urn:m" xmlns:s="urn:s"><s:DimensionList>'
        f'{items}<s:TimeDimension id="TIME_PERIOD"/></s:DimensionList></m:Structure>'
    ).encode()
