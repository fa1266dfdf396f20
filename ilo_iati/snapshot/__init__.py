"""Raw bytes to immutable files named by their sha256, and the manifest that says where each came from and which counts.

`<root>/<source>/<dataset>/<sha256><suffix>` beside `manifest.jsonl`, one event a line, only ever appended. Bytes go to
a temporary file, are hashed while written, synced and renamed; the manifest is written last. So a kill at any moment
leaves at worst a stray temporary file, a file without a line, or a torn last line, and readers pass over all three.
"""

from ilo_iati.snapshot.manifest import Look, Snapshot
from ilo_iati.snapshot.store import Inbox, Store

__all__ = ["Inbox", "Look", "Snapshot", "Store"]
