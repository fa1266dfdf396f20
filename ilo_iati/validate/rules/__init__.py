"""The rule engine: the catalogue and the code lists as tests on one activity or organisation at a time."""

from ilo_iati.validate.rules.ruleset import PROFILES, RuleHit, RuleSet

__all__ = ["PROFILES", "RuleHit", "RuleSet"]
