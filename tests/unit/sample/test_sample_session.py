"""The stand-in for the network: real addresses, honest headers, conditional requests, and the OECD's layouts behind."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from requests import Session

from ilo_iati import sample
from ilo_iati.sample import ceb
from ilo_iati.sample.answers import answers
from ilo_iati.sample.catalogue import CACHE
from ilo_iati.spec.source import load_sources

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def web() -> Session:
    return sample.session(NOW)


@pytest.mark.parametrize("url", answers())
def test_every_answer_is_whole_and_conditional(web: Session, url: str) -> None:
    first = web.get(url)
    assert first.status_code == 200
    assert first.headers["Content-Length"] == str(len(first.content))
    for condition in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = web.get(url, headers=condition)
        assert (again.status_code, again.content) == (304, b"")
    head = web.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


def test_a_stale_tag_gets_the_body(web: Session) -> None:
    url = f"{CACHE}/ilo/ilo-ao2014.xml"
    asked = {"If-None-Match": '"old"', "If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT"}
    assert web.get(url, headers=asked).status_code == 200
    assert web.get(url, headers={"If-Modified-Since": "nonsense"}).status_code == 200


def test_elsewhere_there_is_nothing(web: Session) -> None:
    assert web.get("https://elsewhere.example.org/").status_code == 404
    assert web.post(f"{CACHE}/datasets-full").status_code == 405


def test_bodies_do_not_depend_on_the_clock() -> None:
    later = sample.session(datetime(2027, 5, 1, tzinfo=UTC))
    url = f"{CACHE}/datasets-full"
    assert later.get(url).content == sample.session(NOW).get(url).content


def test_made_up_answers_say_so(web: Session) -> None:
    sources = load_sources()
    assert web.get(f"{CACHE}/ilo/ilo-ao2014.xml").headers["X-Illustrative"] == "true"
    assert "X-Illustrative" in web.get(next(url for url in answers() if url.endswith("multisystem.zip"))).headers
    for name in ("ceb_revenue", "crs_outflow", "exchange_rate_daily", "exchange_rate_annual"):
        fetched = [file.url for file in sources[name].files if file.url.startswith("http")]
        assert fetched
        assert all("X-Illustrative" not in web.get(url).headers for url in fetched)


def test_streaming_works(web: Session) -> None:
    with web.get(f"{CACHE}/ilo/ilo-ao.xml", stream=True) as answer:
        body = b"".join(answer.iter_content(1000))
    assert body == sample.dataset_bytes("ilo-ao")


def test_the_catalogue_tells_the_truth_about_the_files(web: Session) -> None:
    listed = web.get(f"{CACHE}/datasets-full").json()["datasets"]
    own = [entry for entry in listed if entry["reporting_org_short_name"] == "ilo"]
    assert [entry["short_name"] for entry in own] == list(sample.DATASETS)
    assert any(entry["last_known_good_dataset"] is None for entry in listed)
    for entry in own:
        good = entry["last_known_good_dataset"]
        body = web.get(good["cached_dataset_xml_url"]).content
        assert hashlib.sha1(body).hexdigest() == good["hash"]
        assert len(body) == entry["content_length"]


def test_every_declared_address_is_answered(web: Session) -> None:
    sources = load_sources().values()
    urls = [file.url for source in sources for file in source.files]
    urls += [way.url for source in sources for way in source.catalogue]
    assert [url for url in urls if url.startswith("http") and web.get(url).status_code != 200] == []


def rows_of(answer: bytes) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(answer)) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return list(csv.DictReader(io.StringIO(text), delimiter="|", quoting=csv.QUOTE_NONE))


def bulk(web: Session, ending: str) -> list[dict[str, str]]:
    return rows_of(web.get(next(url for url in answers() if url.endswith(ending))).content)


def test_the_dataflow_page_leads_to_the_bulk_files(web: Session) -> None:
    source = load_sources()["oecd_multisystem"]
    assert source.sdmx is not None
    page = web.get(source.sdmx.dataflow_url.format(agency=source.sdmx.agency, flow=source.sdmx.flow)).text
    label, url = page.split('AnnotationText xml:lang="en">')[1].split("<")[0].split("|")
    assert label == "Entire dataset (dotStat format)-v20251218"
    assert web.get(url).content[:2] == b"PK"


def test_multisystem_follows_ceb(web: Session) -> None:
    rows = [
        r
        for r in bulk(web, "multisystem.zip")
        if (r["FlowType"], r["AmountType"]) == ("Disbursements", "Current prices")
    ]
    assert len(rows[0]) == 40
    sums: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["Year"], row["DonorNameE"], row["ChannelCode"], row["AidToOrThru"][:4]] += Decimal(row["Amount"])
    due = ceb.by_donor()[2019, "Germany", "A"] * Decimal("0.60") / 1_000_000
    assert sums["2019", "Germany", "41302", "Core"] == round(due, 6)
    belgium = ceb.by_donor()[2018, "Belgium", "U"] / 1_000_000
    assert sums["2018", "Belgium", "41144", "Core"] == round(belgium, 6)
    assert round(belgium, 3) == Decimal("3.472")
    through = sum(usd for (year, who, _, way), usd in sums.items() if (year, who, way) == ("2019", "Sweden", "Cont"))
    assert float(through) == pytest.approx(float(ceb.by_donor()[2019, "Sweden", "E"]) / 1e6, rel=0.08)


def test_no_channel_before_its_time(web: Session) -> None:
    rows = bulk(web, "multisystem.zip")
    assert min(int(row["Year"]) for row in rows if row["ChannelCode"] == "41701") >= 2021
    assert min(int(row["Year"]) for row in rows if row["Aid_T"] in ("B021", "B033")) >= 2021
    assert "940" not in {row["DonorCode"] for row in rows}


def test_crs_carries_core_rows_and_the_ilo_as_donor(web: Session) -> None:
    rows = bulk(web, "crs_2019.zip")
    assert len(rows[0]) > 80
    assert {"1", "2", "4"} <= {row["Bi_Multi"] for row in rows}
    own = sum(Decimal(row["USD_Disbursement"]) for row in rows if row["DonorCode"] == "940")
    assert own == Decimal("280.723")
    assert "LDCflag" in bulk(web, "crs_2020.zip")[0]


def test_exchange_rates_are_in_their_layouts(web: Session) -> None:
    sources = load_sources()
    with zipfile.ZipFile(io.BytesIO(web.get(sources["exchange_rate_daily"].files[0].url).content)) as archive:
        lines = archive.read("eurofxref-hist.csv").decode().splitlines()
    assert lines[0].startswith("Date,USD,")
    assert lines[1] > lines[2] > lines[-1] >= "2012-01-02"
    annual = web.get(sources["exchange_rate_annual"].files[0].url).text.splitlines()
    assert annual[0] == "Date,Rate,Currency,Frequency,Source,Country code,Country"
    assert any(line.startswith("2018-12-31,0.97") and ",CHF," in line for line in annual)
