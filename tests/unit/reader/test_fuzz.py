"""Random damage: never a crash, never a hang, always documents or a fault, and nothing uncounted."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from ilo_iati.reader import BREAKS_XML, Document, Fault, open_dataset
from tests.conftest import shared_dir
from tests.unit.reader.odd import activity, wrap

pytestmark = pytest.mark.slow
BASES = {
    "plain": wrap(*[activity(n) for n in range(1, 9)]),
    "marks": wrap(
        *[activity(n, "<!-- <iati-activity> --><x><![CDATA[</iati-activity>]]></x><?p ?>") for n in range(1, 9)]
    ),
    "doctype": wrap(*[activity(n, "<x>&o;</x>") for n in range(1, 9)], head='<!DOCTYPE a [<!ENTITY o "org">]>\n'),
    "utf-16": wrap(*[activity(n) for n in range(1, 9)], head="").decode().encode("utf-16"),
    "wrapped": b"<result>" + wrap(*[activity(n) for n in range(1, 9)], head="") + b"</result>",
}
SNIPPETS = (
    b"<",
    b">",
    b"&",
    b"\0",
    b"\xff",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"</iati-activity>",
    b"<iati-activity>",
)


def damage(draw: random.Random, data: bytes) -> bytes:
    """One to four random changes: a byte flipped, a snippet put in, a stretch left out, the end cut off."""
    changed = bytearray(data)
    for _ in range(draw.randrange(1, 5)):
        at = draw.randrange(len(changed) or 1)
        kind = draw.randrange(6)
        if kind <= 2:
            changed[at : at + 1] = bytes([draw.randrange(256)])
        elif kind == 3:
            changed[at:at] = draw.choice(SNIPPETS)
        elif kind == 4:
            del changed[at : at + draw.randrange(1, 60)]
        else:
            del changed[len(changed) - draw.randrange(1, 30) :]
    return bytes(changed)


def survives(data: bytes) -> None:
    began = time.monotonic()
    documents = faults = broken = 0
    last = 0
    for item in open_dataset(data):
        if isinstance(item, Fault):
            faults += 1
            broken += item.kind in BREAKS_XML
            assert item.message
            assert item.lost_bytes >= 0
        else:
            documents += 1
            assert item.first_index >= last
            last = item.first_index
            lines = [item.line(element) for element in item.activities]
            assert lines == sorted(lines)
            assert all(1 <= line <= data.count(b"\n") + 1 for line in lines)
    assert documents + faults
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", BASES)
def test_damaged_small_files(name: str) -> None:
    draw = random.Random(name)
    for _ in range(400):
        survives(damage(draw, BASES[name]))


def test_random_bytes() -> None:
    draw = random.Random(5)
    for size in (1, 3, 10, 100, 5000):
        for _ in range(20):
            survives(draw.randbytes(size))


def test_a_fault_exactly_when_the_whole_file_is_not_well_formed() -> None:
    """Our pieces and one strict parse of the whole agree on whether anything is wrong."""
    from lxml import etree

    draw = random.Random(11)
    for _ in range(600):
        data = damage(draw, BASES["plain"])
        try:
            etree.fromstring(data)
            sound = True
        except etree.XMLSyntaxError:
            sound = False
        ours = not any(isinstance(item, Fault) and item.kind in BREAKS_XML for item in open_dataset(data))
        assert ours == sound, data


@pytest.mark.shared
def test_damaged_real_files() -> None:
    draw = random.Random(7)
    paths = sorted(shared_dir("data", "real").glob("*.xml")) + sorted(shared_dir("data", "ilo", "xml").rglob("*.xml"))
    for path in paths:
        data = Path(path).read_bytes()[:300_000]
        for _ in range(3):
            survives(damage(draw, data))


def test_documents_are_documents() -> None:
    assert isinstance(next(iter(open_dataset(BASES["plain"]))), Document)
