"""The built warehouse for readers without DuckDB: Parquet, the data dictionary, datapackage.json."""

from ilo_iati.publish.datapackage import datapackage, write_datapackage
from ilo_iati.publish.dictionary import describe, dictionary
from ilo_iati.publish.parquet import export_parquet, swap_folder

__all__ = ["datapackage", "describe", "dictionary", "export_parquet", "swap_folder", "write_datapackage"]
