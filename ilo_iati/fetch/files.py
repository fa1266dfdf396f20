"""Files at fixed addresses (CEB, exchange rates) and files an officer put into the drop folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ilo_iati.fetch.content import head_of, refuse_html
from ilo_iati.fetch.drop import sort_out
from ilo_iati.fetch.http import Web
from ilo_iati.fetch.result import Fault, InboxLike, Log, SnapshotLike, StoreLike
from ilo_iati.fetch.tables import Shape, distrust, remark, shape_of
from ilo_iati.findings import Severity
from ilo_iati.spec.source import Source

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Errand:
    """What every download of one source's file needs."""

    source: Source
    store: StoreLike
    web: Web
    now: datetime
    log: Log
    illustrative: bool = False


def refresh_files(errand: Errand, drop: Path | None) -> None:
    """Brings every declared file up to date; a dropped file of the dataset's name wins over the address."""
    dropped = sort_out(drop, errand.log, errand.source.name, lambda path: _dropped_dataset(errand.source, path))
    for dataset, path in dropped.items():
        keep_dropped(errand, dataset, path)
    for file in errand.source.files:
        if file.dataset in dropped:
            continue
        if file.url.startswith("drop:"):
            # Only an officer can bring this one; without it nothing is missing.
            continue
        severity = Severity.ADVISORY if file.optional else Severity.ERROR
        try:
            take(errand, file.dataset, file.url)
            errand.log.reached = True
        except Fault as fault:
            say_failed(errand, file.dataset, fault, severity)


def _dropped_dataset(source: Source, path: Path) -> str:
    """The declared dataset that a dropped file is called after. Raises Fault."""
    names = [file.dataset for file in source.files]
    if path.stem in names:
        return path.stem
    fix = f"Call it after the dataset it stands for: {', '.join(names)}."
    raise Fault("fetch.drop_ignored", f"dropped file {path.name} is called after no dataset", fix)


def take(
    errand: Errand, dataset: str, url: str, hosts: tuple[str, ...] = (), catalogue: Mapping[str, Any] | None = None,
    before: SnapshotLike | None = None,
) -> None:  # fmt: skip
    """Downloads `url` unless unchanged, checks it and makes it the dataset's snapshot. Raises Fault.

    `before`: the snapshot of another name that a new dataset takes over from, and must not fall short of.
    """
    store, name = errand.store, errand.source.name
    current = store.current(dataset)
    same = current if current and current.url == url else None
    with store.receive(name, dataset) as inbox:

        def start() -> Any:
            inbox.restart()
            return inbox.write

        try:
            reply = errand.web.save(
                url, start, same.etag if same else None, same.last_modified if same else None, hosts
            )
            if reply.status == 304:
                store.note(name, dataset, "unchanged", errand.now, http_status=304, note="not modified")
                return
            inbox.close()
        except OSError as error:
            raise Fault("fetch.not_stored", f"{url} could not be stored ({error})", "Free disk space.") from error
        shape = check(inbox.path, url, errand.source)
        facts = {
            "items": shape.rows,
            "fetched_at": errand.now,
            "url": url,
            "final_url": reply.final_url,
            "http_status": reply.status,
            "headers": reply.headers,
            "catalogue": dict(catalogue or {}),
            "licence": errand.source.licence,
            "is_illustrative": errand.illustrative or reply.is_illustrative,
        }
        _keep(errand, dataset, inbox, shape, facts, before)


def _keep(
    errand: Errand, dataset: str, inbox: InboxLike, shape: Shape, facts: Mapping[str, Any],
    before: SnapshotLike | None = None,
) -> None:  # fmt: skip
    """Makes the arrived table a snapshot, or sets it aside with the reason; the bytes are kept either way."""
    current = errand.store.current(dataset)
    is_new = current is None or current.sha256 != inbox.sha256
    suspect = distrust(shape, dataset, current or before, errand.source) if shape.suffix else None
    said = remark(shape, dataset, current, errand.source) if is_new and suspect is None else None
    _, findings = inbox.keep(facts, shape.suffix, suspect)
    errand.log.findings.extend(findings)
    if not findings and is_new:
        errand.log.changed.append(dataset)
        errand.log.findings.extend([said] if said else [])


def keep_dropped(errand: Errand, dataset: str, path: Path) -> None:
    """Makes a file from the drop folder the dataset's snapshot, unless it already is."""
    current = errand.store.current(dataset)
    try:
        shape = check(path, path.name, errand.source)
        with errand.store.receive(errand.source.name, dataset) as inbox, path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                inbox.write(chunk)
            # Nothing has to be asked for what an officer brought.
            errand.log.reached = True
            if current and current.sha256 == inbox.sha256:
                errand.store.note(
                    errand.source.name, dataset, "unchanged", errand.now, note=f"dropped file {path.name}"
                )
                return
            facts = {"fetched_at": errand.now, "url": f"drop:{path.name}", "licence": errand.source.licence,
                     "note": "put into the drop folder by hand", "items": shape.rows}  # fmt: skip
            _keep(errand, dataset, inbox, shape, facts)
    except (Fault, OSError) as error:
        reason = error.reason if isinstance(error, Fault) else str(error)
        fault = Fault("fetch.bad_drop", f"dropped file {path.name}: {reason}", "Replace or remove the dropped file.")
        say_failed(errand, dataset, fault, Severity.ERROR)


def check(path: Path, url: str, source: Source) -> Shape:
    """What `path` is, found from its bytes: suffix (.parquet, .zip or .csv), columns, rows. Raises Fault.

    A zip is read whole, so that its checksums are compared; nothing of an empty file is known.
    """
    size, head = path.stat().st_size, head_of(path, 512)
    if size == 0:
        return Shape("")
    if head.startswith(b"PAR1"):
        _refuse_cut_parquet(path, url)
        return shape_of(path, ".parquet", url, source)
    if head.startswith(b"PK"):
        return shape_of(path, ".zip", url, source)
    refuse_html(path, url)
    if head.lstrip().startswith((b"<", b"{")):
        fix = "Open the address in a browser; the source may have moved."
        raise Fault("fetch.not_a_table", f"{url} is neither a table nor a zip; it begins {head[:40]!r}", fix)
    if head.strip().startswith(b"NoRecordsFound"):
        # The OECD says so in place of a table, with status 200 too: years without data, not columns that changed.
        fix = "Nothing, if the years are not out yet."
        raise Fault("fetch.no_records", f"{url} answers NoRecordsFound", fix, 200, head)
    return shape_of(path, ".csv", url, source)


def _refuse_cut_parquet(path: Path, url: str) -> None:
    with path.open("rb") as stream:
        stream.seek(-4, 2)
        if stream.read() != b"PAR1":
            raise Fault("fetch.truncated", f"{url} is a Parquet file without its end", "The next run fetches it again.")


def say_failed(errand: Errand, dataset: str, fault: Fault, severity: Severity) -> None:
    """A finding, and a line in the manifest, that nothing usable came for `dataset`."""
    current = errand.store.current(dataset)
    when = f"the snapshot of {current.fetched_at:%Y-%m-%d} stays in use" if current else "it is missing"
    errand.store.note(errand.source.name, dataset, "failed", errand.now, http_status=fault.status, note=fault.reason)
    errand.log.add(fault.rule, severity, f"{dataset}: {fault.reason}; {when}.", fault.fix, dataset)
