"""`ilo-iati check`: validates local IATI files before they are published."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from ilo_iati.cli.progress import progress_of
from ilo_iati.errors import UsageError
from ilo_iati.findings import Severity
from ilo_iati.standard import open_standard
from ilo_iati.validate.formats import FORMATS, Occasion
from ilo_iati.validate.many import Task, check_files
from ilo_iati.validate.report import DatasetReport, Findings
from ilo_iati.validate.settings import settings
from ilo_iati.validate.waivers import load_waivers

SUMMARY = "validate local IATI files (before publication)"
EXAMPLE = "ilo-iati check activities.xml --profile official --format html --output report.html"
_PROFILE = "official: agree with the IATI Validator (default); strict: follow the standard to the letter"
_WAIVER_FORM = (
    "YAML: a list `waivers:` of entries with rule (6.11.1, or 9.*), scope (an identifier, `all`, or a mapping of "
    "dataset, identifier, xpath, value; `*` stands for anything), reason, approved_by and until (YYYY-MM-DD)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the contract."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders with *.xml, or - for input")
    parser.add_argument("--profile", choices=("official", "strict"), default="official", help=_PROFILE)
    gates = ("critical", "error", "warning", "never")
    parser.add_argument("--fail-on", choices=gates, default="error", help="exit status 1 from here on (default: error)")
    parser.add_argument("--known-publishers", type=Path, metavar="FILE", help="organisation identifiers, one a line")
    parser.add_argument("--known-identifiers", type=Path, metavar="FILE", help="activity identifiers, one a line")
    parser.add_argument("--waivers", type=Path, metavar="FILE", help=_WAIVER_FORM)
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="default: text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report there instead of standard output")
    parser.add_argument("--workers", type=int, metavar="N", help="processes to use (default: one a core)")


def run(args: argparse.Namespace) -> int:
    """Checks and writes the report; 1 when a finding reaches the gate, else 0."""
    now = datetime.now(UTC)
    if args.workers is not None and args.workers < 1:
        raise UsageError("--workers must be 1 or more; leave it out to use every core.")
    waivers = load_waivers(args.waivers) if args.waivers else ()
    standard = open_standard()
    chosen = settings(standard, args.profile, now, _listed(args.known_publishers), _listed(args.known_identifiers))
    gate = None if args.fail_on == "never" else Severity(args.fail_on)
    failed = False

    def judged(reports: Iterable[DatasetReport]) -> Iterator[DatasetReport]:
        nonlocal failed
        for report in reports:
            answer = _waive(report, occasion) if waivers else report
            worst = answer.worst()
            failed = failed or (gate is not None and worst is not None and worst.at_least(gate))
            yield answer

    with _tasks(args.paths) as tasks, _destination(args.output) as out:
        colour = args.format == "text" and out.isatty() and "NO_COLOR" not in os.environ
        occasion = Occasion(args.profile, standard.provenance(), now.date(), gate, waivers, colour)
        total = sum(task.path.stat().st_size for task in tasks)
        with progress_of("Checking", total, quiet=args.quiet) as progress:
            FORMATS[args.format](judged(check_files(tasks, chosen, args.workers, progress)), occasion, out)
    return int(failed)


def _waive(report: DatasetReport, occasion: Occasion) -> DatasetReport:
    """The report with the findings that a waiver in force covers set apart."""
    kept, waived = Findings(), Findings()
    for finding in report.findings:
        (waived if occasion.waiver_of(finding) else kept).append(finding)
    return replace(report, findings=kept, waived=waived)


def _listed(path: Path | None) -> list[str] | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as a list ({error}); give a text file, one identifier a line."
        ) from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@contextmanager
def _tasks(names: list[str]) -> Iterator[list[Task]]:
    """The files behind the names given; standard input is kept in a temporary file while it is checked."""
    if names.count("-") > 1:
        raise UsageError("Standard input (-) can be checked once; name it once.")
    tasks: list[Task] = []
    with tempfile.TemporaryDirectory(prefix="ilo-iati-") as folder:
        for name in names:
            tasks.extend(_expand(name, Path(folder)))
        yield tasks


def _expand(name: str, folder: Path) -> list[Task]:
    if name == "-":
        copy = folder / "stdin.xml"
        with copy.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        return [Task(copy, "-")]
    path = Path(name)
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.suffix.lower() == ".xml" and each.is_file())
        if not found:
            raise UsageError(f"{path} holds no .xml file; name a folder with IATI files, or the files.")
        return [Task(each, str(each)) for each in found]
    if not path.exists():
        raise UsageError(f"{path} does not exist; name an IATI file, a folder of them, or - for standard input.")
    return [Task(path, name)]


@contextmanager
def _destination(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears only once it is whole."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(output)
    except OSError as error:
        raise UsageError(f"{output} cannot be written ({error.strerror}); choose another --output.") from error
    finally:
        part.unlink(missing_ok=True)
