"""The suites over several tables: silent on sound rows, and each expectation speaks on the rows it is there for."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from ilo_iati import expect
from tests.unit.marts.warehouse import build, empty_warehouse, insert

pytestmark = pytest.mark.slow

SUITES = [one for one in expect.spanning_suites() if one.subject.startswith(("dac_", "reconciliation_", "ceb_"))]
Row = dict[str, Any]


def flow(line: int, **values: Any) -> Row:
    given = {
        "dataset": "m", "source_line": line, "source": "multisystem", "year": 2021, "donor_code": "5",
        "donor_name": "Germany", "channel_code": "41302", "is_core": True, "aid_type_code": "B02",
        "flow_type_code": "D", "price_base_code": "V", "amount_usd": 60_000_000, "release": "20231218",
    }  # fmt: skip
    return given | values


def own(line: int, **values: Any) -> Row:
    """What the ILO reports as donor 940, added up."""
    given = {"donor_code": "940", "donor_name": "ILO", "is_core": False, "channel_code": None, "aid_type_code": None}
    return flow(line, **given | values)


def revenue(code: str, usd: int, name: str | None = None, year: int = 2021) -> Row:
    granularity = "donor" if name else "type"
    return {
        "granularity": granularity, "year": year, "revenue_type_code": code, "contributor_name": name,
        "amount_usd": usd,
    }  # fmt: skip


SOUND = [
    flow(2),
    flow(3, source="crs", bi_multi_code="2"),
    flow(4, channel_code="41144", amount_usd=3_000_000),
    flow(5, source="crs", bi_multi_code="2", channel_code="41144", amount_usd=3_000_000),
    # Another view of the same money: never added to it.
    flow(6, price_base_code="Q", amount_usd=70_000_000),
    flow(7, flow_type_code="C", amount_usd=-5, initial_report_code="3"),
    flow(8, source="crs", bi_multi_code="4", donor_code="940", donor_name="ILO", is_core=False, aid_type_code="C01"),
    flow(9, source="dac1", channel_code=None, aid_type_code="2101", amount_usd=400_000_000),
    own(10, source="crs_aggregate", amount_usd=61_000_000),
    own(11, source="dac2a", aid_type_code="206", recipient_code="625", amount_usd=59_000_000),
    # All developing countries: the countries again.
    own(12, source="dac2a", aid_type_code="206", recipient_code="10100", amount_usd=59_000_000),
]
REVENUE = [
    revenue("R01", 100_000_000),
    revenue("R03", 10_000_000),
    revenue("R02A", 3_000_000),
    revenue("R01", 100_000_000, "Germany"),
    revenue("R02A", 3_200_000, "Germany"),
    revenue("R03", 7_500_000, "Germany"),
]
# One broken row for each expectation, with what it must say.
SPOILT = {
    "pays_itself": flow(20, donor_code="940"),
    "channel_before_its_time": flow(21, channel_code="41701", year=2020, is_core=False),
    "channel_not_reviewed": flow(22, channel_code="41122"),
    "modality_before_its_time": flow(23, aid_type_code="B021", year=2020),
    "modality_unknown": flow(24, aid_type_code="Z99"),
    "donor_unknown": flow(25, donor_code="77777"),
    "donor_is_a_total": flow(34, donor_code="20001", donor_name="DAC countries"),
    "year_outside_release": flow(26, year=2023),
    "commitment_taken_back": flow(27, flow_type_code="C", amount_usd=-1, initial_report_code="1"),
    "refund": flow(28, amount_usd=-1),
    "beyond_any_flow": flow(37, flow_type_code="C", amount_usd=1_000_000_001),
    # Norway reports its whole contribution: 1.67 before the coefficient, 1.0 as reported.
    "gross_over_ceb": flow(29, donor_code="8", donor_name="Norway", amount_usd=10_000_000),
    "reported_in_full": flow(30, source="crs", donor_code="8", is_core=True, amount_usd=1),
    "beyond_usd": flow(31, donor_code="8", donor_name="Norway", channel_code="41144", amount_usd=1_000_000),
    "share_of_un_agencies": flow(32, source="dac1", donor_code="8", channel_code=None, aid_type_code="2101",
                                 amount_usd=2),
    "crs_over_multisystem": flow(33, source="crs", bi_multi_code="2", amount_usd=30_000_000),
    "crs_over_dac2a": flow(36, source="dac2a", donor_code="940", is_core=False, channel_code=None, aid_type_code="206",
                           recipient_code="625", amount_usd=1),
    "crs_over_aggregate": flow(35, source="crs", bi_multi_code="4", donor_code="940", is_core=False,
                               aid_type_code="C01", amount_usd=30_000_000),
}  # fmt: skip


def warehouse(*flows: Row, more_revenue: tuple[Row, ...] = ()) -> duckdb.DuckDBPyConnection:
    db = empty_warehouse()
    insert(db, "ref.codelist", *({"codelist": "AidType", "code": code} for code in ("B02", "B021", "C01")))
    insert(db, "ref.dac_recipient", {"recipient_code": "625", "name": "Afghanistan", "sdmx_code": "AFG"})
    insert(db, "core.dac_flow", *SOUND, *flows)
    insert(db, "core.ceb_revenue", *REVENUE, *more_revenue)
    build(db, "mart.reconciliation_year")
    return db


def outcomes(db: duckdb.DuckDBPyConnection, *suites: expect.Suite) -> dict[tuple[str, str], str]:
    results = expect.run(db, suites or SUITES)
    assert [one.note for one in results if one.outcome == "not_evaluated"] == []
    return {(one.subject, str(one.expectation.arguments.get("column", "rows"))): one.outcome for one in results}


def test_sound_rows_pass_everything() -> None:
    db = warehouse()
    assert set(outcomes(db).values()) == {"passed"}
    # One dollar is left for rounding.
    db.execute("UPDATE mart.reconciliation_donor SET scope_usd = scope_usd + 0.9 WHERE contributor_key = 'DE'")
    own = next(one for one in SUITES if one.subject == "reconciliation_adds_up")
    assert set(outcomes(db, own).values()) == {"passed"}


def test_totals_over_providers_that_only_the_api_gives_disturb_no_comparison() -> None:
    """Multisystem asked for all donors answers with DAC and DAC_EC too; the CRS has activities only."""
    db = warehouse(flow(40, donor_code="20000", donor_name="DAC members"), flow(41, donor_code="20001"))
    found = outcomes(db, *(one for one in SUITES if one.subject != "dac_traps"))
    assert set(found.values()) == {"passed"}


@pytest.fixture(scope="module")
def spoilt() -> dict[tuple[str, str], str]:
    norway = (revenue("R01", 10_000_000, "Norway"), revenue("R02A", 2_000_000, "Norway"))
    db = warehouse(*SPOILT.values(), more_revenue=(*norway, revenue("R03", 30_000_000, "Sweden")))
    db.execute("UPDATE mart.reconciliation_donor SET scope_usd = scope_usd + 2 WHERE contributor_key = 'DE'")
    return outcomes(db)


EXPECTED = [
    (suite.subject, str(check.arguments["column"]))
    for suite in SUITES
    for check in suite.expectations
    if "column" in check.arguments
]


@pytest.mark.parametrize(("suite", "column"), EXPECTED, ids=lambda value: value)
def test_each_expectation_fails_on_its_bad_row(spoilt: Any, suite: str, column: str) -> None:
    assert spoilt[suite, column] == "failed"


def test_no_expectation_is_left_untried() -> None:
    own = {"covered", "lost_usd"}  # spoilt by revenue of Sweden that no instrument holds, and by the tampered mart
    assert {column for _, column in EXPECTED} == set(SPOILT) | own


def test_an_empty_comparison_is_no_agreement() -> None:
    suite = next(one for one in SUITES if one.subject == "ceb_by_donor_within_type")
    assert outcomes(empty_warehouse(), suite)["ceb_by_donor_within_type", "rows"] == "failed"


@pytest.mark.parametrize(
    ("broken", "outcome"),
    [
        ("SELECT 1", "passed"),
        (
            "UPDATE mart.transaction_split SET split_value_amount = split_value_amount + 0.0001 WHERE code = 'TG'",
            "failed",
        ),
        ("UPDATE mart.transaction_split SET split_amount_usd = NULL WHERE dimension = 'sdg'", "failed"),
        ("DELETE FROM mart.transaction_split WHERE dimension_view = '1'", "failed"),
        ("DELETE FROM mart.transaction", "failed"),
    ],
)
def test_splits_that_are_not_their_transaction_block(
    splits: duckdb.DuckDBPyConnection, broken: str, outcome: str
) -> None:
    (suite,) = [one for one in expect.spanning_suites() if one.subject == "splits_add_up"]
    splits.execute("BEGIN")
    splits.execute(broken)
    (found,) = expect.run(splits, (suite,))
    splits.execute("ROLLBACK")
    assert (found.outcome, found.expectation.severity) == (outcome, "critical")


@pytest.fixture(scope="module")
def splits() -> duckdb.DuckDBPyConnection:
    db = empty_warehouse()
    key = {"dataset": "d", "activity_key": "d#1"}
    insert(db, "core.iati_activity", key | {"activity_number": 1, "iati_identifier": "A", "iati_version": "2.03"})
    insert(db, "core.iati_recipient_country", key | {"recipient_country_number": 1, "code": "TG", "percentage": 33})
    money = {"transaction_type_code": "3", "transaction_date": "2020-05-01", "value_date": "2020-05-01"}
    insert(
        db,
        "core.iati_transaction",
        key | money | {"transaction_number": 1, "value_amount": 100, "value_currency_code": "USD"},
    )
    insert(db, "core.iati_transaction", key | money | {"transaction_number": 2})
    build(db, "mart.transaction", "mart.transaction_split")
    return db
