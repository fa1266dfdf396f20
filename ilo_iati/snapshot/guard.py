"""When newly received bytes may not replace the last good ones, and when stored bytes may no longer be trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ilo_iati.findings import Finding, Severity
from ilo_iati.snapshot.manifest import Snapshot

SHRUNK_BELOW = 0.5
"""A dataset that loses more than half of its bytes or activities overnight was cut, not edited."""


def suspicion(last: Snapshot | None, dataset: str, size: int, items: int | None) -> Finding | None:
    """The reason not to trust `size` new bytes with `items` records, compared with the last good snapshot."""
    kept = f"; the snapshot of {last.fetched_at:%Y-%m-%d} stays in use" if last else ""
    fix = "Ask the publisher; if the change is meant, run `ilo-iati sources accept DATASET SHA256 --why TEXT`."
    if size == 0 or items == 0:
        what = "no bytes" if size == 0 else "nothing in it"
        return Finding("fetch.empty", Severity.ERROR, f"{dataset} arrived with {what}{kept}.", fix, "fetch", dataset)
    if last is None:
        return None
    for noun, new, old in (("bytes", size, last.bytes), ("activities", items, last.items)):
        if new is not None and old and new < old * SHRUNK_BELOW:
            text = f"{dataset} shrank from {old:,} to {new:,} {noun}{kept}."
            return Finding("fetch.shrunk", Severity.ERROR, text, fix, "fetch", dataset, value=str(new))
    return None


def damage(snapshot: Snapshot) -> Iterator[Finding]:
    """A finding when the stored file is missing or no longer has the checksum it is named by."""
    if not snapshot.path.exists():
        what = "is missing"
    elif _sha256_of(snapshot) != snapshot.sha256:
        what = "no longer matches its checksum"
    else:
        return
    text = f"Snapshot {snapshot.path.name} of {snapshot.dataset} {what}."
    fix = "Restore the snapshot folder from a backup."
    yield Finding("snapshot.damaged", Severity.CRITICAL, text, fix, "snapshot", snapshot.dataset, value=snapshot.sha256)


def _sha256_of(snapshot: Snapshot) -> str:
    with snapshot.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
