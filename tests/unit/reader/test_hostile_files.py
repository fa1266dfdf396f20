"""Files made to do harm: entity bombs, external entities, depths and lengths without end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ilo_iati.reader import open_dataset
from ilo_iati.reader.cutting import PIECE_LIMIT
from tests.unit.reader.odd import activity, identifiers, places, read, wrap

BOMB = '<!DOCTYPE a [<!ENTITY l0 "lololololololololol">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
) + "]>\n"  # fmt: skip


def test_an_entity_bomb_costs_the_activity_that_sets_it_off() -> None:
    began = time.monotonic()
    documents, faults = read(wrap(activity(1), activity(2, "<x>&l9;</x>"), activity(3), head=BOMB))
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}
    assert [(fault.kind, fault.first_index) for fault in faults] == [("entity", 2)]
    assert time.monotonic() - began < 10


def test_many_bombs_take_bounded_time() -> None:
    began = time.monotonic()
    _, faults = read(wrap(*[activity(n, "<x>&l9;</x>" * 20) for n in range(3000)], head=BOMB))
    assert faults
    assert time.monotonic() - began < 60


def test_harmless_entities_are_resolved() -> None:
    documents, faults = read(wrap(activity(1, "<x>by &org; here</x>"), head='<!DOCTYPE a [<!ENTITY org "the ILO">]>\n'))
    assert not faults
    assert documents[0].root.findtext(".//x") == "by the ILO here"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a [<!ENTITY e SYSTEM "{secret}">]>',
        '<!DOCTYPE a SYSTEM "{dtd}">',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "{dtd}">%p;]>',
    ],
)
def test_nothing_is_read_from_disk(doctype: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET")
    (tmp_path / "x.dtd").write_text('<!ENTITY e "SECRET">')
    head = doctype.format(secret=tmp_path / "secret", dtd=tmp_path / "x.dtd") + "\n"
    documents, faults = read(wrap(activity(1), activity(2, "<x>&e;</x>"), head=head))
    assert "SECRET" not in str([element.text for document in documents for element in document.root.iter()])
    assert 2 not in identifiers(documents)
    assert faults


def test_nothing_is_read_from_disk_for_another_root(tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text('<!ENTITY e "SECRET">')
    data = f'<!DOCTYPE a SYSTEM "{tmp_path}/x.dtd"><a><b>&e;</b>{activity(1, "<x>&e;</x>")}</a>'.encode()
    documents, _ = read(data)
    assert "SECRET" not in str([element.text for document in documents for element in document.root.iter()])


def test_an_external_dtd_that_is_not_used_does_no_harm() -> None:
    documents, faults = read(wrap(activity(1), head='<!DOCTYPE iati-activities SYSTEM "http://x.invalid/a.dtd">\n'))
    assert (identifiers(documents), faults) == ({1: "XX-1"}, [])


def test_depth_is_limited() -> None:
    documents, faults = read(wrap(activity(1), activity(2, "<x>" * 5000 + "</x>" * 5000), activity(3)))
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}
    assert [fault.kind for fault in faults] == ["too_large"]


def test_a_text_over_ten_million_bytes_costs_its_activity() -> None:
    documents, faults = read(wrap(activity(1), activity(2, "<x>" + "y" * 10_500_000 + "</x>"), activity(3)))
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}
    assert [fault.kind for fault in faults] == ["too_large"]


def test_an_activity_over_the_limit_is_passed_over() -> None:
    huge = activity(2, "<x>yyyyyyy</x>\n" * (PIECE_LIMIT // 14))
    documents, faults = read(wrap(activity(1), huge, activity(3)))
    assert identifiers(documents) == {1: "XX-1", 3: "XX-3"}
    assert [(fault.kind, fault.first_index, fault.line) for fault in faults if fault.kind == "too_large"] == [
        ("too_large", 2, 7)
    ]
    assert faults[0].lost_bytes > PIECE_LIMIT
    assert places(documents)["XX-3"] == 12 + PIECE_LIMIT // 14


def test_a_comment_without_end_hides_the_rest_and_is_counted() -> None:
    documents, faults = read(wrap(activity(1), "<!-- ", activity(2), activity(3)))
    assert identifiers(documents) == {1: "XX-1"}
    assert faults[0].lost_bytes >= 2 * len(activity(2))


def test_an_activity_of_100_000_lines_has_true_lines() -> None:
    long = activity(2, "\n" * 70_000 + "<x>\n</x>" * 3 + "\n" * 30_000 + "<y/>")
    documents, faults = read(wrap(activity(1), long, activity(3)))
    assert not faults
    document = next(d for d in documents if d.root.find(".//y") is not None)
    text = wrap(activity(1), long, activity(3)).decode().split("\n")
    assert document.line(document.root.find(".//y")) == 1 + next(n for n, line in enumerate(text) if "<y/>" in line)
    assert places(documents)["XX-3"] == 1 + next(n for n, line in enumerate(text) if "XX-3" in line)


def test_lines_are_true_far_beyond_65_535() -> None:
    data = wrap(*[activity(n) for n in range(1, 40_001)])
    documents = list(open_dataset(data))
    found = places(documents)  # type: ignore[arg-type]
    assert all(found[f"XX-{n}"] == 4 * n for n in range(1, 40_001))
