"""Our words for what libxml2 finds against the schema: its facts, without its grammar."""

from __future__ import annotations

import re
from typing import NamedTuple


class Said(NamedTuple):
    """What is wrong, what to do, and the offending text where there is one."""

    message: str
    fix: str
    value: str | None


_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.$")
_INVALID = re.compile(
    r"^Element '([^']*)'(?:, attribute '([^']*)')?: '(.*)' is not a valid value of the (?:\w+ )+type '([^']*)'\.",
    re.DOTALL,
)
_TYPES = {
    "xs:date": "a date, YYYY-MM-DD",
    "xs:dateTime": "a date and time, YYYY-MM-DDThh:mm:ss",
    "xs:decimal": "a number with digits, one decimal point and an optional sign only",
    "xs:positiveInteger": "a whole number above 0",
    "xs:nonNegativeInteger": "a whole number, 0 or above",
    "xs:integer": "a whole number",
    "xs:int": "a whole number",
    "xs:boolean": "true, false, 1 or 0",
    "xs:anyURI": "a web address (URI)",
    "xs:language": "a language code such as en or fr",
}


def in_our_words(kind: str, message: str) -> Said:
    """Translates one entry of libxml2's log: `kind` is its type name, `message` its text."""
    element, attribute = _subject(message)
    name = f"<{element}>" if element else "This element"
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        return _content(name, message)
    if kind in ("SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2"):
        fix = f"Remove {attribute}, correct its spelling, or put it into a namespace of your own."
        return Said(f"{name} must not have the attribute {attribute}.", fix, None)
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        return Said(f"{name} lacks its required attribute {attribute}.", f"Add {attribute} with a value.", None)
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        return Said(
            f"{name} holds text where only elements may stand.", "Move the text into a <narrative>, or remove it.", None
        )
    if kind == "SCHEMAV_CVC_ELT_1":
        return Said(f"{name} is not known to this version of the standard.", "Use an element of the standard.", None)
    invalid = _INVALID.match(message)
    if invalid:
        return _datatype(*invalid.groups())
    return Said(
        f"{name} breaks the schema ({_plain(message)}).", "Correct it by the standard's description of it.", None
    )


def _subject(message: str) -> tuple[str, str]:
    element = re.match(r"Element '(?:\{[^}]*\})?([^']*)'", message)
    attribute = re.search(r"[Aa]ttribute '(?:\{([^}]*)\})?([^']*)'", message)
    return (element[1] if element else ""), ("@" + attribute[2] if attribute else "")


def _content(name: str, message: str) -> Said:
    found = _EXPECTED.search(message)
    wanted = [each.strip() for each in found[1].split(",")] if found else []
    known = ", ".join(f"<{each}>" for each in wanted if not each.startswith("##"))
    if "Missing child" in message:
        return Said(f"{name} is incomplete: {known or 'an element'} should come next.", f"Add {known or 'it'}.", None)
    where = f"{known} could stand here" if known else "nothing of the standard may follow here"
    fix = "Move it to its place in the schema's order, remove a repetition, or put it into a namespace of your own."
    return Said(f"{name} must not stand here; {where}.", fix, None)


def _datatype(element: str, attribute: str | None, value: str, kind: str) -> Said:
    wanted = _TYPES.get(kind, f"of the type {kind}")
    place = f"@{_local(attribute)} of <{_local(element)}>" if attribute else f"<{_local(element)}>"
    shown = value if len(value) <= 60 else value[:57] + "..."
    what = f"is '{shown}'" if value.strip() else "is empty"
    return Said(f"{place} {what}, which is not {wanted}.", f"Give {wanted}.", value)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _plain(message: str) -> str:
    return re.sub(r"^Element '[^']*'[:,] ", "", message).strip().rstrip(".")
