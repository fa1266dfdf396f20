"""Two snapshots side by side: activities added, removed and changed, and money moved by type, year and provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ilo_iati.history.fingerprint import Fingerprint

MoneyKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One activity that is in both snapshots with other content; `elements` are the kinds of elements that differ."""

    identifier: str
    elements: tuple[str, ...]
    line_before: int
    line_after: int


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """A sum that differs: transaction type, year, provider, currency; amounts as published."""

    transaction_type: str
    year: str
    provider: str
    currency: str
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one snapshot to another; all lists sorted, so that equal inputs give equal output."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    unchanged: int
    money: tuple[MoneyMoved, ...]

    @property
    def is_same(self) -> bool:
        """True when nothing that counts differs."""
        return not (self.added or self.removed or self.changed)


def compare(before: Iterable[Fingerprint], after: Iterable[Fingerprint]) -> Comparison:
    """Compares by identifier. An identifier that a file repeats is one entry with the content of all its activities."""
    old, old_money = _gather(before)
    new, new_money = _gather(after)
    both = sorted(set(old) & set(new))
    changed = [_change(name, old[name], new[name]) for name in both if _hashes(old[name]) != _hashes(new[name])]
    keys = sorted(set(old_money) | set(new_money))
    moved = [MoneyMoved(*key, old_money.get(key, Decimal(0)), new_money.get(key, Decimal(0))) for key in keys]
    return Comparison(
        tuple(sorted(set(new) - set(old))),
        tuple(sorted(set(old) - set(new))),
        tuple(changed),
        len(both) - len(changed),
        tuple(move for move in moved if move.difference),
    )


def _gather(found: Iterable[Fingerprint]) -> tuple[Mapping[str, list[Fingerprint]], Mapping[MoneyKey, Decimal]]:
    activities: dict[str, list[Fingerprint]] = defaultdict(list)
    sums: dict[MoneyKey, Decimal] = defaultdict(Decimal)
    for item in found:
        activities[item.identifier].append(item)
        for money in item.money:
            sums[money.transaction_type, money.year, money.provider, money.currency] += money.amount
    return activities, sums


def _hashes(items: list[Fingerprint]) -> list[str]:
    return sorted(item.content_hash for item in items)


def _change(identifier: str, old: list[Fingerprint], new: list[Fingerprint]) -> Change:
    before = {element for item in old for element in item.elements}
    after = {element for item in new for element in item.elements}
    names = {element.rsplit(":", 1)[0] for element in before ^ after}
    return Change(identifier, tuple(sorted(names)), old[0].line, new[0].line)
