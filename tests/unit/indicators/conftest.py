"""One warehouse with UN CEB's real figures for all tests of indicators; they only read it."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati.indicators import compute
from ilo_iati.spec.indicator import load_register
from tests.unit.indicators.ceb import warehouse_with_ceb
from tests.unit.marts.warehouse import build

AS_OF = date(2026, 11, 23)


@pytest.fixture(scope="package")
def ceb():
    """Marts built, everything but CEB empty: computing on it again costs a second."""
    db = warehouse_with_ceb()
    build(db)
    return db


@pytest.fixture(scope="package")
def tables(ceb):
    """The mart.indicator_* tables of the register as shipped."""
    return compute(ceb, load_register(), AS_OF)
