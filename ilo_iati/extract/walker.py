"""Which walker does the work: the compiled one where it is built, else plain Python with the same rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ilo_iati.extract.plan import XML_LANG, Plan
from ilo_iati.extract.walk import Columns, Walker


def _load() -> Any:
    try:
        return import_module("ilo_iati.extract._walk")
    except ImportError:  # not built here, or built for another lxml
        return None


_native = _load()


def compiled() -> bool:
    """True when the compiled walker is in use; `ILO_IATI_WALKER=python` turns it off."""
    return _native is not None and os.environ.get("ILO_IATI_WALKER") != "python"


def make_walker(plan: Plan) -> Walker:
    """The quickest walker there is for `plan`."""
    return CompiledWalker(plan) if compiled() else Walker(plan)


def compiled_counter(pairs: Sequence[tuple[str, str]]) -> Any:
    """The compiled counter of elements by (parent, tag), or None."""
    return _native.PairCounter(pairs) if compiled() else None


class CompiledWalker(Walker):
    """Leaves rows to `_walk.Core`; what is rare (unclaimed, repeated, mapped 1.0x values) stays as in Walker."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._core = _native.Core(self, plan, XML_LANG)

    def record(self, element: Any, ordinal: int, line_base: int, lines: Callable[[Any], int] | None = None) -> None:
        """Appends the rows of one record, as Walker.record."""
        self._record, self._base, self._lines = ordinal, line_base, lines
        self._core.record(element, ordinal, line_base, lines)
        self.size = self._core.size + len(self.rows[self.plan.version1.index])

    def take(self) -> list[Columns | None]:
        """The rows gathered so far as Arrow arrays, by table."""
        mapped = super().take()
        return [own or other for own, other in zip(self._core.take(), mapped, strict=True)]
