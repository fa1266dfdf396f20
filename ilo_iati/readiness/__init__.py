"""Publication readiness: gates, scores by the frameworks' own rules, what to fix first, the page."""

from ilo_iati.readiness.evaluation import Readiness, assess, evaluate
from ilo_iati.readiness.export import as_json, csv_files, workbook
from ilo_iati.readiness.gates import Decision, GateSet, Verdict, load_gates
from ilo_iati.readiness.history import append_history, read_history
from ilo_iati.readiness.lists import office_lists
from ilo_iati.readiness.page import render

__all__ = [
    "Decision",
    "GateSet",
    "Readiness",
    "Verdict",
    "append_history",
    "as_json",
    "assess",
    "csv_files",
    "evaluate",
    "load_gates",
    "office_lists",
    "read_history",
    "render",
    "workbook",
]
