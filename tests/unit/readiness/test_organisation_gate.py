"""The gate on the organisation's budgets: what was published for years not yet over must not shrink unseen."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_iati import readiness
from tests.unit.readiness.compared import checks_of
from tests.unit.readiness.made import REPORTER, empty_warehouse, fill

AS_OF = date(2026, 11, 20)
ORGANISATION = {"organisation_key": "org#1", "dataset": "org", "organisation_identifier": REPORTER}


def warehouse(path, *budgets):
    connection = empty_warehouse(str(path))
    rows = [
        {"organisation_key": "org#1", "dataset": "org", "total_budget_number": number, "period_start": start,
         "period_end": end, "value_amount": amount, "value_currency_code": "USD"}
        for number, (start, end, amount) in enumerate(budgets, 1)
    ]  # fmt: skip
    activities = [{"activity_key": "made#1", "dataset": "made", "iati_identifier": f"{REPORTER}-1"}]
    fill(
        connection,
        {
            "core.iati_activity": activities,
            "core.iati_organisation": [ORGANISATION],
            "core.iati_organisation_total_budget": rows,
        },
    )
    return connection


OVER, NEXT = ("2024-01-01", "2025-12-31"), ("2026-01-01", "2027-12-31")


@pytest.mark.parametrize(
    ("now", "verdict", "lost"),
    [
        ([(*OVER, 800), (*NEXT, 1000)], "pass", 0),
        ([(*NEXT, 950)], "pass", 5),  # the biennium that is over may go
        ([(*OVER, 800), (*NEXT, 1)], "fail", 99.9),
        ([(*OVER, 800)], "fail", 100),
        ([(*NEXT, 1000), (*NEXT, 400)], "pass", 0),  # a second file that says less hides nothing
    ],
)
def test_a_budget_of_a_year_not_yet_over_does_not_shrink_unseen(tmp_path, now, verdict, lost):
    warehouse(tmp_path / "published.duckdb", (*OVER, 800), (*NEXT, 1000)).close()
    answer = readiness.assess(warehouse(tmp_path / "now.duckdb", *now), AS_OF, published=tmp_path / "published.duckdb")
    check = checks_of(answer)["organisation_budgets_kept"]
    assert (check["verdict"], check["value"], check["is_blocking"]) == (verdict, pytest.approx(lost), False)
