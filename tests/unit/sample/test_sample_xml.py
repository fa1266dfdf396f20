"""The XML of the sample: deterministic, of each era's form, valid where meant, nobody's real identifier."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from functools import cache

import pytest
from lxml import etree

from ilo_iati.errors import StandardError, UsageError
from ilo_iati.sample import DATASETS, dataset_bytes, is_illustrative
from tests.conftest import shared_dir

ACTIVITY_FILES = [name for name in DATASETS if not name.startswith("ilo-org")]
LATE = [name for name in ACTIVITY_FILES if "xmdac" in name]


@cache
def root(name: str) -> etree._Element:
    return etree.fromstring(dataset_bytes(name))


def identifiers(name: str) -> list[str]:
    return [found.text or "" for found in root(name).iterfind("iati-activity/iati-identifier")]


def kinds(name: str) -> Counter[str]:
    return Counter(found.get("code", "") for found in root(name).iter("transaction-type"))


def digests() -> str:
    return hashlib.sha256(b"".join(map(dataset_bytes, DATASETS))).hexdigest()


def test_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from ilo_iati.sample import DATASETS, dataset_bytes; "
        "print(hashlib.sha256(b''.join(map(dataset_bytes, DATASETS))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == digests()


def test_all_fourteen_datasets_and_a_few_hundred_activities() -> None:
    assert len(DATASETS) == 14
    assert 300 <= sum(len(identifiers(name)) for name in ACTIVITY_FILES) <= 800


def test_an_unknown_dataset_is_refused() -> None:
    with pytest.raises(UsageError, match="no dataset ilo-ao2099"):
        dataset_bytes("ilo-ao2099")


def test_identifiers_are_marked_and_unique() -> None:
    found = [identifier for name in ACTIVITY_FILES for identifier in identifiers(name)]
    assert all(identifier.startswith("XM-DAC-41302-SAMPLE-") for identifier in found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", DATASETS)
def test_every_file_says_that_it_is_illustrative(name: str) -> None:
    assert "Illustrative sample" in dataset_bytes(name).decode().splitlines()[1]


def test_the_first_era_names_the_donor_in_codes_only() -> None:
    file = root("ilo-ao")
    assert file.get("version") == "2.02"
    assert any(" -1277 -2012-" in identifier for identifier in identifiers("ilo-ao"))
    assert not list(file.iter("provider-org")) + list(file.iter("budget"))
    assert file.find("iati-activity/default-aid-type").get("vocabulary") == "1"
    assert "100" in {found.get("code") for found in file.iter("finance-type")}
    assert "GLOBAL" in {found.get("code") for found in file.iter("recipient-country")}
    assert set(kinds("ilo-ao")) == {"2", "4"}
    assert any(
        found.get("ref", "").endswith("-C") and "/USA-" in found.get("ref", "") for found in file.iter("transaction")
    )


@pytest.mark.parametrize("year", range(2014, 2019))
def test_commitments_mirror_expenditure_in_2014_18(year: int) -> None:
    for activity in root(f"ilo-ao{year}").findall("iati-activity"):
        amounts = {
            row.find("transaction-type").get("code"): row.findtext("value") for row in activity.iter("transaction")
        }
        is_core = "-0-" in activity.findtext("iati-identifier", "")
        assert set(amounts) == ({"4"} if is_core else {"2", "4"})
        assert is_core or amounts["2"] == amounts["4"]
    assert list(root(f"ilo-ao{year}").iter("provider-org"))


def test_core_funds_have_their_own_terms() -> None:
    core = next(
        a for a in root("ilo-ao2016").findall("iati-activity") if "-0-2016" in a.findtext("iati-identifier", "")
    )
    assert core.find("participating-org").get("ref") == "XM-DAC-41144"
    terms = [core.find(f"default-{tag}").get("code") for tag in ("flow-type", "finance-type", "aid-type")]
    assert terms == ["35", "910", "G01"]


def test_incoming_funds_from_2019_on() -> None:
    assert set(kinds("ilo-ao-2019")) == {"1", "4"}
    assert all(set(kinds(name)) >= {"1", "4"} and "2" not in kinds(name) for name in LATE)
    assert sum(kinds(name)["3"] for name in LATE) > 5


def test_the_late_era() -> None:
    for name, prefix in (("ilo-xmdac-41302-2022-23", "IP22"), ("ilo-xmdac-41302-2026-27", "PMR26")):
        assert all(f"-SAMPLE-{prefix}-" in identifier for identifier in identifiers(name))
    file = root("ilo-xmdac-41302-2022-23")
    assert {sector.get("vocabulary") for sector in file.iter("sector")} == {"1", "8", "99"}
    assert {"1", "2", "3", "4"} == {found.get("code") for found in file.iter("aid-type")}
    assert any(value.text.startswith("-") for value in file.iterfind(".//transaction/value"))
    assert {found.get("humanitarian") for found in file.iter("transaction")} >= {"0", "1"}
    assert not list(file.iter("baseline", "target", "actual"))
    assert {found.get("measure") for found in file.iter("indicator")} == {"5"}


def test_regular_budget_pays_itself() -> None:
    own = [p for p in root("ilo-xmdac-41302-2022-23").iterfind(".//transaction[transaction-type]/provider-org")
           if p.get("ref") == "XM-DAC-41302" and p.getparent().find("transaction-type").get("code") == "1"]  # fmt: skip
    assert own


def test_percentages_add_to_a_hundred() -> None:
    for name in LATE:
        for activity in root(name).findall("iati-activity"):
            sums: Counter[str] = Counter()
            for sector in activity.findall("sector"):
                sums[sector.get("vocabulary", "")] += int(sector.get("percentage", "100"))
            assert set(sums.values()) == {100}


@pytest.mark.parametrize(
    "oddity",
    [
        "1899-01-30",
        "**********",
        "Not registered in IATI",
        'vocabulary-uri="/legacy',
        'ref="00000"',
        "TEXT/HTML",
        'code="EN"',
        ">0</value>",
        "EUROPE AND CENTRAL ASIA - REGIONAL",
        '>"XM-DAC-41302"<',
        'code="5.C"',
    ],
)
def test_oddities_are_there(oddity: str) -> None:
    assert any(oddity in dataset_bytes(name).decode() for name in DATASETS)


def test_a_budget_that_ends_before_it_starts_and_one_below_zero() -> None:
    budgets = [found for name in ACTIVITY_FILES for found in root(name).iter("budget")]
    ends = [(date.fromisoformat(b.find("period-start").get("iso-date")), b) for b in budgets]
    assert sum(start > date.fromisoformat(b.find("period-end").get("iso-date")) for start, b in ends) == 1
    assert any(b.findtext("value", "").startswith("-") for b in budgets)


def test_lineage_can_be_followed() -> None:
    years: dict[str, set[str]] = {}
    for name in ACTIVITY_FILES:
        for identifier in identifiers(name):
            years.setdefault(identifier.rsplit("-", 1)[1], set()).add(name)
    assert sum(len(files) >= 4 for files in years.values()) > 20


def test_what_is_illustrative() -> None:
    assert is_illustrative("iati_ilo")
    assert is_illustrative("ilo-ao2014")
    assert is_illustrative("oecd_multisystem")
    assert is_illustrative("oecd_crs_2019")
    assert not is_illustrative("ceb_revenue_by_type")
    assert not is_illustrative("exchange_rate_daily")


@pytest.mark.parametrize("name", DATASETS)
def test_schema_verdicts(name: str) -> None:
    from ilo_iati.standard import open_standard

    try:
        standard = open_standard()
        schema = standard.schema(root(name).get("version", ""), root(name).tag)
    except StandardError as missing:
        pytest.skip(f"the official schemas are not installed: {missing}")
    assert schema.validate(root(name)) is (name != "ilo-ao")


@pytest.mark.shared
def test_no_identifier_is_a_real_one() -> None:
    real = shared_dir("data", "ilo", "xml")
    known = {
        (found.text or "").strip()
        for file in real.rglob("*.xml")
        for found in etree.parse(str(file)).iter("iati-identifier")
    }
    assert len(known) == 18
    assert not known & {identifier for name in ACTIVITY_FILES for identifier in identifiers(name)}
