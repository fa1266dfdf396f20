"""WHEN things run: thin Dagster wiring over the library; only `run` and `steps` know nothing of Dagster."""
