"""Reads IATI files of any size and quality: a stream of small parsed documents, and a Fault for what is unreadable."""

from ilo_iati.reader.dataset import ByteRange, Dataset, open_dataset, plan_ranges
from ilo_iati.reader.fault import BREAKS_XML, Fault
from ilo_iati.reader.parsing import Document
from ilo_iati.reader.prolog import ACTIVITY_OF, Head

__all__ = [
    "ACTIVITY_OF",
    "BREAKS_XML",
    "ByteRange",
    "Dataset",
    "Document",
    "Fault",
    "Head",
    "open_dataset",
    "plan_ranges",
]
