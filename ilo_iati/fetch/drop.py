"""What an officer left in a source's drop folder: which file is which dataset, and word of every file not taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ilo_iati.fetch.result import Fault, Log
from ilo_iati.findings import Severity

_TABLES = (".zip", ".txt", ".csv", ".parquet")
_CLUTTER = ("readme", "thumbs.db", "desktop.ini")
_DATES = re.compile(r"(?<!\d)(?:19|20)\d{2}[-_.](?:0[1-9]|1[0-2])[-_.](?:0[1-9]|[12]\d|3[01])(?!\d)")
_YEARS = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:\s*[-_]\s*(\d{4}|\d{2}))?(?!\d)")


def sort_out(drop: Path | None, log: Log, source: str, dataset_of: Callable[[Path], str]) -> dict[str, Path]:
    """The file to take for each dataset. `dataset_of` names a file's dataset or raises Fault with the reason.

    Of several files for one dataset the last by name is taken, as their names end with dates; each other one is told.
    """
    taken: dict[str, Path] = {}
    for path in sorted(drop.iterdir()) if drop and drop.is_dir() else []:
        if path.name.startswith(".") or path.name.lower().startswith(_CLUTTER):
            continue
        try:
            dataset = dataset_of(path)
        except Fault as fault:
            log.add(
                fault.rule, Severity.WARNING, f"{source}: {fault.reason}; it is not read.", fault.fix, source, path.name
            )
            continue
        if dataset in taken:
            other = taken[dataset].name
            text = f"{source}: {other} and {path.name} both stand for {dataset}; only the second is read."
            log.add("fetch.drop_twice", Severity.WARNING, text, f"Remove one of them from {drop}.", dataset, other)
        taken[dataset] = path
    return taken


def refuse_no_table(path: Path) -> None:
    """Raises Fault unless the name of a dropped file ends like that of a table."""
    if path.suffix.lower() not in _TABLES:
        fix = f"Unpack or export it to one of {', '.join(_TABLES)}."
        raise Fault("fetch.drop_ignored", f"dropped file {path.name} is not called like a table", fix)


def year_of(path: Path) -> str:
    """The year, or two years of one file of the OECD (2004_05), in a dropped file's name; empty for a whole table.

    A day on which the file was made is none. Raises Fault for a longer run of years: it may be a part or the whole.
    """
    found = _YEARS.search(_DATES.sub("", path.stem))
    if found is None:
        return ""
    first, last = found.groups()
    if last is None:
        return first
    if last[-2:] != f"{int(first) + 1}"[-2:]:
        fix = "Give a file of one year that year in its name, and a file of the whole table none."
        raise Fault("fetch.drop_ignored", f"the name of dropped file {path.name} says years {found.group(0)}", fix)
    return f"{first}_{last[-2:]}"
