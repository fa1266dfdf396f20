"""Publication readiness: gates, scores by the frameworks' own rules, what to fix first, and the page that shows them."""

from ilo_iati.readiness.evaluation import evaluate
from ilo_iati.readiness.gates import Decision, GateSet, Verdict, load_gates
from ilo_iati.readiness.page import render

__all__ = ["Decision", "GateSet", "Verdict", "evaluate", "load_gates", "render"]
