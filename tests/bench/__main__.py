"""`python -m tests.bench [NAME ...]`: runs the modules of this package that have `measure(scratch)`, or those named."""

from __future__ import annotations

import pkgutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import tests.bench


def main(names: list[str]) -> None:
    """Each module prints its own figures; generated files live in one temporary folder that they share."""
    found = sorted(each.name for each in pkgutil.iter_modules(tests.bench.__path__) if not each.name.startswith("_"))
    with tempfile.TemporaryDirectory(prefix="ilo-iati-bench-") as folder:
        for name in names or found:
            module = import_module(f"tests.bench.{name}")
            if hasattr(module, "measure"):
                print(f"\n== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
                module.measure(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
