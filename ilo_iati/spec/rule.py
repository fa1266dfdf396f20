"""schemas/rules/*.yml and official ruleset JSON into frozen RuleCase objects: what is tested where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ilo_iati.errors import SpecError
from ilo_iati.findings import Severity
from ilo_iati.paths import SCHEMAS
from ilo_iati.spec.reading import read_yaml, require

RULES = (
    "no_more_than_one",
    "atleast_one",
    "only_one_of",
    "one_or_all",
    "dependent",
    "unique",
    "sum",
    "strict_sum",
    "date_order",
    "date_now",
    "time_limit",
    "between_dates",
    "regex_matches",
    "regex_no_matches",
    "startswith",
    "no_spaces",
    "no_percent",
    "range",
    "if_then",
    "evaluates_to_true",
)
"""Every kind of rule the engine knows."""

ARGUMENTS = (
    "condition",
    "id_condition",
    "if",
    "then",
    "one",
    "all",
    "date",
    "start",
    "end",
    "less",
    "more",
    "prefix",
    "separator",
    "regex",
    "min",
    "max",
    "sum",
    "excluded",
    "paths",
    "eval",
    "eval_error",
)
_PLACE = ("versions", "context", "rule", "foreach", "subs")


@dataclass(frozen=True, slots=True)
class RuleCase:
    """One test of the ruleset: `rule` with `arguments` on every node that `context` (absolute XPath) matches.

    `foreach` is an XPath whose distinct values replace `$1` in the arguments named by `subs` (a loop of the ruleset).
    `versions` are those of the standard it belongs to. Source: IATI-Rulesets, facts restated; words our own.
    """

    rule_id: str
    severity: Severity
    category: str
    context: str
    rule: str
    arguments: Mapping[str, Any]
    message: str
    fix: str = ""
    link: str = ""
    note: str = ""
    versions: tuple[str, ...] = ()
    foreach: str | None = None
    subs: tuple[str, ...] = field(default=())

    def applies_to(self, version: str, file_type: str) -> bool:
        """True for a document of `version` whose root element is `file_type`; `//` contexts hold for both."""
        return version in self.versions and (self.context.startswith("//") or f"/{file_type}/" in self.context)


def read_rules(path: Path) -> Iterator[RuleCase]:
    """The cases of one catalogue file. Raises SpecError."""
    body = read_yaml(path)
    require(path, body, ("category", "rules"), ())
    for rule in body["rules"]:
        require(path, rule, ("id", "severity", "message", "fix"), ("category", "link", "note", "cases"))
        for case in rule.get("cases", ()):
            require(path, case, ("versions", "context", "rule"), (*_PLACE, *ARGUMENTS))
            yield _case(path, str(body["category"]), rule, case)


def _case(path: Path, category: str, rule: Mapping[str, Any], case: Mapping[str, Any]) -> RuleCase:
    if case["rule"] not in RULES or rule["severity"] not in list(Severity):
        raise SpecError(f"{path}: {rule['id']}: rule {case['rule']} or severity {rule['severity']} is unknown.")
    return RuleCase(
        rule_id=rule["id"],
        severity=Severity(rule["severity"]),
        category=category,
        context=case["context"],
        rule=case["rule"],
        arguments={key: value for key, value in case.items() if key in ARGUMENTS},
        message=rule["message"],
        fix=rule["fix"],
        link=rule.get("link", ""),
        note=rule.get("note", ""),
        versions=tuple(case["versions"]),
        foreach=case.get("foreach"),
        subs=tuple(case.get("subs", ())),
    )


@cache
def load_rules(schemas: Path = SCHEMAS) -> tuple[RuleCase, ...]:
    """Every case of the catalogue, in order of file. Raises SpecError."""
    return tuple(case for path in sorted((schemas / "rules").glob("*.yml")) for case in read_rules(path))


@dataclass(frozen=True, slots=True)
class OwnRule:
    """The words of a check that is written in Python because no rule of the ruleset can say it (`strict.*`)."""

    rule_id: str
    severity: Severity
    category: str
    message: str
    fix: str


@cache
def load_own_rules(schemas: Path = SCHEMAS) -> Mapping[str, OwnRule]:
    """The catalogue's entries without cases, by id. Raises SpecError."""
    found = {}
    for path in sorted((schemas / "rules").glob("*.yml")):
        body = read_yaml(path)
        for rule in body["rules"]:
            if "cases" not in rule:
                words = (rule["id"], Severity(rule["severity"]), rule.get("category", body["category"]))
                found[rule["id"]] = OwnRule(*words, rule["message"], rule["fix"])
    return found


def read_ruleset(source: Path | bytes | str, version: str) -> tuple[RuleCase, ...]:
    """The cases of an official ruleset JSON. Loops are unfolded; cases without an id get `<rule>.<number>`.

    Raises SpecError for anything that is not a ruleset or names an unknown rule.
    """
    try:
        body = json.loads(source.read_bytes() if isinstance(source, Path) else source)
        return tuple(_unfold(body, version))
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        named = source if isinstance(source, Path) else "ruleset"
        raise SpecError(f"{named}: not an IATI ruleset ({error!r}); name the official standard.json.") from error


def _unfold(body: Mapping[str, Any], version: str) -> Iterator[RuleCase]:
    for context, rules in body.items():
        for name, content in rules.items():
            for number, case in enumerate(content["cases"], 1):
                if name == "loop":
                    for inner, inside in case["do"].items():
                        for one in inside["cases"]:
                            yield _official(context, inner, one, number, version, case["foreach"], case["subs"])
                else:
                    yield _official(context, name, case, number, version)


def _official(
    context: str,
    name: str,
    case: Mapping[str, Any],
    number: int,
    version: str,
    foreach: str | None = None,
    subs: Sequence[str] = (),
) -> RuleCase:
    rule = _snake(name)
    if rule not in RULES:
        raise SpecError(f"ruleset: rule {name!r} in {context} is unknown; this program knows {', '.join(RULES)}.")
    info = case.get("ruleInfo") or {}
    arguments = {_snake(key): value for key, value in case.items() if key != "ruleInfo"}
    return RuleCase(
        rule_id=str(info.get("id", f"{rule}.{number}")),
        severity=Severity(info.get("severity", "error")),
        category=info.get("category", ""),
        context=context,
        rule=rule,
        arguments=arguments,
        message=str(info.get("message", f"{rule} is not met.")),
        versions=(version,),
        foreach=foreach,
        subs=tuple(subs),
    )


def _snake(name: str) -> str:
    """`ifThen` -> `if_then`; `atLeastOne` and `atleast_one` are the same rule."""
    text = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return {"at_least_one": "atleast_one", "starts_with": "startswith"}.get(text, text)
