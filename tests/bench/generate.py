"""IATI files of any size from a seed: valid 2.03 activities of four kinds, with findings in a few of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

_PROSE = (
    "support for decent work and social protection in rural areas skills employment safety labour inspection training "
    "of national partners promotion of rights at work migration child enterprise dialogue statistics green jobs"
)
_WORDS = _PROSE.split()
_COUNTRIES = ("KH", "NP", "ET", "BO", "VN", "TN", "ZM", "HT", "UA", "LB")
_SECTORS = ("16020", "11330", "15160", "16010", "43010")
_DONORS = ("SE-0", "NO-BRC-971277882", "DE-1", "XM-DAC-701-8", "US-GOV-11")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<iati-activities version="2.03" generated-datetime="2026-01-15T10:00:00Z">\n'
)


def write_file(path: Path, size: int, seed: int = 0) -> int:
    """Writes about `size` bytes of activities to `path`; returns their number. The same seed gives the same bytes."""
    draw = random.Random(seed)
    written = number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEAD)
        while written < size:
            number += 1
            text = _activity(draw, number)
            written += len(text)
            file.write(text)
        file.write("</iati-activities>\n")
    return number


def _text(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(_WORDS, k=words)).capitalize()


def _narratives(draw: random.Random, words: int, indent: str) -> str:
    languages = ("en",) if draw.random() < 0.7 else ("en", "fr", "es")
    return "".join(f'{indent}<narrative xml:lang="{code}">{_text(draw, words)}</narrative>\n' for code in languages)


def _organisation(draw: random.Random, tag: str, attribute: str, indent: str) -> str:
    ref = draw.choice(_DONORS)
    return (
        f'{indent}<{tag} ref="{ref}" {attribute}="{ref}-{draw.randrange(10**6)}" type="10">\n'
        f"{_narratives(draw, 3, indent + '  ')}{indent}</{tag}>\n"
    )


def _money(draw: random.Random, day: date) -> str:
    return f'<value currency="USD" value-date="{day}">{draw.uniform(100, 10**6):.2f}</value>'


def _activity(draw: random.Random, number: int) -> str:
    start = date(2015, 1, 1) + timedelta(days=draw.randrange(3000))
    end = start + timedelta(days=draw.randrange(300, 2000))
    parts: list[Callable[[random.Random, date], str]] = [_budgets, _transactions]
    if draw.random() < 0.4:
        parts.append(_results)
    identifier = f"XM-DAC-41302-{number:08d}"
    broken = '  <nonsense code="1"/>\n' if draw.random() < 0.02 else ""
    return (
        '<iati-activity default-currency="USD" xml:lang="en" hierarchy="1" '
        'last-updated-datetime="2026-01-10T00:00:00Z">\n'
        f"  <iati-identifier>{identifier}</iati-identifier>\n"
        f'  <reporting-org ref="XM-DAC-41302" type="40">\n{_narratives(draw, 3, "    ")}  </reporting-org>\n'
        f"  <title>\n{_narratives(draw, 8, '    ')}  </title>\n"
        f'  <description type="1">\n{_narratives(draw, 60, "    ")}  </description>\n'
        f'  <participating-org ref="XM-DAC-41302" role="4" type="40">\n'
        f"{_narratives(draw, 3, '    ')}  </participating-org>\n"
        f'  <activity-status code="{draw.choice("234")}"/>\n'
        f'  <activity-date iso-date="{start}" type="2"/>\n  <activity-date iso-date="{end}" type="3"/>\n'
        f'  <recipient-country code="{draw.choice(_COUNTRIES)}" percentage="100"/>\n'
        f'  <sector vocabulary="1" code="{draw.choice(_SECTORS)}" percentage="100"/>\n'
        f'  <collaboration-type code="4"/>\n  <default-flow-type code="10"/>\n  <default-finance-type code="110"/>\n'
        f'  <default-aid-type code="{draw.choice(("C01", "B03", "X99"))}"/>\n'
        + "".join(part(draw, start) for part in parts)
        + broken
        + "</iati-activity>\n"
    )


def _budgets(draw: random.Random, start: date) -> str:
    days = [start + timedelta(days=365 * year) for year in range(draw.randrange(1, 5))]
    return "".join(
        f'  <budget type="1" status="2">\n    <period-start iso-date="{day}"/>\n'
        f'    <period-end iso-date="{day + timedelta(days=364)}"/>\n    {_money(draw, day)}\n  </budget>\n'
        for day in days
    )


def _transactions(draw: random.Random, start: date) -> str:
    days = [start + timedelta(days=draw.randrange(900)) for _ in range(draw.randrange(2, 20))]
    return "".join(
        f'  <transaction>\n    <transaction-type code="{draw.choice("234")}"/>\n'
        f'    <transaction-date iso-date="{day}"/>\n    {_money(draw, day)}\n'
        f"    <description>\n{_narratives(draw, 6, '      ')}    </description>\n"
        f"{_organisation(draw, 'provider-org', 'provider-activity-id', '    ')}"
        f"{_organisation(draw, 'receiver-org', 'receiver-activity-id', '    ')}  </transaction>\n"
        for day in days
    )


def _results(draw: random.Random, start: date) -> str:
    return "".join(
        f'  <result type="1" aggregation-status="0">\n    <title>\n{_narratives(draw, 8, "      ")}    </title>\n'
        + "".join(_indicator(draw, start) for _ in range(draw.randrange(1, 4)))
        + "  </result>\n"
        for _ in range(draw.randrange(1, 4))
    )


def _indicator(draw: random.Random, start: date) -> str:
    periods = "".join(
        f'      <period>\n        <period-start iso-date="{start + timedelta(days=365 * year)}"/>\n'
        f'        <period-end iso-date="{start + timedelta(days=365 * year + 364)}"/>\n'
        f'        <target value="{draw.randrange(1000)}"/>\n'
        f'        <actual value="{draw.randrange(1000)}"/>\n      </period>\n'
        for year in range(draw.randrange(1, 5))
    )
    return (
        f'    <indicator measure="1" ascending="1">\n      <title>\n{_narratives(draw, 6, "        ")}      </title>\n'
        f'      <baseline year="{start.year}" value="{draw.randrange(100)}"/>\n{periods}    </indicator>\n'
    )
