"""The bundled sample: what the pipeline runs on where no network is asked for, through the fetch code of live data.

What is real: UN CEB's revenue of the ILO 2011-2024 (complete), what the ILO reported to the CRS as donor 940 by
recipient 2015-2019, what providers gave to all UN agencies in 2020 (DAC1), ECB and IMF exchange rates (our selection),
the donors' names and public codes, dataset names and addresses, the structure of the ILO's files in each era and its
known oddities.

What is illustrative: every IATI activity, project, text and date, and every row of the Multisystem, the CRS and DAC2A.
Nothing of it is the ILO's or a donor's record. Activity identifiers carry the word SAMPLE
(`XM-DAC-41302-SAMPLE-IP22-KEN901`), projects are numbered from 910000, outcome codes have a 9 (RBSA an 8) after the
place, links lead to example.org, each file opens with a notice.

How amounts are fitted (`amounts`, `spending`): voluntary contributions of each year 2012-2024, RBSA included, are 92
% of CEB's R02 + R03; each donor that CEB names has 92 % of its own earmarked line, the unnamed rest goes to made-up
payers. Spending equals contributions up to 2019, as the ILO's records of that time have it, and is 81 % of CEB from
2020. RBTC, paid by the ILO itself, comes on top and is not voluntary. 2025 is 85 % and the first half of 2026 35 %
of 2024's level: CEB has no figures there. DAC rows: see `dac_flows`.

The eras (`era_2012`, `era_2014`, `era_2020`): 2012-13 names the donor in codes only; 2014-18 as provider of a type 2
that mirrors the type 4; 2019 as provider of a type 1; from 2020 receipts of type 1 and spending by month. RBSA has no
receipt up to 2018. Outcome codes come back over the years, so lineage can be followed. XML is made when asked for,
about a second in all; the same seed gives the same bytes (`draws`).
"""

from ilo_iati.sample.adapter import session
from ilo_iati.sample.datasets import DATASETS, dataset_bytes, is_illustrative

__all__ = ["DATASETS", "dataset_bytes", "is_illustrative", "session"]
