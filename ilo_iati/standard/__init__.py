"""The official IATI artefacts: where they come from, how they are pinned and verified, and the code lists as facts."""

from ilo_iati.standard.official import Standard, open_standard

__all__ = ["Standard", "open_standard"]
