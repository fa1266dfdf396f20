"""Fault: what of a file could not be read, where, and how much was lost; and libxml2's errors put in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

BREAKS_XML = frozenset({"malformed", "truncated", "encoding", "empty", "entity", "too_large", "compressed", "text"})
"""Kinds that mean the file is not well-formed XML; the others (`html`, `not_iati`) are about what the XML holds."""
DEFAULT_FIX = "Correct the XML at this line and check the file again."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that could not be read.

    `line`: 1-based line in the file as received, None where no line applies. `kind`: one of BREAKS_XML, html, not_iati.
    `lost_bytes`: bytes of the file from which nothing was read because of it (0: nothing was lost).
    `first_index`: 1-based position in the file of the activity it concerns, None when it concerns no activity.
    `identifier`: that activity's iati-identifier where it can still be made out.
    """

    line: int | None
    kind: str
    message: str
    lost_bytes: int = 0
    first_index: int | None = None
    identifier: str | None = None
    fix: str = DEFAULT_FIX


WORDS: dict[int, tuple[str, str]] = {
    4: ("malformed", "there is text where an element should begin"),
    5: ("malformed", "there is something after the end of the document's last element"),
    9: ("malformed", "a character that XML does not allow"),
    26: ("entity", "an entity is used that the file does not define"),
    27: ("entity", "an entity is used that the file does not define"),
    32: ("encoding", "the declared encoding is not known"),
    38: ("malformed", "a '<' stands inside an attribute value or its closing quote is missing"),
    39: ("malformed", "an attribute value has no quotes"),
    41: ("malformed", "an attribute has no value"),
    42: ("malformed", "an element has the same attribute twice"),
    45: ("too_large", "a comment is longer than 10 million bytes"),
    63: ("too_large", "a CDATA section is longer than 10 million bytes"),
    64: ("malformed", "the XML declaration does not stand at the very beginning"),
    65: ("malformed", "a space is missing between attributes"),
    68: ("malformed", "a bare '&' (write &amp;)"),
    73: ("malformed", "a tag is not closed by '>'"),
    76: ("malformed", "an end tag does not match the element it should close"),
    77: ("truncated", "the file ends before its elements are closed"),
    80: ("malformed", "'--' stands inside a comment"),
    81: ("encoding", "bytes that the declared encoding does not allow"),
    89: ("entity", "an entity refers to itself"),
    108: ("malformed", "the XML version is not 1.0"),
    114: ("too_large", "a limit on size or depth is passed"),
    201: ("malformed", "a namespace prefix is used that the file does not declare"),
    1543: ("entity", "an external entity or DTD is asked for; it is never fetched"),
}

UNCLOSED = {45: "a comment is never closed", 63: "a CDATA section is never closed"}
"""libxml2 has one code for too long and for unclosed."""

FIXES: dict[str, str] = {
    "encoding": "Save the file as UTF-8, or declare the encoding it is really in.",
    "entity": "Write the text itself instead of an entity; only &amp; &lt; &gt; &quot; &apos; are safe.",
    "too_large": "Shorten the text or split the element; no activity needs texts over 10 MB or 256 levels of elements.",
    "truncated": "Fetch or export the file again; its end is missing.",
}


def explain(error: etree.XMLSyntaxError) -> tuple[str, str, str]:
    """Kind, what is wrong in plain words, and the fix, for one error of libxml2."""
    text = (error.msg or "").strip()
    error_code = getattr(error, "code", None) or 0
    kind, words = WORDS.get(error_code, ("malformed", "the XML is not well-formed"))
    if error_code in UNCLOSED and "too big" not in text:
        kind, words = "malformed", UNCLOSED[error_code]
    if "amplification" in text:
        kind, words = "entity", "entities expand to far more text than the file holds (an entity bomb)"
    detail = text.split(", line ", 1)[0].strip()
    if detail and detail != "(null)":
        words += f" (parser: {detail})"
    return kind, words, FIXES.get(kind, DEFAULT_FIX)
