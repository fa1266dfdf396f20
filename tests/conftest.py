"""What every test may ask for: the shared development data, or a skip that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared_dir(*parts: str) -> Path:
    """The folder or file below ../shared; skips the test, saying so, where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs ../shared/{'/'.join(parts)}, which does not stand beside this checkout")
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file goes first: started last, it would keep one process busy long after the others are done."""
    items.sort(key=lambda item: item.path.name != "test_kill.py")
