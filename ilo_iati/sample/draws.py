"""Seeded choices without a stream: each is a hash of the seed and its own key, so adding one never moves another."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

SEED = "ilo-iati sample 1"
T = TypeVar("T")


def draw(*key: object) -> float:
    """A number in [0, 1) that depends on the seed and `key` only; the same on every machine and Python."""
    text = "\x1f".join([SEED, *map(str, key)])
    return int.from_bytes(sha256(text.encode()).digest()[:6], "big") / 2**48


def pick(options: Sequence[T], *key: object) -> T:
    """One of `options`, evenly."""
    return options[int(draw(*key) * len(options))]


def between(low: int, high: int, *key: object) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(draw(*key) * (high - low + 1))


def split(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts after `weights`; the parts add to `total` exactly (the last takes the rounding)."""
    whole = sum(weights)
    parts = [int(total * weight / whole) for weight in weights[:-1]]
    return [*parts, total - sum(parts)]
