"""Who pays in the sample: real donors and their public codes, as the ILO's records and the OECD-DAC name them.

Sources: contributors of UN CEB's revenue statistics; OECD-DAC donor codes; organisation identifiers and symbol
suffixes seen in the ILO's own activities. ILO donor codes that are not known carry a number from 9001 up, which is
ours.
"""

from __future__ import annotations

from dataclasses import dataclass

ILO_REF = "XM-DAC-41302"
RBSA_REF = "XM-DAC-41144"


@dataclass(frozen=True, slots=True)
class Donor:
    """One contributor. `ceb` is its name in UN CEB's data, empty for the made-up remainder; `dac` 0 is no DAC reporter.

    `code` is the ILO's donor code (text), `suffix` the last part of a project symbol, `ref` the provider-org reference
    ('' = published by name only), `kind` the IATI organisation type, `slots` how many projects run side by side.
    """

    suffix: str
    ceb: str
    name: str
    code: str
    ref: str
    kind: str
    slots: int
    dac: int = 0
    dac_name: str = ""
    currency: str = "USD"

    @property
    def is_named(self) -> bool:
        """True where UN CEB publishes this contributor's yearly amounts."""
        return bool(self.ceb)


UK = "United Kingdom of Great Britain and Northern Ireland"

DONORS: tuple[Donor, ...] = (
    Donor(
        "USA",
        "United States of America",
        "USA, Department of Labor",
        "1277",
        "US-USAGOV",
        "10",
        3,
        302,
        "United States",
    ),
    Donor(
        "EEC",
        "European Union",
        "European Commission",
        "1334",
        "XI-IATI-EC_DEVCO",
        "40",
        3,
        918,
        "EU Institutions",
        "EUR",
    ),
    Donor("FRG", "Germany", "Germany, development ministry", "1107", "DE-1", "10", 2, 5, "Germany", "EUR"),
    Donor("NET", "Netherlands", "Netherlands, foreign ministry", "9001", "XM-DAC-7", "10", 2, 7, "Netherlands", "EUR"),
    Donor("NOR", "Norway", "Norway, foreign ministry", "1173", "NO-BRC-971277882", "10", 2, 8, "Norway", "NOK"),
    Donor("SID", "Sweden", "Sweden, Sida", "9002", "SE-0", "10", 2, 10, "Sweden", "SEK"),
    Donor("SWI", "Switzerland", "Switzerland, SECO and SDC", "1213", "CH-4", "10", 2, 11, "Switzerland", "CHF"),
    Donor("UKM", UK, "United Kingdom, government", "9003", "GB-GOV-1", "10", 2, 12, "United Kingdom", "GBP"),
    Donor("AUS", "Australia", "Australia, foreign affairs and trade", "9004", "AU-5", "10", 1, 801, "Australia", "AUD"),
    Donor("DAN", "Denmark", "Denmark, foreign ministry", "9005", "XM-DAC-3-1", "10", 1, 3, "Denmark", "DKK"),
    Donor("CAN", "Canada", "Canada, Global Affairs", "9006", "CA-3", "10", 1, 301, "Canada", "CAD"),
    Donor("JPN", "Japan", "Japan, labour ministry", "9007", "XM-DAC-701", "10", 2, 701, "Japan", "JPY"),
    Donor("BEL", "Belgium", "Belgium, development cooperation", "9008", "XM-DAC-2-10", "10", 1, 2, "Belgium", "EUR"),
    Donor("ROK", "Republic of Korea", "Republic of Korea, labour ministry", "9009", "", "10", 1, 742, "Korea", "KRW"),
    Donor("FRA", "France", "France, labour ministry", "5576", "", "10", 1, 4, "France", "EUR"),
    Donor("FIN", "Finland", "Finland, foreign ministry", "9010", "FI-3", "10", 1, 18, "Finland", "EUR"),
    Donor("IRL", "Ireland", "Ireland, Irish Aid", "9011", "XM-DAC-21-1", "10", 1, 21, "Ireland", "EUR"),
    Donor("ITA", "Italy", "Italy, foreign ministry", "9012", "XM-DAC-6-4", "10", 1, 6, "Italy", "EUR"),
    Donor("SPA", "Spain", "Spain, government", "9013", "", "10", 1, 50, "Spain", "EUR"),
    Donor("LUX", "Luxembourg", "Luxembourg, foreign ministry", "9014", "", "10", 1, 22, "Luxembourg", "EUR"),
    Donor("COL", "Colombia", "Colombia, government", "9015", "", "10", 1),
    Donor("BRA", "Brazil", "Brazil, cooperation agency", "9016", "", "10", 1, 0, "", "BRL"),
    Donor("QAT", "Qatar", "Qatar, labour ministry", "9017", "", "10", 1),
    Donor("RUS", "Russian Federation", "Russian Federation, government", "9018", "", "10", 1),
    Donor("IBR", "World Bank", "World Bank", "9019", "XM-DAC-44000", "40", 1),
    Donor("UND", "", "UN pooled funds", "7535", "XI-IATI-UNPF", "40", 2),
    Donor("MUL", "", "Several donors together", "157542", "", "90", 1),
    Donor("SFD", "", "Sample foundation for decent work", "9021", "", "60", 1),
    Donor("SCO", "", "Sample company", "9022", "", "70", 1),
    Donor("LOC", "", "Government of the programme country", "9020", "", "10", 1),
)

#: How the part of voluntary revenue that CEB's donor lines leave unnamed is given out in the sample.
REMAINDER = {"UND": 45, "MUL": 20, "SFD": 12, "SCO": 8, "LOC": 15}
#: CEB's donor lines of 2013 leave the European Union out, so it takes the largest part of the remainder there.
REMAINDER_BEFORE_2014 = {"EEC": 50, **{key: part // 2 for key, part in REMAINDER.items()}}

BY_SUFFIX = {donor.suffix: donor for donor in DONORS}
RBSA = Donor("RBS", "", "RBSA, core voluntary funds", "0", RBSA_REF, "40", 2)

#: DAC members beside those above that pay dues, so that core rows cover them: CEB's name, DAC's name, DAC donor code.
OTHER_MEMBERS: tuple[tuple[str, str, int], ...] = (
    ("Austria", "Austria", 1),
    ("Portugal", "Portugal", 9),
    ("Iceland", "Iceland", 20),
    ("Greece", "Greece", 40),
    ("Slovenia", "Slovenia", 61),
    ("Czechia", "Czechia", 68),
    ("Slovakia", "Slovak Republic", 69),
    ("Hungary", "Hungary", 75),
    ("Poland", "Poland", 76),
    ("Estonia", "Estonia", 82),
    ("Lithuania", "Lithuania", 84),
    ("New Zealand", "New Zealand", 820),
)
