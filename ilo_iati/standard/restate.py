"""Official code-list XML into our CSV facts: codes, names, status, dates, versions they hold in; no descriptions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, replace

from lxml import etree

from ilo_iati.errors import StandardError
from ilo_iati.spec.codelist import COLUMNS, VERSIONS, CodeRow

SENTENCES = {"UNSDG-Targets": "Target"}
"""Lists whose names are whole sentences of a resolution, so text and not facts: there a code is called `Target 1.1`."""

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class OfficialList:
    """One official XML file: its name, whether it claims to be complete, its rows without a version span."""

    name: str
    complete: bool
    rows: tuple[CodeRow, ...]


def parse_official(content: bytes, origin: str) -> OfficialList:
    """Reads one official list (both the 1.x and the 2.x form). Raises StandardError when it is anything else."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise StandardError(f"{origin}: not XML ({error}); check the address, the old list stays in use.") from error
    rows: dict[str, CodeRow] = {}
    for item in root.iter("codelist-item"):
        row = _row(item)
        # FileFormat names two media types twice; the first one counts.
        rows.setdefault(row.code, row)
    if root.tag != "codelist" or not root.get("name") or not rows:
        raise StandardError(f"{origin}: not an official code list; check the address, the old list stays in use.")
    if root.get("name") in SENTENCES:
        rows = {code: replace(row, name=f"{SENTENCES[root.get('name', '')]} {code}") for code, row in rows.items()}
    # LoanRepaymentPeriod leaves `complete` out; like the validator we read that as complete.
    return OfficialList(root.get("name", ""), root.get("complete", "1") != "0", tuple(rows.values()))


def _row(item: etree._Element) -> CodeRow:
    return CodeRow(
        (item.findtext("code") or "").strip(),
        _name(item),
        _flat(item.findtext("category")),
        item.get("status") or "active",
        item.get("activation-date") or "",
        item.get("withdrawal-date") or "",
        "",
        "",
    )


def _name(item: etree._Element) -> str:
    """The English name: the first narrative without a language or in English, in 1.x the text of `name` itself."""
    narratives = [each for each in item.findall("name/narrative") if each.get(_LANG, "en") == "en"]
    return _flat(narratives[0].text if narratives else item.findtext("name"))


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def merge_versions(lists: Mapping[str, OfficialList]) -> tuple[CodeRow, ...]:
    """Rows of one list with version spans; key 'any' serves all versions. Sorted by code, then first version."""
    if "any" in lists:
        return _sorted(replace(row, first_version=VERSIONS[0], last_version=VERSIONS[-1]) for row in lists["any"].rows)
    spans: list[CodeRow] = []
    for version in VERSIONS:
        previous = {row.code: row for row in spans if row.last_version == _before(version)}
        for row in lists[version].rows if version in lists else ():
            earlier = previous.get(row.code)
            if earlier and replace(earlier, first_version="", last_version="") == row:
                spans[spans.index(earlier)] = replace(earlier, last_version=version)
            else:
                spans.append(replace(row, first_version=version, last_version=version))
    return _sorted(spans)


def _before(version: str) -> str:
    place = VERSIONS.index(version)
    return VERSIONS[place - 1] if place else ""


def _sorted(rows: Iterable[CodeRow]) -> tuple[CodeRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.code, row.first_version)))


def to_csv(rows: Iterable[CodeRow]) -> str:
    """The CSV text of one list, columns as spec.codelist.COLUMNS."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in rows)
    return out.getvalue()
