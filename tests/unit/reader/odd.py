"""Small IATI documents, sound and damaged, made for these tests."""

from __future__ import annotations

from ilo_iati.reader import Document, Fault, open_dataset

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def activity(number: int, extra: str = "") -> str:
    """One activity on four lines, ending with a newline."""
    return (
        "<iati-activity>\n"
        f"  <iati-identifier>XX-{number}</iati-identifier>{extra}\n"
        f"  <title><narrative>Title {number}</narrative></title>\n"
        "</iati-activity>\n"
    )


def wrap(*activities: str, head: str = DECLARATION, attributes: str = ' version="2.03"') -> bytes:
    """A file of the given activities; the first begins on line 3."""
    return (f"{head}<iati-activities{attributes}>\n" + "".join(activities) + "</iati-activities>\n").encode()


def read(data: bytes) -> tuple[list[Document], list[Fault]]:
    """All documents and all faults of a file."""
    items = list(open_dataset(data))
    return [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, Fault)]


def identifiers(documents: list[Document]) -> dict[int, str]:
    """Index in the file to identifier, of all activities read."""
    found = {}
    for document in documents:
        for index, element in enumerate(document.activities, document.first_index):
            assert index not in found
            found[index] = (
                element.findtext("iati-identifier") or element.findtext("organisation-identifier") or ""
            ).strip()
    return found


def places(documents: list[Document]) -> dict[str, int]:
    """Identifier to the line of its element."""
    return {
        (element.text or ""): document.line(element)
        for document in documents
        for element in document.root.iter("iati-identifier")
    }
