"""Checks of profile strict that no rule of the official ruleset makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ilo_iati.validate.rules.kinds import Frame
from ilo_iati.validate.rules.tree import Node

OwnFailure = tuple[str, object, str | None]
OwnCheck = Callable[[Node], Iterator]


def STRICT_CHECKS(frame: Frame) -> list[OwnCheck]:
    return []

