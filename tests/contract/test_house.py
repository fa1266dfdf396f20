"""The house rules that a machine can hold: imports, size, docstrings, the command line, what is committed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ilo_iati import cli
from ilo_iati.paths import ROOT

PYTHON = [p for top in ("ilo_iati", "pipelines") for p in sorted((ROOT / top).rglob("*.py"))]
MAX_FILE, MAX_FUNCTION = 300, 40


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


def test_imports_go_one_way():
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_are_small_and_say_what_belongs_there(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "the module opens with one sentence on what belongs there"
    assert text.count("\n") <= MAX_FILE
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno >= MAX_FUNCTION
    ]
    assert not long


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_public_things_have_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    verb = {"add_arguments", "run"} if path.parent.name == "cli" else set()
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and node.name not in verb
        and not ast.get_docstring(node)
    ]
    assert not bare


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_has_help_with_an_example_and_stands_in_the_readme(verb, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main([verb, "--help"])
    assert left.value.code == 0
    assert f"example:\n  ilo-iati {verb}" in capsys.readouterr().out
    assert f"ilo-iati {verb}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_nothing_committed_names_this_machine_or_a_registry_host():
    # Spelled in pieces so that this file does not find itself.
    forbidden = re.compile(
        "|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "registry\\.np" + "mjs", "/wo" + "rk/"])
    )
    hits = [
        str(path.relative_to(ROOT))
        for path in _tracked()
        if path.suffix in {".py", ".md", ".yml", ".toml", ".txt", ".csv", ".sql", ".html", ""} and path.is_file()
        if forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not hits


def test_nothing_disposable_is_committed():
    names = [str(path.relative_to(ROOT)) for path in _tracked()]
    assert not [n for n in names if n.startswith(("warehouse/build", "warehouse/snapshots", ".venv", ".standard"))]
