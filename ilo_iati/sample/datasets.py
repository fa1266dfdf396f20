"""The ILO's fourteen datasets: names and addresses as registered, bytes from the sample's writers, made when asked for.

Names, licence and source addresses are those of the registry in August 2026. Identifiers are the registry's own
where they are known in full, else constructed (version 5 UUIDs). The times are fixed, so the same bytes come out on
every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from uuid import NAMESPACE_URL, uuid5

from ilo_iati.errors import UsageError
from ilo_iati.sample import era_2012, era_2014, era_2020, organisation
from ilo_iati.sample.parts import NOTICE
from ilo_iati.sample.xml import Element, document

_OLD = "http://www.ilo.org/legacy/english/pardev/iati-data"
_NEW = "https://www.ilo.org/legacy/english/pardev/iati-data"
_STATIC = "https://www.ilo.org/static/english/pardev/iati-data"
_PUBLISHER = "https://iatipublisher-prod.s3.amazonaws.com/organizationXmlFiles"
_APPS = "https://webapps.ilo.org/static/english/pardev/iati-data"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One registered dataset; `generated` is what the file says of itself and what the cache says of the file."""

    name: str
    source_url: str
    generated: str
    write: Callable[[str], Element]
    registry_id: str = ""

    @property
    def id(self) -> str:
        return self.registry_id or str(uuid5(NAMESPACE_URL, f"https://ilo-sample.example.org/{self.name}"))


def _year(year: int) -> Callable[[str], Element]:
    return partial(era_2014.write, year)


def _biennium(biennium: int, part: int = 0) -> Callable[[str], Element]:
    return partial(era_2020.write, biennium, part=part)


_ALL = (
    Dataset("ilo-ao", f"{_OLD}/ilo2012-13rbsaxbtc.xml", "2016-06-10T09:00:00Z", era_2012.write,
            "a0cff922-c078-468c-be25-58ce7034b96a"),
    Dataset("ilo-ao2014", f"{_OLD}/ilo-iata-2014.xml", "2018-05-31T09:00:00Z", _year(2014),
            "4eca8abd-775c-49f0-b0b5-7f06a6a220ab"),
    Dataset("ilo-ao2015", f"{_OLD}/ilo-iata-2015.xml", "2018-05-31T09:10:00Z", _year(2015),
            "b83b8efd-e76b-4275-b229-a2ca8dbbbbf1"),
    Dataset("ilo-ao2016", f"{_OLD}/ilo-iata-2016.xml", "2018-05-31T09:20:00Z", _year(2016),
            "866e62f3-7179-4007-9eaa-4a604530ea7f"),
    Dataset("ilo-ao2017", f"{_OLD}/ilo-iata-2017.xml", "2018-05-31T09:30:00Z", _year(2017),
            "da0cbd82-1e35-40d2-a95b-e25620b855a3"),
    Dataset("ilo-ao2018", f"{_NEW}/ilo-iati-2018.xml", "2019-09-03T09:00:00Z", _year(2018),
            "052f8c8b-1d18-47f9-b7a5-17003889479a"),
    Dataset("ilo-ao-2019", f"{_NEW}/iati-2019.xml", "2021-02-16T09:00:00Z", _year(2019),
            "69235f8e-6876-4867-a0db-db23ed55bdae"),
    Dataset("ilo-xmdac-41302-2020-21_1", f"{_NEW}/ilo-xmdac-41302-2020-21_1.xml", "2022-11-01T09:00:00Z",
            _biennium(2020, 1)),
    Dataset("ilo-xmdac-41302-2020-21_2", f"{_NEW}/ilo-xmdac-41302-2020-21_2.xml", "2022-11-01T09:10:00Z",
            _biennium(2020, 2)),
    Dataset("ilo-xmdac-41302-2022-23", "https://wwwex.ilo.org/ordspub/prdutf8p/xxilo_iati/files/file/581",
            "2024-06-04T09:00:00Z", _biennium(2022)),
    Dataset("ilo-xmdac-41302-2024-25", f"{_APPS}/ilo-xmdac-41302-2024-25_01JUL2026.xml", "2026-07-01T09:00:00Z",
            _biennium(2024)),
    Dataset("ilo-xmdac-41302-2026-27", f"{_APPS}/ilo-xmdac-41302-2026-27_26JUN2026.xml", "2026-06-26T09:00:00Z",
            _biennium(2026)),
    Dataset("ilo-org", f"{_STATIC}/iloorganization.xml", "2026-01-20T09:00:00Z", organisation.write_first),
    Dataset("ilo-organisation-publisher", f"{_PUBLISHER}/ilo-organisation.xml", "2026-06-28T09:00:00Z",
            organisation.write_second),
)  # fmt: skip
DATASETS = {dataset.name: dataset for dataset in _ALL}


@cache
def dataset_bytes(name: str) -> bytes:
    """The XML of a dataset, UTF-8, the same bytes on every run. Raises UsageError for a name that is not registered."""
    if name not in DATASETS:
        raise UsageError(f"The sample has no dataset {name}; it has {', '.join(DATASETS)}.")
    dataset = DATASETS[name]
    return document(dataset.write(dataset.generated), NOTICE)


def is_illustrative(dataset_or_source: str) -> bool:
    """True where the sample's content under this name is made up: all but the sources listed here, which are real."""
    return not dataset_or_source.startswith(("ceb_", "exchange_rate", "crs_outflow", "oecd_dac1"))
