"""The official rules find in the sample what they are known to find in the ILO's own files of each era, little else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ilo_iati.errors import StandardError
from ilo_iati.sample import DATASETS, dataset_bytes
from ilo_iati.standard import open_standard
from ilo_iati.validate import check_dataset

CAPITALS = {"9.27.1", "9.29.1", "4.4.1"}
LATE = CAPITALS | {"9.57.1", "107.2.1", "9.130.1"}
KNOWN = {
    "ilo-ao": {"0.3.1", "3.6.2", "4.4.1", "9.50.1", "9.83.1", "9.85.1"},
    "ilo-ao2018": CAPITALS | {"11.1.3", "8.6.3"},
    "ilo-org": set(),
    "ilo-organisation-publisher": set(),
}


@pytest.mark.parametrize("name", DATASETS)
def test_findings_are_those_of_the_era(name: str) -> None:
    try:
        report = check_dataset(dataset_bytes(name), standard=open_standard(), now=datetime(2026, 11, 23, tzinfo=UTC))
    except StandardError as missing:
        pytest.skip(f"the official schemas are not installed: {missing}")
    known = KNOWN.get(name, LATE if "xmdac" in name else CAPITALS)
    assert {finding.rule_id for finding in report.findings} <= known
    assert report.valid is (name != "ilo-ao")
