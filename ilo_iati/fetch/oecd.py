"""OECD-DAC data: a dropped file, else the bulk file its dataflow announces, else the API in blocks of years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from ilo_iati.fetch.drop import refuse_no_table, sort_out, year_of
from ilo_iati.fetch.files import Errand, keep_dropped, say_failed, take
from ilo_iati.fetch.result import Fault
from ilo_iati.fetch.sdmx import BulkFile, Dataflow, read_dataflow, read_dimensions
from ilo_iati.findings import Severity
from ilo_iati.spec.source import Sdmx

RESUME_WITHIN = timedelta(days=7)
"""An API block this young is not asked again: a run that was cut off goes on where it stopped."""
_YEARS = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:-(\d{2,4}))?(?!\d)")


def refresh_oecd(errand: Errand, drop: Path | None) -> None:
    """Tries the source's ways in their order; a better way's last good file is never replaced by a lesser way."""
    source = errand.source
    dropped = _dropped(errand, drop) if "drop" in source.ways else set()
    if "drop" in source.ways and source.dataset in dropped:
        return
    flow = _dataflow(errand)
    if flow is None:
        return
    errand.log.reached = True
    _note_version(errand, flow)
    if "bulk" in source.ways and _bulk(errand, flow, dropped):
        return
    if "api" in source.ways and not any(_is_of_bulk(errand, name) for name in _own(errand)):
        _api(errand, flow)


def _dropped(errand: Errand, drop: Path | None) -> set[str]:
    """Takes in every table of the drop folder; the names of the datasets they make."""
    files = sort_out(drop, errand.log, errand.source.name, lambda path: _dropped_dataset(errand, path))
    for dataset, path in files.items():
        keep_dropped(errand, dataset, path)
    # Other datasets stay: a dropped file may lack years that they hold. Years that two hold are read once.
    return set(files)


def _dropped_dataset(errand: Errand, path: Path) -> str:
    refuse_no_table(path)
    years = year_of(path) if _is_yearly(errand) else ""
    return f"{errand.source.dataset}_{years}" if years else str(errand.source.dataset)


def _is_yearly(errand: Errand) -> bool:
    return errand.source.bulk is not None and "{year}" in errand.source.bulk.label


def _own(errand: Errand) -> list[str]:
    """Datasets of the source with a usable snapshot."""
    store, name = errand.store, errand.source.name
    return [one for one in store.datasets(name) if store.current(one)]


def _is_of_bulk(errand: Errand, dataset: str) -> bool:
    current = errand.store.current(dataset)
    return current is not None and "_api_" not in dataset and not current.url.startswith("drop:")


def _dataset_of(errand: Errand, label: str) -> str:
    """`oecd_crs_2019` for a label with a year in it, `oecd_crs` for a whole file."""
    name, years = str(errand.source.dataset), _YEARS.search(label)
    return f"{name}_{years.group(0).replace('-', '_')}" if years and _is_yearly(errand) else name


def _dataflow(errand: Errand) -> Dataflow | None:
    """The flow's current version and files; a finding, and None, when the OECD does not say."""
    source, sdmx = errand.source, errand.source.sdmx
    assert sdmx is not None
    url = sdmx.dataflow_url.format(agency=sdmx.agency, flow=sdmx.flow)
    try:
        _, body = errand.web.read(url)
        return read_dataflow(body, url)
    except Fault as fault:
        say_failed(errand, str(source.dataset), fault, Severity.ERROR)
        return None


def _note_version(errand: Errand, flow: Dataflow) -> None:
    sdmx = errand.source.sdmx
    if sdmx and flow.version != sdmx.known_version:
        text = f"{errand.source.name}: {sdmx.flow} is now version {flow.version}, last reviewed {sdmx.known_version}."
        fix = "Compare the columns with the declared ones, then set known_version in schemas/sources."
        errand.log.add("fetch.new_version", Severity.ADVISORY, text, fix, errand.source.name, flow.version)


def _wanted(errand: Errand, flow: Dataflow) -> Iterator[BulkFile]:
    """The flow's files whose label is the declared one, for years from the first wanted on."""
    bulk, sdmx = errand.source.bulk, errand.source.sdmx
    assert bulk is not None
    assert sdmx is not None
    pattern = re.compile(re.escape(bulk.label).replace(re.escape("{year}"), _YEARS.pattern), re.IGNORECASE)
    for file in flow.files:
        match = pattern.fullmatch(file.label)
        if match and (not match.groups() or int(match.group(1)) >= sdmx.first_year):
            yield file


def _bulk(errand: Errand, flow: Dataflow, dropped: set[str]) -> bool:
    """Brings every bulk file up to date that nobody dropped; True when at least one is usable."""
    source, bulk = errand.source, errand.source.bulk
    assert bulk is not None
    files = list(_wanted(errand, flow))
    if not files:
        fix = "The labels may have been reworded: compare the dataflow page with bulk.label in schemas/sources."
        text = f"{source.name}: the dataflow announces no file called {bulk.label!r} among {len(flow.files)}."
        errand.log.add("fetch.no_bulk_file", Severity.ERROR, text, fix, source.name)
    elif not source.expect.min_datasets <= len(files) <= source.expect.max_datasets:
        low, high = source.expect.min_datasets, source.expect.max_datasets
        text = f"{source.name}: the dataflow announces {len(files)} files where {low} to {high} are expected."
        errand.log.add("fetch.dataset_count", Severity.WARNING, text, source.expect.why, source.name, str(len(files)))
    wanted = {_dataset_of(errand, file.label): file for file in files}
    for dataset, file in wanted.items():
        if dataset in dropped:
            continue
        try:
            facts = {"version": flow.version, "release": file.release, "label": file.label}
            take(errand, dataset, file.url, bulk.hosts, facts)
        except Fault as fault:
            say_failed(errand, dataset, fault, Severity.ERROR)
    usable = [name for name in wanted if errand.store.current(name)]
    if len(usable) == len(wanted) >= source.expect.min_datasets:
        _retire(errand, [name for name in _own(errand) if "_api_" in name], ", ".join(sorted(usable)[:3]))
    return any(_is_of_bulk(errand, name) for name in usable)


def _retire(errand: Errand, names: list[str], better: str) -> None:
    for name in names:
        errand.store.retire(name, errand.now, f"the same rows now come in {better}")


def _api(errand: Errand, flow: Dataflow) -> None:
    """Asks block after block of years; stops at the first refusal so as not to hammer a service that says no."""
    sdmx = errand.source.sdmx
    assert sdmx is not None
    try:
        _refuse_changed_key(errand, sdmx, flow)
    except Fault as fault:
        say_failed(errand, str(errand.source.dataset), fault, Severity.ERROR)
        return
    for dataset, keys, first, until in _blocks(errand, sdmx):
        try:
            _block(errand, flow, dataset, keys, first, until)
            _retire_shorter(errand, dataset)
        except Fault as fault:
            say_failed(errand, dataset, fault, Severity.ERROR)
            if fault.rule in ("fetch.too_many_requests", "fetch.refused", "fetch.unreachable"):
                return


def _blocks(errand: Errand, sdmx: Sdmx) -> Iterator[tuple[str, tuple[str, ...], int, int]]:
    """Dataset, keys to try and years of each request: donors' rows first, then the ILO's own where the source asks."""
    last = errand.now.year - 1
    asked = {"api": (sdmx.key, sdmx.key_without_unverified), "api_own": (sdmx.own_key,)}
    for part, declared in asked.items():
        keys = tuple(filter(None, declared))
        for first in range(sdmx.first_year, last + 1, sdmx.years_per_call) if keys else ():
            until = min(first + sdmx.years_per_call - 1, last)
            yield f"{errand.source.dataset}_{part}_{first}_{until}", keys, first, until


def _retire_shorter(errand: Errand, dataset: str) -> None:
    """The last block grows by a year each January: the shorter one before it holds the same rows."""
    if errand.store.current(dataset) is not None:
        _retire(errand, _shorter(errand, dataset), dataset)


def _shorter(errand: Errand, dataset: str) -> list[str]:
    """Blocks in use that begin with the same year."""
    start = dataset.rpartition("_")[0]
    return [name for name in _own(errand) if name != dataset and name.rpartition("_")[0] == start]


def _refuse_changed_key(errand: Errand, sdmx: Sdmx, flow: Dataflow) -> None:
    """A key is a row of positions: with one dimension more it filters something else, silently. Raises Fault."""
    structure = flow.structure or sdmx.flow.split("@")[0]
    url = sdmx.structure_url.format(agency=sdmx.agency, structure=structure, version=flow.version)
    _, body = errand.web.read(url)
    found = read_dimensions(body, url)
    if found != sdmx.dimensions:
        fix = "Compare the two lists, then correct dimensions and key of the source in schemas/sources."
        text = f"version {flow.version} of {sdmx.flow} has the key {'.'.join(found)}, not {'.'.join(sdmx.dimensions)}"
        raise Fault("fetch.changed_key", text, fix)


def _block(errand: Errand, flow: Dataflow, dataset: str, keys: tuple[str, ...], first: int, last: int) -> None:
    """One block of years; without the unverified channel when the OECD refuses the key with it. Raises Fault."""
    sdmx = errand.source.sdmx
    assert sdmx is not None
    current = errand.store.current(dataset)
    if current and errand.now - current.fetched_at < RESUME_WITHIN and current.catalogue.get("version") == flow.version:
        return
    facts = {"version": flow.version, "first_year": first, "last_year": last}
    before = next((errand.store.current(name) for name in _shorter(errand, dataset)), None)
    try:
        take(errand, dataset, _url(sdmx, flow, keys[0], first, last), catalogue=facts, before=before)
    except Fault as fault:
        told = _explained(fault, flow)
        if told.rule not in ("fetch.not_found", "fetch.no_records") or len(keys) == 1:
            raise told from fault
        text = f"{dataset}: the OECD knows no such rows with channel 41701 in the key; asked without it."
        errand.log.add("fetch.key_narrowed", Severity.ADVISORY, text, "Nothing; the channel is unverified.", dataset)
        try:
            take(errand, dataset, _url(sdmx, flow, keys[1], first, last), catalogue=facts, before=before)
        except Fault as second:
            raise _explained(second, flow) from fault


def _explained(fault: Fault, flow: Dataflow) -> Fault:
    """What the OECD says, whatever the status beside it: no records for these years, or a version that is gone."""
    text = fault.body.decode("utf-8", "replace")
    if fault.rule in ("fetch.refused", "fetch.too_many_requests"):
        # The page of a gatekeeper, whatever words are on it.
        return fault
    if "dataflow" in text.lower():
        fix = "The version moved meanwhile; the next run asks for the new one."
        return Fault("fetch.stale_version", f"the OECD no longer has version {flow.version}", fix, fault.status)
    if "norecordsfound" in text.lower().replace(" ", ""):
        fix = "Nothing, if the years are not out yet."
        return Fault("fetch.no_records", f"{fault.reason}: NoRecordsFound", fix, fault.status)
    return fault


def _url(sdmx: Sdmx, flow: Dataflow, key: str, first: int, last: int) -> str:
    parts = {"agency": sdmx.agency, "flow": sdmx.flow, "version": flow.version, "key": key}
    return sdmx.data_url.format(**parts, first=first, last=last)
