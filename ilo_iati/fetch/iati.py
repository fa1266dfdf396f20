"""A publisher's IATI files: ask the catalogues in turn, take the cached copy of each dataset, distrust it, keep it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ilo_iati.fetch.catalogue import Entry, entries
from ilo_iati.fetch.content import (
    count_records,
    is_cut_short,
    read_member,
    refuse_broken_zip,
    refuse_unlike_iati,
    zip_members,
)
from ilo_iati.fetch.http import Reply, Web
from ilo_iati.fetch.result import Fault, InboxLike, Log, SnapshotLike, StoreLike, finding
from ilo_iati.findings import Finding, Severity
from ilo_iati.spec.source import Source

_KEPT = "the last good snapshot stays in use"
_NO_ADDRESS = Fault(
    "fetch.no_address", "the catalogue names no address for it", "Ask the publisher to register the file's address."
)


def refresh_iati(
    source: Source, store: StoreLike, web: Web, now: datetime, log: Log, illustrative: bool = False
) -> None:
    """Brings every dataset of the publisher up to date; what goes wrong goes to `log` and the rest goes on."""
    found = _ask_catalogues(source, web, log)
    if found is None:
        return
    way, listed = found
    log.reached = True
    _note_count(source, listed, log)
    _note_vanished(source, store, listed, way, now, log)
    for entry in listed:
        _Dataset(source, store, web, now, log, entry, way, illustrative).refresh()


def _ask_catalogues(source: Source, web: Web, log: Log) -> tuple[str, list[Entry]] | None:
    """The first catalogue that answers, and its list; a finding for each that does not."""
    assert source.publisher is not None
    for way in source.catalogue:
        try:
            return way.name, entries(web, way, source.publisher)
        except Fault as fault:
            last = way is source.catalogue[-1]
            then = _KEPT if last else "the next catalogue is asked"
            severity = Severity.ERROR if last else Severity.WARNING
            log.add(fault.rule, severity, f"{way.name}: {fault.reason}; {then}.", fault.fix, source.name)
    return None


def _note_count(source: Source, listed: list[Entry], log: Log) -> None:
    low, high = source.expect.min_datasets, source.expect.max_datasets
    if not low <= len(listed) <= high:
        text = f"{source.name} lists {len(listed)} datasets where {low} to {high} are expected."
        log.add("fetch.dataset_count", Severity.WARNING, text, source.expect.why, source.name, str(len(listed)))


def _note_vanished(source: Source, store: StoreLike, listed: list[Entry], way: str, now: datetime, log: Log) -> None:
    names = {entry.name for entry in listed}
    for dataset in store.datasets(source.name):
        current = store.current(dataset)
        if dataset in names or current is None:
            continue
        text = f"{dataset} is no longer listed by {way}; the snapshot of {current.fetched_at:%Y-%m-%d} stays in use."
        fix = "Ask the publisher; if it was withdrawn on purpose, run `ilo-iati sources retire DATASET --why TEXT`."
        store.note(source.name, dataset, "vanished", now, note=text)
        log.add("fetch.vanished", Severity.ERROR, text, fix, dataset)


class _Dataset:
    """The refresh of one dataset: what was there, where to ask, and what came."""

    def __init__(
        self, source: Source, store: StoreLike, web: Web, now: datetime, log: Log, entry: Entry, way: str,
        illustrative: bool,
    ) -> None:  # fmt: skip
        self.source, self.store, self.web, self.now, self.log = source, store, web, now, log
        self.entry, self.way, self.illustrative = entry, way, illustrative
        self.current: SnapshotLike | None = store.current(entry.name)

    def refresh(self) -> None:
        """Skips an unchanged dataset, else takes the first address that gives something usable."""
        name, why = self.entry.name, self._unchanged()
        if why:
            self.store.note(self.source.name, name, "unchanged", self.now, note=why)
            return
        faults: list[Fault] = []
        addresses = list(self._addresses())
        for url, kind in addresses:
            try:
                self._take(url, kind)
                break
            except Fault as fault:
                faults.append(fault)
            except OSError as error:
                # A full disk concerns every dataset, but the last good ones are still there to build from.
                faults.append(Fault("fetch.not_stored", f"{url} could not be stored ({error})", "Free disk space."))
        else:
            self._give_up(faults)
            return
        self._say_fallback(faults)

    def _unchanged(self) -> str:
        """Why no download is needed, else an empty text."""
        known = self.current.catalogue if self.current else {}
        if self.entry.hash and self.entry.hash == known.get("hash"):
            return "the catalogue's hash is the one stored"
        stampless = self.entry.hash_without_stamp
        if stampless and stampless == known.get("hash_without_stamp"):
            return "only the generation stamp changed"
        return ""

    def _addresses(self) -> Iterator[tuple[str, str]]:
        if self.entry.copy_url:
            yield self.entry.copy_url, "copy"
        if self.entry.zip_url:
            yield self.entry.zip_url, "zip"
        if self.entry.source_url:
            yield self.entry.source_url, "source"

    def _take(self, url: str, kind: str) -> None:
        """Downloads, checks and keeps. Raises Fault when the address gives nothing usable."""
        name = self.entry.name
        # The server's own validators only say something about the address they came from.
        same = self.current if self.current and self.current.url == url else None
        with self.store.receive(self.source.name, name) as inbox:

            def start() -> Any:
                inbox.restart()
                return inbox.write

            reply = self.web.save(url, start, same.etag if same else None, same.last_modified if same else None)
            if reply.status == 304:
                self.store.note(self.source.name, name, "unchanged", self.now, http_status=304, note="not modified")
                return
            inbox.close()
            if kind == "zip":
                with self.store.receive(self.source.name, name) as unpacked:
                    self._unpack(inbox, unpacked, url)
                    self._keep(unpacked, url, kind, reply)
            else:
                self._keep(inbox, url, kind, reply)

    def _unpack(self, packed: InboxLike, unpacked: InboxLike, url: str) -> None:
        """The XML of a zip copy; the catalogue's hash is that of the XML, so the XML is what is kept."""
        client = self.source.client
        refuse_broken_zip(packed.path, url, client.max_bytes, client.max_ratio)
        names = [name for name in zip_members(packed.path, url) if name.lower().endswith(".xml")]
        if len(names) != 1:
            fix = "Take the unpacked copy or the publisher's own file instead."
            raise Fault("fetch.bad_zip", f"{url} holds {len(names)} XML files where one is expected", fix)
        for piece in read_member(packed.path, names[0], url, client.max_bytes, client.max_ratio):
            unpacked.write(piece)
        unpacked.close()

    def _keep(self, inbox: InboxLike, url: str, kind: str, reply: Reply) -> None:
        refuse_unlike_iati(inbox.path, url)
        suspect = self._suspect(inbox, kind, url)
        facts = {
            "fetched_at": self.now,
            "url": url,
            "final_url": reply.final_url,
            "http_status": reply.status,
            "headers": reply.headers,
            "catalogue": self._catalogue_facts(inbox),
            "licence": self.entry.licence or self.source.licence,
            "items": count_records(inbox.path),
            "is_illustrative": self.illustrative or reply.is_illustrative,
        }
        snapshot, findings = inbox.keep(facts, ".xml", suspect)
        self.log.findings.extend(findings)
        if suspect and suspect.rule_id == "fetch.wrong_hash":
            raise Fault(suspect.rule_id, f"{url} is not the file the catalogue describes", suspect.fix)
        if not findings and (self.current is None or snapshot.sha256 != self.current.sha256):
            self.log.changed.append(self.entry.name)

    def _catalogue_facts(self, inbox: InboxLike) -> dict[str, Any]:
        """What the catalogue says, its hashes only where they are those of these bytes: they decide what is skipped."""
        facts = self.entry.facts(self.way)
        if self.entry.hash and _sha1(inbox) != self.entry.hash.lower():
            return {key: text for key, text in facts.items() if not key.startswith("hash")}
        return facts

    def _suspect(self, inbox: InboxLike, kind: str, url: str) -> Finding | None:
        """Bytes that are kept as evidence but must not count: another file than announced, or one cut short."""
        if kind != "source" and self.entry.hash and _sha1(inbox) != self.entry.hash.lower():
            text = f"{self.entry.name}: {url} has another SHA-1 than the catalogue states; it is set aside."
            fix = "The copy is being replaced or is damaged; the next run takes it when both agree."
            return finding("fetch.wrong_hash", Severity.WARNING, text, fix, self.entry.name)
        if self.current and inbox.path.stat().st_size and is_cut_short(inbox.path):
            text = f"{self.entry.name}: {url} does not end with its root element; {_KEPT}."
            fix = "Tell the publisher that the file is cut short."
            return finding("fetch.truncated", Severity.ERROR, text, fix, self.entry.name)
        return None

    def _give_up(self, faults: list[Fault]) -> None:
        name = self.entry.name
        reasons = "; ".join(each.reason for each in faults or [_NO_ADDRESS])
        when = f"the snapshot of {self.current.fetched_at:%Y-%m-%d} stays in use" if self.current else "it is missing"
        # Something unusable that came tells more than a status of error, and an address more than its replacement.
        fault = min(faults, key=lambda each: each.status is not None, default=_NO_ADDRESS)
        self.store.note(self.source.name, name, "failed", self.now, http_status=fault.status, note=reasons)
        self.log.add(fault.rule, Severity.ERROR, f"{name}: {reasons}; {when}.", fault.fix, name)

    def _say_fallback(self, faults: list[Fault]) -> None:
        name = self.entry.name
        for fault in faults:
            text = f"{name}: {fault.reason}; another address answered instead."
            self.log.add(fault.rule, Severity.WARNING, text, fault.fix, name)
        if not self.entry.copy_url and self.way == self.source.catalogue[0].name:
            text = f"{name}: {self.way} has no good copy; the publisher's own address was asked."
            self.log.add("fetch.no_good_copy", Severity.ADVISORY, text, "Nothing, unless it stays so.", name)


def _sha1(inbox: InboxLike) -> str:
    with inbox.path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
