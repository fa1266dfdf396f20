"""Activities and organisations of 1.0x put into the shape of 2.03 before they are walked, each change recorded.

Works by shape, not by trust in the declared version: what is 2.0x already (a narrative, a numeric code) stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from ilo_iati.extract.plan import XML_LANG, Node, Plan
from ilo_iati.extract.walk import Walker
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml


def is_version1(version: str | None) -> bool:
    """True for 1.01 to 1.05, also written `1`, and where no version is declared: before 1.02 there was no attribute."""
    return version is None or version.strip().startswith("1")


@dataclass(frozen=True, slots=True)
class _Mapping:
    codes: dict[str, tuple[str, dict[str, str]]]
    dates: frozenset[str]
    one_a_language: frozenset[str]


@cache
def _mapping() -> _Mapping:
    """schemas/version1.yml by path of the element, below the record."""
    body = read_yaml(SCHEMAS / "version1.yml")
    codes = {}
    for rule in body["codes"]:
        element, _, attribute = rule["path"].partition("/@")
        codes[element] = (attribute, {old.lower(): new for old, new in rule["values"].items()})
    return _Mapping(codes, frozenset(body["dates"]), frozenset(body["one_a_language"]))


def modernise(record: Any, plan: Plan, walker: Walker, ordinal: int, line: Callable[[Any], int]) -> None:
    """Changes `record` in place and appends what it was to the rows of core.iati_version1_value."""
    _Moderniser(record, plan, walker, ordinal, line).run()


class _Moderniser:
    def __init__(self, record: Any, plan: Plan, walker: Walker, ordinal: int, line: Callable[[Any], int]) -> None:
        self._record, self._plan, self._walker = record, plan, walker
        self._ordinal, self._line = ordinal, line
        self._rows = walker.rows[plan.version1.index]
        self._number = 0

    def run(self) -> None:
        for tag, change in _RENAMES:
            for element in list(self._record.iter(tag)):
                change(self, element)
        self._visit(self._record, self._plan.record, "")

    def note(self, element: Any, path: str, original: str | None, mapped_path: str | None, mapped: str | None) -> None:
        """Records one change: where it stood, what it said, where it went and what it says there."""
        self._number += 1
        row = [self._ordinal, self._line(element), self._number, path, original, mapped_path, mapped]
        self._rows.append(row)
        self._walker.size += 1

    def _visit(self, element: Any, node: Node, path: str) -> None:
        """Codes, dates and texts of the element and all below it that 2.03 knows."""
        self._code(element, path)
        text = element.text
        if text and not text.isspace() and node.text is None:
            self._text(element, node, path, text)
        firsts: dict[tuple[str, str | None], Any] = {}
        for child in list(element):
            inner = node.children.get(child.tag) if isinstance(child.tag, str) else None
            if inner is None:
                continue
            below = f"{path}/{child.tag}" if path else child.tag
            self._visit(child, inner, below)
            if below in _mapping().one_a_language:
                self._merge(element, child, firsts)

    def _code(self, element: Any, path: str) -> None:
        attribute, values = _mapping().codes.get(path, ("", {}))
        old = element.get(attribute) if attribute else None
        new = values.get(old.strip().lower()) if old is not None else None
        if new is not None:
            element.set(attribute, new)
            self.note(element, f"{path}/@{attribute}", old, f"{path}/@{attribute}", new)

    def _text(self, element: Any, node: Node, path: str, text: str) -> None:
        """Text where 2.03 has none: the date of a date, a narrative where one may stand, else only recorded."""
        day = text.strip()
        if path in _mapping().dates and not element.get("iso-date"):
            element.set("iso-date", day)
            self.note(element, path, text, f"{path}/@iso-date", day)
            element.text = None
        elif path in _mapping().dates and day == (element.get("iso-date") or "").strip():
            element.text = None  # says the same twice
        elif node.narrative is not None:
            _to_narrative(element, text)
        else:
            self.note(element, path, text, None, None)
            element.text = None
            element.attrib.pop(XML_LANG, None)

    def _merge(self, parent: Any, child: Any, firsts: dict[tuple[str, str | None], Any]) -> None:
        """A second title in another language becomes a second narrative of the first title."""
        first = firsts.setdefault((child.tag, child.get("type")), child)
        if first is not child and child.find("narrative") is not None:
            for narrative in child.findall("narrative"):
                first.append(narrative)
            parent.remove(child)

    # Elements that 2.03 calls otherwise ---------------------------------------------------------------------------

    def activity_website(self, element: Any) -> None:
        """activity-website: a document link of category A12 (activity web page)."""
        link = _after(element, "document-link", {"url": (element.text or "").strip()})
        _below(link, "category", {"code": "A12"})
        self.note(element, "activity-website", element.text, "document-link/@url", link.get("url"))
        element.getparent().remove(element)

    def other_identifier(self, element: Any) -> None:
        """other-identifier: its text is @ref; @owner-ref and @owner-name are owner-org."""
        text, name = element.text, element.attrib.pop("owner-name", None)
        ref = element.attrib.pop("owner-ref", None)
        if text and not text.isspace() and element.get("ref") is None:
            element.set("ref", text.strip())
            self.note(element, "other-identifier", text, "other-identifier/@ref", text.strip())
            element.text = None
        if ref is not None or name is not None:
            owner = _below(element, "owner-org", {"ref": ref} if ref is not None else {})
            if name:
                _to_narrative(owner, name)
            self.note(element, "other-identifier/@owner-ref", ref, "other-identifier/owner-org/@ref", ref)

    def coordinates(self, element: Any) -> None:
        """coordinates: point/pos, and exactness from @precision (1 is exact, every other approximate)."""
        pair = f"{(element.get('latitude') or '').strip()} {(element.get('longitude') or '').strip()}"
        location = element.getparent()
        if location.find("point") is None and len(pair) > 1:
            point = _after(element, "point", {"srsName": "http://www.opengis.net/def/crs/EPSG/0/4326"})
            _below(point, "pos", {}).text = pair
            self.note(element, "location/coordinates", pair, "location/point/pos", pair)
        precision = element.get("precision")
        if precision and location.find("exactness") is None:
            code = "1" if precision.strip() == "1" else "2"
            _after(element, "exactness", {"code": code})
            self.note(element, "location/coordinates/@precision", precision, "location/exactness/@code", code)
        location.remove(element)

    def gazetteer_entry(self, element: Any) -> None:
        """gazetteer-entry: location-id; the agencies 1 (GeoNames) and 3 (OpenStreetMap) have a vocabulary."""
        agency = (element.get("gazetteer-ref") or "").strip()
        vocabulary = {"1": "G1", "GEO": "G1", "3": "G2", "OSM": "G2"}.get(agency, agency)
        code = (element.text or "").strip()
        new = _after(element, "location-id", {"code": code, **({"vocabulary": vocabulary} if vocabulary else {})})
        self.note(
            element, "location/gazetteer-entry/@gazetteer-ref", agency, "location/location-id/@vocabulary", vocabulary
        )
        element.getparent().remove(element)
        new.tail = None

    def location_type(self, element: Any) -> None:
        """location-type: feature-designation, same codes."""
        if element.get("code") is not None and element.getparent().find("feature-designation") is None:
            _after(element, "feature-designation", {"code": element.get("code")})
        self.note(
            element,
            "location/location-type/@code",
            element.get("code"),
            "location/feature-designation/@code",
            element.get("code"),
        )
        element.getparent().remove(element)

    def administrative(self, element: Any) -> None:
        """administrative with @country, @adm1, @adm2: one element a level; its text is only recorded."""
        # Deepest first: each is put right behind this element, so that the country comes to stand in front.
        for level, name, vocabulary in ((2, "adm2", None), (1, "adm1", None), (0, "country", "A4")):
            code = element.attrib.pop(name, None)
            if code:
                new = _after(element, "administrative", {"code": code, "level": str(level)})
                if vocabulary:
                    new.set("vocabulary", vocabulary)
                self.note(element, f"location/administrative/@{name}", code, "location/administrative/@code", code)
        if element.get("code") is None:
            if element.text and not element.text.isspace():
                self.note(element, "location/administrative", element.text, None, None)
            element.getparent().remove(element)

    def location(self, element: Any) -> None:
        """location/@percentage has no place in 2.03."""
        self._drop(element, "percentage", "location/@percentage")

    def planned_disbursement(self, element: Any) -> None:
        """planned-disbursement/@updated has no place in 2.03."""
        self._drop(element, "updated", "planned-disbursement/@updated")

    def document_link(self, element: Any) -> None:
        """document-link/@language: the element language."""
        code = element.attrib.pop("language", None)
        if code is not None:
            _below(element, "language", {"code": code})
            self.note(element, "document-link/@language", code, "document-link/language/@code", code)

    def aidtype_flag(self, element: Any) -> None:
        """crs-add/aidtype-flag: other-flags."""
        element.tag = "other-flags"
        self.note(
            element, "crs-add/aidtype-flag/@code", element.get("code"), "crs-add/other-flags/@code", element.get("code")
        )

    def description(self, element: Any) -> None:
        """The description of a result, indicator or budget item has no @type in 2.03."""
        if element.getparent() is not self._record:
            self._drop(element, "type", f"{element.getparent().tag}/description/@type")

    def iati_identifier(self, element: Any) -> None:
        """An organisation's iati-identifier is its organisation-identifier."""
        if self._plan.root_tag == "iati-organisations":
            element.tag = "organisation-identifier"
            self.note(element, "iati-identifier", element.text, "organisation-identifier", element.text)

    def _drop(self, element: Any, attribute: str, path: str) -> None:
        old = element.attrib.pop(attribute, None)
        if old is not None:
            self.note(element, path, old, None, None)


_RENAMES: tuple[tuple[str, Callable[[_Moderniser, Any], None]], ...] = (
    ("activity-website", _Moderniser.activity_website),
    ("other-identifier", _Moderniser.other_identifier),
    ("coordinates", _Moderniser.coordinates),
    ("gazetteer-entry", _Moderniser.gazetteer_entry),
    ("location-type", _Moderniser.location_type),
    ("administrative", _Moderniser.administrative),
    ("location", _Moderniser.location),
    ("planned-disbursement", _Moderniser.planned_disbursement),
    ("document-link", _Moderniser.document_link),
    ("aidtype-flag", _Moderniser.aidtype_flag),
    ("description", _Moderniser.description),
    ("iati-identifier", _Moderniser.iati_identifier),
)


def _to_narrative(element: Any, text: str) -> None:
    """The text, with the element's language, as first narrative; the element keeps its place and line."""
    narrative = etree.Element("narrative")
    narrative.text, narrative.sourceline = text, element.sourceline
    language = element.attrib.pop(XML_LANG, None)
    if language is not None:
        narrative.set(XML_LANG, language)
    element.text = None
    element.insert(0, narrative)


def _below(parent: Any, tag: str, attributes: dict[str, str]) -> Any:
    child = etree.SubElement(parent, tag, attributes)
    child.sourceline = parent.sourceline
    return child


def _after(element: Any, tag: str, attributes: dict[str, str]) -> Any:
    """A new element right behind `element`, on its line."""
    new = etree.Element(tag, attributes)
    new.sourceline = element.sourceline
    element.addnext(new)
    return new
