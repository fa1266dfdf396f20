"""The catalogue's answers about the sample's datasets, constructed from IATI's documentation, in its three forms."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from hashlib import sha1
from typing import Any

from ilo_iati.sample.datasets import DATASETS, Dataset, dataset_bytes

CHECKED = "2026-11-20T06:00:00Z"
CACHE = "https://bulk-data.iatistandard.org"
PUBLISHER_ID = "9273615e-f27c-440d-b7cb-22f450b7ebc3"
NOTE = "Constructed answer of the ilo-iati sample; no recorded answer of the service stands behind it."


def digest(body: bytes) -> str:
    """The hash the Bulk Data Service gives for a file."""
    return sha1(body, usedforsecurity=False).hexdigest()


def as_json(answer: dict[str, Any]) -> bytes:
    """An answer as indented JSON in UTF-8."""
    return json.dumps(answer, indent=1, ensure_ascii=False).encode()


def cached_url(dataset: Dataset, ending: str) -> str:
    """Address of the cached copy; `ending` is xml or zip."""
    return f"{CACHE}/ilo/{dataset.name}.{ending}"


@cache
def bulk_index(full: bool) -> bytes:
    """`/datasets-full` or `/datasets-minimal`: the ILO's fourteen and one of another publisher without a good copy."""
    items = [_bulk_entry(dataset, full) for dataset in DATASETS.values()]
    other = {
        "id": "00000000-0000-4000-8000-000000000001",
        "short_name": "sample-other-activities",
        "reporting_org_id": "00000000-0000-4000-8000-000000000002",
        "reporting_org_short_name": "sample-other",
        "source_url": "https://other-sample.example.org/activities.xml",
        "licence_id": "cc-by",
        "last_update_check": CHECKED,
        "last_known_good_dataset": None,
    }
    created = datetime.fromisoformat(CHECKED)
    head = {"index_created": CHECKED, "index_created_unix_timestamp": created.timestamp(), "note": NOTE}
    return as_json({**head, "datasets": [*items, other]})


def _bulk_entry(dataset: Dataset, full: bool) -> dict[str, Any]:
    body = dataset_bytes(dataset.name)
    good = {
        "cached_dataset_xml_url": cached_url(dataset, "xml"),
        "cached_dataset_zip_url": cached_url(dataset, "zip"),
        "downloaded": dataset.generated,
        "hash": digest(body),
        "hash_excluding_generated_timestamp": digest(re.sub(rb'generated-datetime="[^"]+"', b"", body)),
        "verified_on_server": CHECKED,
    }
    return {
        **_short(dataset),
        "last_update_check": CHECKED,
        "last_known_good_dataset": good,
        **(_more(body) if full else {}),
    }


def _short(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "short_name": dataset.name,
        "reporting_org_id": PUBLISHER_ID,
        "reporting_org_short_name": "ilo",
        "source_url": dataset.source_url,
        "licence_id": "cc-by",
    }


def _more(body: bytes) -> dict[str, Any]:
    attempt = {"datetime": CHECKED, "http_status": 200, "error_occurred": False, "error_details": None}
    return {
        "content_length": len(body),
        "initial_contents": body[:100].decode(errors="ignore"),
        "most_recent_get_attempt": attempt,
        "most_recent_head_attempt": attempt,
    }


def reporting_orgs() -> bytes:
    """`/reporting-orgs`, the ILO only."""
    ilo = {
        "id": PUBLISHER_ID,
        "short_name": "ilo",
        "organisation_identifier": "XM-DAC-41302",
        "human_readable_name": "International Labour Organization",
        "hq_country": "CH",
        "organisation_type": "40",
        "default_licence_id": "cc-by",
        "first_publication_date": "2016-04-18",
        "data_portal_url": None,
    }
    return as_json({"index_created": CHECKED, "note": NOTE, "reporting_orgs": [ilo]})


def dashboard_list() -> bytes:
    """The dashboard's list of the ILO's datasets, one page."""
    results = [_short(dataset) for dataset in DATASETS.values()]
    return as_json({"count": len(results), "next": None, "previous": None, "results": results})


def ckan_list() -> bytes:
    """The CKAN-compatible list: one package a dataset, its address as the only resource."""
    packages = [
        {
            "id": dataset.id,
            "name": dataset.name,
            "license_id": "cc-by",
            "organization": {"id": PUBLISHER_ID, "name": "ilo"},
            "extras": [{"key": "publisher_iati_id", "value": "XM-DAC-41302"}],
            "resources": [{"url": dataset.source_url, "format": "IATI-XML"}],
        }
        for dataset in DATASETS.values()
    ]
    return as_json({"success": True, "result": {"count": len(packages), "results": packages}})
