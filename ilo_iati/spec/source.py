"""schemas/sources/*.yml into frozen Source objects: where each source lies, how often it changes, what is odd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from ilo_iati.errors import SpecError
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml, require

KINDS = ("iati", "oecd", "files")
FORMS = ("bulk_data_service", "dashboard", "ckan")
WAYS = ("drop", "bulk", "api")
USER_AGENT = f"ilo-iati/{version('ilo-iati')} (open-data pipeline for the ILO's IATI publication; python-requests)"
"""Sent to every source unless its file says otherwise: says what it is and imitates nothing."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, in the three names the catalogues use."""

    short_name: str
    organisation_identifier: str
    uuid: str


@dataclass(frozen=True, slots=True)
class CatalogueWay:
    """One place to ask which datasets exist; `form` is one of FORMS."""

    name: str
    form: str
    url: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file at a fixed address. `optional`: its absence is an advisory, not an error.

    `replaces`: datasets of the same source whose rows are not read for the years that this one holds.
    """

    dataset: str
    url: str
    format: str
    about: str
    optional: bool = False
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sdmx:
    """A dataflow of the OECD's SDMX API: address patterns, the dimensions of its key, the keys, year blocks.

    `key` asks for the rows, `key_without_unverified` does where that one is refused, `own_key` for the rows that the
    ILO itself reports.
    """

    flow: str
    agency: str
    known_version: str
    dataflow_url: str
    structure_url: str
    data_url: str
    dimensions: tuple[str, ...]
    key: str
    first_year: int
    years_per_call: int
    key_without_unverified: str = ""
    own_key: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Bulk files named in a dataflow's annotations: the label (`{year}` when one a year) and trusted host endings."""

    label: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """How politely and how cautiously to ask: seconds, bytes, and how many times a packed file may grow."""

    requests_per_minute: float
    connect_timeout: float
    read_timeout: float
    max_bytes: int
    max_ratio: float
    why: str
    headers: Mapping[str, str]
    user_agent: str = USER_AGENT


@dataclass(frozen=True, slots=True)
class Expected:
    """How many datasets a healthy source has, and why the bounds are where they are.

    Tables only: `rows_differ_pct` more or fewer rows than in the last release is worth a warning, a loss of more than
    `rows_lost_pct` sets the table aside.
    """

    min_datasets: int
    max_datasets: int
    why: str
    rows_differ_pct: float = 20
    rows_lost_pct: float = 40


@dataclass(frozen=True, slots=True)
class IgnoredPath:
    """A path of the published documents that no table claims, with the reason."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Quirk:
    """One oddity of the publisher: an id for code and tests, where it shows, why it is treated as it is."""

    id: str
    where: str
    why: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One source of raw bytes. By `kind`, one of `catalogue`, `sdmx` and `files` says where its datasets are.

    `columns`: for tables, each layout that may arrive with the columns it cannot do without, spellings parted by `|`.
    """

    name: str
    title: str
    kind: str
    about: str
    licence: str
    attribution: str
    cadence_days: int
    cadence_why: str
    client: Client
    expect: Expected
    ignored_paths: tuple[IgnoredPath, ...]
    quirks: tuple[Quirk, ...]
    licence_note: str | None = None
    home_page: str | None = None
    publisher: Publisher | None = None
    catalogue: tuple[CatalogueWay, ...] = ()
    files: tuple[SourceFile, ...] = ()
    dataset: str | None = None
    ways: tuple[str, ...] = ()
    sdmx: Sdmx | None = None
    bulk: Bulk | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    file: Path | None = None

    @property
    def takes_drops(self) -> bool:
        """Whether a file an officer downloaded by hand is taken up."""
        return self.kind == "files" or "drop" in self.ways

    def quirk(self, name: str) -> Quirk:
        """The quirk called `name`. Raises KeyError."""
        return {quirk.id: quirk for quirk in self.quirks}[name]


_NEEDED = (
    "source",
    "title",
    "kind",
    "about",
    "licence",
    "attribution",
    "cadence_days",
    "cadence_why",
    "client",
    "expect",
    "quirks",
)
_KNOWN = (
    "ignored_paths",
    "licence_note",
    "home_page",
    "publisher",
    "catalogue",
    "files",
    "dataset",
    "ways",
    "ways_why",
    "sdmx",
    "bulk",
    "columns",
)
_PLACES = {
    "iati": ("publisher", "catalogue"),
    "oecd": ("dataset", "ways", "ways_why", "sdmx", "bulk", "columns"),
    "files": ("files", "columns"),
}


def _build(path: Path, kind: Callable[..., T], body: Any, **defaults: Any) -> T:
    """`kind(**body)`, lists as tuples. Raises SpecError where a field is missing or unknown."""
    known = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    if not isinstance(body, Mapping) or set(body) - set(known):
        raise SpecError(f"{path}: {kind.__name__} takes {', '.join(known)}; found {body!r}.")
    try:
        return kind(
            **defaults | {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}
        )
    except TypeError as error:
        raise SpecError(f"{path}: {kind.__name__}: {error}; add the missing key.") from None


def _several(path: Path, kind: Callable[..., T], bodies: Any) -> tuple[T, ...]:
    return tuple(_build(path, kind, body) for body in bodies or ())


def _one(path: Path, kind: Callable[..., T], body: Any) -> T | None:
    return None if body is None else _build(path, kind, body)


def read_source(path: Path) -> Source:
    """The source declared in `path`. Raises SpecError."""
    body = read_yaml(path)
    require(path, body, _NEEDED, _KNOWN)
    if path.stem != body["source"] or body["kind"] not in KINDS:
        raise SpecError(f"{path}: source must be called as its file, kind one of {', '.join(KINDS)}.")
    require(path, {key: body.get(key) for key in _PLACES[body["kind"]]}, _PLACES[body["kind"]], ())
    source = Source(
        name=body["source"],
        client=_build(path, Client, body["client"], headers={}),
        expect=_build(path, Expected, body["expect"]),
        ignored_paths=_several(path, IgnoredPath, body.get("ignored_paths")),
        quirks=_several(path, Quirk, body["quirks"]),
        publisher=_one(path, Publisher, body.get("publisher")),
        catalogue=_several(path, CatalogueWay, body.get("catalogue")),
        files=_several(path, SourceFile, body.get("files")),
        ways=tuple(body.get("ways", ())),
        sdmx=_one(path, Sdmx, body.get("sdmx")),
        bulk=_one(path, Bulk, body.get("bulk")),
        columns={name: tuple(needed) for name, needed in (body.get("columns") or {}).items()},
        file=path,
        **{key: body[key] for key in _NEEDED[1:8]},
        **{key: body.get(key) for key in ("licence_note", "home_page", "dataset")},
    )
    _refuse_unknown_words(path, source)
    return source


def _refuse_unknown_words(path: Path, source: Source) -> None:
    wrong = [way.form for way in source.catalogue if way.form not in FORMS] + [
        way for way in source.ways if way not in WAYS
    ]
    if wrong:
        raise SpecError(
            f"{path}: {', '.join(wrong)} is not known; catalogue forms are {', '.join(FORMS)}, ways {', '.join(WAYS)}."
        )


@cache
def load_sources(schemas: Path = SCHEMAS) -> Mapping[str, Source]:
    """Every declared source by name, in order of file name. Raises SpecError."""
    sources = (read_source(path) for path in sorted((schemas / "sources").glob("*.yml")))
    return {source.name: source for source in sources}
