"""The command line: one thin verb per thing a user wants; parsing and printing here, the work in the stages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from ilo_iati.errors import IloIatiError

VERBS = (
    "refresh",
    "check",
    "load",
    "ready",
    "indicators",
    "query",
    "tables",
    "dictionary",
    "trace",
    "diff",
    "standard",
    "sources",
)
"""Each is a module of this package with SUMMARY, EXAMPLE, add_arguments(parser) and run(args) -> exit status."""

STATUSES = (
    "exit status: 0 done, 1 the answer is no, 2 bad usage or unreadable input, 3 a source out of reach and no snapshot"
)


def _parser(verbs: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ilo-iati", description=__doc__, epilog=STATUSES)
    commands = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in verbs:
        module = import_module(f"ilo_iati.cli.{verb}")
        command = commands.add_parser(
            verb,
            help=module.SUMMARY,
            description=module.SUMMARY,
            epilog=f"example:\n  {module.EXAMPLE}\n\n{STATUSES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--debug", action="store_true", help="show the traceback of an error")
        command.add_argument("--quiet", action="store_true", help="print no progress")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb; returns its exit status (see STATUSES)."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Only the verb asked for is imported: `check` must not wait for the modules of `refresh`.
    verbs = [words[0]] if words and words[0] in VERBS else VERBS
    args = _parser(verbs).parse_args(words)
    try:
        status = args.run(args)
        sys.stdout.flush()
        return int(status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("ilo-iati: stopped; the last good warehouse stays as it was.", file=sys.stderr)
        return 130
    except IloIatiError as error:
        if args.debug:
            raise
        print(f"ilo-iati: {error}", file=sys.stderr)
        return error.exit_status
