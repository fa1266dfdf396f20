"""Validation: an IATI file to findings, as the official validator makes them or as the standard says."""

from ilo_iati.validate.checking import check_dataset
from ilo_iati.validate.report import DatasetReport, Findings, finding_dict

__all__ = ["DatasetReport", "Findings", "check_dataset", "finding_dict"]
