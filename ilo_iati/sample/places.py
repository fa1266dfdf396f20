"""Where the sample's activities happen and what they are about: places, themes and the short texts written for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A country or region: `prefix` opens the outcome code, `code` is ISO 3166 alpha-2 or the ILO's region name."""

    prefix: str
    code: str
    name: str
    dac: int
    dac_name: str
    dac_region: int
    language: str = "EN"

    @property
    def is_country(self) -> bool:
        return len(self.code) == 2


PLACES: tuple[Place, ...] = (
    Place("KEN", "KE", "Kenya", 248, "Kenya", 289),
    Place("ETH", "ET", "Ethiopia", 238, "Ethiopia", 289),
    Place("UGA", "UG", "Uganda", 285, "Uganda", 289),
    Place("BGD", "BD", "Bangladesh", 666, "Bangladesh", 679),
    Place("GLO", "GLOBAL", "Global", 998, "Developing countries, unspecified", 998),
    Place("VNM", "VN", "Viet Nam", 769, "Viet Nam", 789),
    Place("KHM", "KH", "Cambodia", 728, "Cambodia", 789),
    Place("IDN", "ID", "Indonesia", 738, "Indonesia", 789),
    Place("RAF", "AFRICA - REGIONAL", "Africa", 298, "Africa, regional", 298),
    Place("NPL", "NP", "Nepal", 660, "Nepal", 679),
    Place("PAK", "PK", "Pakistan", 665, "Pakistan", 679),
    Place("JOR", "JO", "Jordan", 549, "Jordan", 589),
    Place("LBN", "LB", "Lebanon", 555, "Lebanon", 589),
    Place("INT", "INTER-REGIONAL", "Several regions", 998, "Developing countries, unspecified", 998),
    Place("EGY", "EG", "Egypt", 142, "Egypt", 189),
    Place("TUN", "TN", "Tunisia", 139, "Tunisia", 189, "FR"),
    Place("COL", "CO", "Colombia", 437, "Colombia", 489, "ES"),
    Place("PER", "PE", "Peru", 454, "Peru", 489, "ES"),
    Place("RER", "EUROPE AND CENTRAL ASIA - REGIONAL", "Europe and Central Asia", 89, "Europe, regional", 89),
    Place("HND", "HN", "Honduras", 351, "Honduras", 389, "ES"),
    Place("HTI", "HT", "Haiti", 349, "Haiti", 389, "FR"),
    Place("UKR", "UA", "Ukraine", 85, "Ukraine", 89),
    Place("MDA", "MD", "Moldova", 93, "Moldova", 89),
    Place("KGZ", "KG", "Kyrgyzstan", 614, "Kyrgyzstan", 619),
    Place("RLA", "AMERICAS - REGIONAL", "The Americas", 498, "America, regional", 498, "ES"),
    Place("MDG", "MG", "Madagascar", 252, "Madagascar", 289, "FR"),
    Place("SEN", "SN", "Senegal", 269, "Senegal", 289, "FR"),
    Place("COD", "CD", "Democratic Republic of the Congo", 235, "Democratic Republic of the Congo", 289, "FR"),
    Place("MMR", "MM", "Myanmar", 635, "Myanmar", 789),
    Place("RAS", "ASIA AND THE PACIFIC - REGIONAL", "Asia and the Pacific", 798, "Asia, regional", 798),
    Place("PHL", "PH", "Philippines", 755, "Philippines", 789),
    Place("IRQ", "IQ", "Iraq", 543, "Iraq", 589),
    Place("ZMB", "ZM", "Zambia", 288, "Zambia", 289),
    Place("FJI", "FJ", "Fiji", 832, "Fiji", 889),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A subject: DAC purpose, SDG targets, outcome and output number, gender marker, and titles in three languages."""

    purpose: str
    purpose_name: str
    targets: tuple[str, ...]
    output: str
    gender: str
    en: str
    fr: str
    es: str

    def title(self, place: Place) -> str:
        """The title in the place's language, beginning with the word that marks it as sample."""
        words = {"EN": f"Sample: {self.en}", "FR": f"Exemple : {self.fr}", "ES": f"Muestra: {self.es}"}
        return f"{words[place.language]} ({place.name})"


THEMES: tuple[Theme, ...] = (
    Theme(
        "16020",
        "Employment creation",
        ("8.5",),
        "3.1",
        "1",
        "jobs for young people",
        "des emplois pour les jeunes",
        "empleo para jóvenes",
    ),
    Theme(
        "16070",
        "Labour rights",
        ("8.7",),
        "7.1",
        "1",
        "fewer children at work",
        "moins d'enfants au travail",
        "menos niñez trabajadora",
    ),
    Theme(
        "11330",
        "Vocational training",
        ("4.4",),
        "5.2",
        "1",
        "skills that employers ask for",
        "des compétences recherchées",
        "competencias demandadas",
    ),
    Theme(
        "16010",
        "Social protection",
        ("1.3",),
        "8.2",
        "1",
        "health and pension cover for more workers",
        "une couverture sociale plus large",
        "más cobertura social",
    ),
    Theme(
        "32130",
        "SME development",
        ("8.3",),
        "4.2",
        "0",
        "small firms that grow",
        "des petites entreprises durables",
        "pequeñas empresas sostenibles",
    ),
    Theme(
        "16080",
        "Social dialogue",
        ("16.3", "8.8"),
        "1.4",
        "0",
        "social partners at one table",
        "le dialogue social",
        "diálogo social",
    ),
    Theme(
        "15190",
        "Migration",
        ("10.7",),
        "7.5",
        "1",
        "fair recruitment of migrant workers",
        "un recrutement équitable",
        "contratación equitativa",
    ),
    Theme(
        "16070",
        "Labour rights",
        ("8.8",),
        "7.2",
        "0",
        "safe and healthy workplaces",
        "des lieux de travail sûrs",
        "lugares de trabajo seguros",
    ),
    Theme(
        "15180",
        "Ending violence against women",
        ("5.C", "8.8"),
        "5.3",
        "2",
        "work free from violence",
        "un travail sans violence",
        "trabajo sin violencia",
    ),
    Theme(
        "16062",
        "Statistical capacity",
        ("17.18",),
        "A.1",
        "0",
        "better labour statistics",
        "de meilleures statistiques du travail",
        "mejores estadísticas laborales",
    ),
    Theme(
        "43030",
        "Urban development",
        ("8.5", "11.1"),
        "3.3",
        "1",
        "paid works that mend roads and schools",
        "des travaux à haute intensité de main-d'œuvre",
        "obras con mano de obra local",
    ),
    Theme(
        "24030",
        "Financial intermediaries",
        ("8.10",),
        "4.1",
        "1",
        "loans for home-based workers",
        "la finance solidaire",
        "finanzas sociales",
    ),
)

TARGET_WORDS = {
    "1.3": "social protection for all",
    "4.4": "skills for work",
    "5.C": "laws for gender equality",
    "8.3": "small firms",
    "8.5": "full employment",
    "8.7": "child and forced labour",
    "8.8": "rights and safety at work",
    "8.10": "access to finance",
    "10.7": "safe migration",
    "11.1": "basic services in towns",
    "16.3": "access to justice",
    "17.18": "statistics",
}
