"""Every example of the dictionary, as an analyst would paste it, on the sample warehouse."""

from __future__ import annotations

import pytest

from ilo_iati.spec.table import load_tables

SHOWN = sorted(name for name in load_tables() if name.startswith(("mart.", "audit.")))
WITHOUT_ROWS = {
    "audit.unclaimed": "every path of the sample is claimed by a table",
    "mart.activity_history": "one snapshot a dataset: nothing has changed since",
    "mart.activity_version": "no identifier stands in two of the sample's datasets",
    "mart.contribution_agreed": "no incoming commitments, as in the activities the sample is modelled on",
    "mart.readiness_change": "a first refresh has nothing published to compare with",
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_example_gives_rows(warehouse, name):
    example = load_tables()[name].example
    assert example, "every mart and audit table shows how it is asked"
    rows = warehouse.execute(example).fetchall()
    assert bool(rows) != (name in WITHOUT_ROWS)
