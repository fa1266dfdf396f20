"""Code lists made anew from official XML, on this machine or in the repository, with what changed said code by code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from ilo_iati.errors import IloIatiError, StandardError
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.codelist import VERSIONS, CodeRow, list_pins, read_rows
from ilo_iati.spec.reading import read_yaml
from ilo_iati.standard.lists import RefreshedList, list_folder, refreshed_lists, save_refreshed
from ilo_iati.standard.restate import OfficialList, merge_versions, parse_official, to_csv
from ilo_iati.standard.store import Store
from ilo_iati.standard.update import get_bytes

Rows = tuple[CodeRow, ...]

MANY = 8
"""Codes named in a printed line before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one list: codes added, removed, newly withdrawn, reinstated, renamed; or why the old one stays."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    reinstated: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    failure: str = ""

    @property
    def is_change(self) -> bool:
        return bool(self.added or self.removed or self.withdrawn or self.reinstated or self.renamed)

    def __str__(self) -> str:
        if self.failure:
            return f"{self.name}: kept as it was. {self.failure}"
        parts = ((label, getattr(self, label)) for label in ("added", "removed", "withdrawn", "reinstated", "renamed"))
        said = [f"{label} {_some(codes)}" for label, codes in parts if codes]
        return f"{self.name}: {'; '.join(said) or 'no change'}"


def _some(codes: tuple[str, ...]) -> str:
    rest = len(codes) - MANY
    return ", ".join(codes[:MANY]) + (f" and {rest} more" if rest > 0 else "")


def compare(name: str, old: Iterable[CodeRow], new: Iterable[CodeRow]) -> Change:
    """What `new` changes; rows are the same code where code and first version agree."""
    before = {(row.code, row.first_version): row for row in old}
    after = {(row.code, row.first_version): row for row in new}
    both = [(before[key], after[key]) for key in sorted(before.keys() & after.keys())]
    return Change(
        name,
        tuple(code for code, _ in sorted(after.keys() - before.keys())),
        tuple(code for code, _ in sorted(before.keys() - after.keys())),
        tuple(new.code for was, new in both if (was.status, new.status) == ("active", "withdrawn")),
        tuple(new.code for was, new in both if (was.status, new.status) == ("withdrawn", "active")),
        tuple(new.code for was, new in both if was.name != new.name),
    )


def refresh_lists(
    store: Store, session: requests.Session, url: str, retrieved: str, schemas: Path = SCHEMAS
) -> Iterator[Change]:
    """Fetches every list that is not frozen from `url`/<name>.xml for this machine; yields what changed, list by list.

    A list that fails keeps its old state and says so. All new lists count at once, when the last one is through.
    `retrieved` is the date to record.
    """
    entries, texts = dict(refreshed_lists(store.root)), {}
    for name, pin in list_pins(schemas).items():
        if pin.kind != "non-embedded":
            continue
        own = read_rows(schemas / "codelists" / f"{name}.csv")
        old = entries[name].rows(list_folder(store.root)) if name in entries else own
        try:
            content = get_bytes(session, f"{url}/{name}.xml")
            official = _checked(name, parse_official(content, f"{url}/{name}.xml"), old)
        except IloIatiError as error:
            yield Change(name, failure=str(error))
            continue
        rows, text = merge_versions({"any": official}), to_csv(merge_versions({"any": official}))
        digest = hashlib.sha256(text.encode()).hexdigest()
        entry = RefreshedList(
            f"{name}.{digest[:12]}.csv",
            digest,
            official.complete,
            f"{url}/{name}.xml",
            hashlib.sha256(content).hexdigest(),
            retrieved,
        )
        if rows == own and official.complete == pin.complete:
            entries.pop(name, None)
        else:
            entries[name], texts[entry.file] = entry, text
        yield compare(name, old, rows)
    save_refreshed(store.root, entries, texts)


def _checked(name: str, official: OfficialList, old: tuple[CodeRow, ...]) -> OfficialList:
    """Refuses another list under this name, and a list that lost more than half of its codes."""
    if official.name != name:
        raise StandardError(f"The file names itself {official.name}.")
    if len(official.rows) * 2 < len({row.code for row in old}):
        raise StandardError(f"It would shrink to {len(official.rows)} codes, less than half; look at the source first.")
    return official


def restate_repository(place: str, session: requests.Session, restated: str, schemas: Path = SCHEMAS) -> list[Change]:
    """Rewrites schemas/codelists from the official XML at `place`; returns what changed, PINS.yml brought up to date.

    `place` is a folder (<version>/<Name>.xml for embedded lists, non-embedded/, xml/ or itself for the others) or an
    address that serves <Name>.xml for the others. `restated` is the date to record. Raises StandardError if none.
    """
    found = dict(_from_url(place, session, schemas) if "://" in place else _from_folder(Path(place)))
    if not found:
        raise StandardError(
            f"{place} has no official code lists; name a folder of <Name>.xml files or an address of them."
        )
    changes, texts, pins = [], {}, {}
    for name, contents in sorted(found.items()):
        try:
            rows, complete, old = _restated(name, contents, schemas)
        except IloIatiError as error:
            changes.append(Change(name, failure=str(error)))
            continue
        changes.append(compare(name, old, rows))
        texts[f"{name}.csv"] = to_csv(rows)
        pins[name] = {
            "kind": "non-embedded" if "any" in contents else "embedded",
            "complete": complete,
            "files": {version: hashlib.sha256(content).hexdigest() for version, content in contents.items()},
        }
    texts["PINS.yml"] = _pins_text(schemas, pins, place, restated)
    _write_all(schemas / "codelists", texts)
    list_pins.cache_clear()
    return changes


def _restated(name: str, contents: Mapping[str, bytes], schemas: Path) -> tuple[Rows, bool, Rows]:
    """New rows, completeness and old rows of one list. Raises StandardError when the new ones cannot be right."""
    path = schemas / "codelists" / f"{name}.csv"
    old = read_rows(path) if path.exists() else ()
    pin = list_pins(schemas).get(name)
    if pin and set(pin.files) - set(contents):
        raise StandardError(f"Its files for {', '.join(sorted(set(pin.files) - set(contents)))} are not there.")
    parsed = {version: parse_official(content, f"{name} ({version})") for version, content in contents.items()}
    for version, official in parsed.items():
        _checked(name, official, tuple(row for row in old if version == "any" or row.holds_in(version)))
    return merge_versions(parsed), all(official.complete for official in parsed.values()), old


def _from_folder(place: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """(name, {version or 'any': content}) of every official list below a folder."""
    shared = next(
        (folder for folder in (place / "non-embedded", place / "xml", place) if any(folder.glob("*.xml"))), place
    )
    contents: dict[str, dict[str, bytes]] = {}
    for version, folder in [*((version, place / version) for version in VERSIONS), ("any", shared)]:
        for path in sorted(folder.glob("*.xml")):
            if path.stem != "mapping":
                contents.setdefault(path.stem, {})[version] = path.read_bytes()
    yield from contents.items()


def _from_url(place: str, session: requests.Session, schemas: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    for name, pin in list_pins(schemas).items():
        if pin.kind == "non-embedded":
            yield name, {"any": get_bytes(session, f"{place.rstrip('/')}/{name}.xml")}


def _pins_text(schemas: Path, pins: Mapping[str, Mapping[str, object]], place: str, restated: str) -> str:
    """PINS.yml with the entries of `pins`; a list whose official file changed says where its facts now come from."""
    body = read_yaml(schemas / "codelists" / "PINS.yml")
    for name, entry in pins.items():
        known = body["lists"].get(name)
        if known is None or known["files"] != entry["files"]:
            source = place if "://" in place else "a local copy of the official files"
            body["lists"][name] = {**entry, "source": f"{source}, {restated}"}
    body["lists"] = dict(sorted(body["lists"].items()))
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=120)


def _write_all(folder: Path, texts: Mapping[str, str]) -> None:
    """All files written beside the old ones first, then renamed one by one, PINS.yml last."""
    for name, text in texts.items():
        (folder / f".{name}.partial").write_text(text, encoding="utf-8")
    for name in texts:
        os.replace(folder / f".{name}.partial", folder / name)
