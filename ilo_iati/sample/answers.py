"""Which body answers which address: the addresses are those of schemas/sources, the bodies are the sample's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from ilo_iati.sample import catalogue, ceb, exchange, oecd, outflow
from ilo_iati.sample.datasets import DATASETS, Dataset, dataset_bytes, is_illustrative
from ilo_iati.spec.source import Source, load_sources

JSON, XML, CSV, ZIP = "application/json", "application/xml", "text/csv; charset=utf-8", "application/zip"
PUBLISHED = "2026-11-20T06:00:00Z"
_FILES: dict[str, Callable[[], bytes]] = {
    "ceb_revenue_by_type": ceb.revenue_by_type_csv,
    "ceb_revenue_by_donor": partial(ceb.revenue_by_donor_csv, True),
    "ceb_revenue_by_other_donor": partial(ceb.revenue_by_donor_csv, False),
    "exchange_rate_daily": exchange.daily_zip,
    "exchange_rate_annual": exchange.annual_csv,
    **{f"crs_outflow_{year}": partial(outflow.outflow_csv, year) for year in range(2015, 2020)},
}
_LISTS: dict[str, Callable[[], bytes]] = {"dashboard": catalogue.dashboard_list, "ckan": catalogue.ckan_list}


@dataclass(frozen=True, slots=True)
class Answer:
    """A body made when first asked for, its type, when it last changed (ISO 8601), and whether it is made up."""

    make: Callable[[], bytes]
    content_type: str
    modified: str = PUBLISHED
    is_illustrative: bool = True


@cache
def answers() -> dict[str, Answer]:
    """Every address the sample answers; anything else is a 404."""
    found = dict(_iati())
    for source in load_sources().values():
        found.update(_declared(source))
    return found


def _iati() -> Iterator[tuple[str, Answer]]:
    """The Bulk Data Service and the ILO's own addresses."""
    yield f"{catalogue.CACHE}/datasets-full", Answer(partial(catalogue.bulk_index, True), JSON)
    yield f"{catalogue.CACHE}/datasets-minimal", Answer(partial(catalogue.bulk_index, False), JSON)
    yield f"{catalogue.CACHE}/reporting-orgs", Answer(catalogue.reporting_orgs, JSON)
    for dataset in DATASETS.values():
        body = partial(dataset_bytes, dataset.name)
        yield catalogue.cached_url(dataset, "xml"), Answer(body, XML, dataset.generated)
        yield dataset.source_url, Answer(body, XML, dataset.generated)
        yield catalogue.cached_url(dataset, "zip"), Answer(partial(_zipped, dataset), ZIP, dataset.generated)


def _zipped(dataset: Dataset) -> bytes:
    return exchange.packed(f"{dataset.name}.xml", dataset_bytes(dataset.name))


def _declared(source: Source) -> Iterator[tuple[str, Answer]]:
    """The addresses a source declares."""
    for file in source.files:
        if file.dataset in _FILES:
            kind = ZIP if file.format == "zip" else CSV
            yield file.url, Answer(_FILES[file.dataset], kind, is_illustrative=is_illustrative(file.dataset))
    for way in source.catalogue:
        if way.form in _LISTS:
            yield way.url, Answer(_LISTS[way.form], JSON)
    if source.sdmx is not None:
        flow = source.sdmx.flow
        page = source.sdmx.dataflow_url.format(agency=source.sdmx.agency, flow=flow)
        yield page, Answer(partial(oecd.dataflow_page, flow), XML)
        for url, (_, body) in oecd.FLOWS[flow].items():
            yield url, Answer(body, ZIP, is_illustrative=is_illustrative(source.name))
