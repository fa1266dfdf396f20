"""The exception tree: broken assumptions and unusable input. Imperfect data is a Finding, never an exception.

Every message answers three questions in one sentence or two: what happened, where, what to do next.
`exit_status` is what the command line returns (see `ilo-iati --help`): 2 unusable input, 3 a source out of reach.
"""


class IloIatiError(Exception):
    """Base of every error this package raises on purpose; the command line prints it as one line."""

    exit_status = 2


class UsageError(IloIatiError):
    """Raised by the command line for a wrong option or a path that does not exist; correct the call."""


class SpecError(IloIatiError):
    """Raised by `spec` for a file in schemas/ that breaks its own rules; correct the named file."""


class InputError(IloIatiError):
    """Raised by readers for input nothing can be read from; name the right file or repair it."""


class StandardError(IloIatiError):
    """Raised by `standard` when an official artefact is missing or altered; run `ilo-iati standard install`."""


class SourceError(IloIatiError):
    """Raised by `fetch` when a source cannot be reached and no usable snapshot exists; retry later or use --offline."""

    exit_status = 3


class SnapshotError(IloIatiError):
    """Raised by `snapshot` when stored bytes no longer match their name; restore the snapshot folder from a backup."""


class WarehouseError(IloIatiError):
    """Raised by `load` and readers when the warehouse is missing or cannot be read; run `ilo-iati refresh`."""


class LockError(IloIatiError):
    """Raised when another refresh of the same home is running; wait for the process the message names."""
