"""What was published when: fingerprints of every activity of a snapshot, and the comparison of two snapshots."""

from ilo_iati.history.compare import Change, Comparison, MoneyMoved, compare
from ilo_iati.history.fingerprint import FINGERPRINT, Fingerprint, Money, fingerprint, fingerprint_table

__all__ = [
    "FINGERPRINT",
    "Change",
    "Comparison",
    "Fingerprint",
    "Money",
    "MoneyMoved",
    "compare",
    "fingerprint",
    "fingerprint_table",
]
