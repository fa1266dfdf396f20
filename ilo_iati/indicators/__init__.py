"""Marts and register to values: baseline, target, path, actual and status of each indicator, for a given `as_of`."""

from ilo_iati.indicators.compute import compute, store

__all__ = ["compute", "store"]
