"""`python -m ilo_iati.extract.compile`: builds the compiled walker; without a compiler all stays as it is."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODULES = ("ilo_iati.extract._walk", "ilo_iati.validate._watch")
"""What is compiled: the walk that fills the tables, and the pass that finds what validation must look at."""


def build() -> str:
    """Builds `_walk` in place; returns what happened in one sentence. Never raises: plain Python does the same work."""
    try:
        lxml: Any = import_module("lxml")
        setuptools: Any = import_module("setuptools")
        cythonize: Any = import_module("Cython.Build").cythonize
    except ImportError as error:
        return f"The walker stays plain Python: {error.name} is not installed."
    before = Path.cwd()
    try:
        with tempfile.TemporaryDirectory() as temporary:
            includes = [*lxml.get_include(), str(Path(lxml.__file__).parent / "includes")]
            extensions = [
                setuptools.Extension(
                    name,
                    [str(HERE.parent.joinpath(*name.split(".")[1:]).with_suffix(".pyx"))],
                    include_dirs=includes,
                    extra_compile_args=["-O2", "-w"],
                )
                for name in MODULES
            ]
            modules = cythonize(extensions, include_path=[*sys.path, *includes], build_dir=temporary, quiet=True)
            distribution = setuptools.Distribution({"name": "walk", "ext_modules": modules})
            command = distribution.get_command_obj("build_ext")
            command.inplace, command.build_temp = 0, temporary
            command.build_lib = str(HERE.parent.parent)
            command.ensure_finalized()
            command.run()
    except (Exception, SystemExit) as error:
        os.chdir(before)
        return f"The walker stays plain Python: it could not be compiled ({str(error).splitlines()[-1][:200]})."
    return "The walker is compiled."


if __name__ == "__main__":
    print(build())
