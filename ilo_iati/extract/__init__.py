"""Documents and a spec to typed rows: every dataset into a folder of Parquet files, with what could not be placed."""

from ilo_iati.extract.jobs import extract_dataset, extract_many, file_sha256, plan_jobs
from ilo_iati.extract.part import ElementCount, Part, Source, UnclaimedPath, prune_parts, read_part

__all__ = [
    "ElementCount",
    "Part",
    "Source",
    "UnclaimedPath",
    "extract_dataset",
    "extract_many",
    "file_sha256",
    "plan_jobs",
    "prune_parts",
    "read_part",
]
