"""Factories of assets: one a source, one for the loaded tables, one a mart, then indicators, readiness, publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from ilo_iati.errors import SourceError
from ilo_iati.spec.source import Source
from ilo_iati.spec.table import Table
from pipelines import checks, datasets, sources, warehouse
from pipelines import run as runs
from pipelines.resources import RefreshSettings
from pipelines.run import Run

Yielded = Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult | dg.Output[Any]]

FETCH_RETRY = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For faults of the process itself (a full disk, a lost mount); HTTP faults are retried inside the session."""

INPUTS = dg.AssetKey(["build", "inputs"])
CHECKED = dg.AssetKey(["build", "validation"])
PARTS = dg.AssetKey(["build", "parts"])
WAREHOUSE = dg.AssetKey(["build", "warehouse"])
READINESS_TABLES = "mart.readiness_"
INDICATOR_TABLES = "mart.indicator_"


def key_of(table: str) -> dg.AssetKey:
    """`core.iati_budget` as the asset key core / iati_budget."""
    return dg.AssetKey(table.split("."))


def _metadata(table: Table, rows: int, preview: str) -> dict[str, Any]:
    columns = [dg.TableColumn(c.name, c.type, description=c.about) for c in table.columns]
    return {
        "dagster/row_count": rows,
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "preview": dg.MetadataValue.md(preview),
    }


def source_asset(source: Source) -> dg.AssetsDefinition:
    """Fetches one source into the snapshot store. A source out of reach is a failed check, never a stopped graph."""
    key = dg.AssetKey(["source", source.name])

    @dg.asset(
        key=key,
        group_name="sources",
        description=source.about,
        retry_policy=FETCH_RETRY,
        kinds={"xml" if source.name.startswith("iati") else "csv"},
        check_specs=[dg.AssetCheckSpec("usable_snapshot", asset=key), dg.AssetCheckSpec("reached", asset=key)],
    )
    def fetched(settings: RefreshSettings) -> Yielded:
        reached, note = True, "reached"
        try:
            reached, found = sources.fetch_source(settings.run, source, settings.only_sources)
            note = " ".join(finding.message for finding in found[:3])
        except SourceError as error:
            sources.record_unreachable(settings.run, source, error)
            reached, note = False, str(error)
        snapshots = sources.snapshots_of(settings.run, source)
        yield dg.MaterializeResult(
            metadata={
                "datasets": len(snapshots),
                "bytes": sum(snapshot.bytes for snapshot in snapshots),
                "snapshots": dg.MetadataValue.path(str(settings.run.snapshots)),
                "licence": source.licence,
                "note": note,
            },
            check_results=[
                dg.AssetCheckResult(check_name="reached", passed=reached, severity=dg.AssetCheckSeverity.WARN),
                dg.AssetCheckResult(check_name="usable_snapshot", passed=bool(snapshots)),
            ],
        )

    return fetched


def inputs_asset(declared: Sequence[Source]) -> dg.AssetsDefinition:
    """Passes on only when something changed: bytes, specs, code, mode or date. Else everything below is skipped."""

    @dg.asset(
        key=INPUTS,
        group_name="build",
        deps=[dg.AssetKey(["source", source.name]) for source in declared],
        output_required=False,
        description="Skips the build below when the published warehouse was made from these very inputs.",
    )
    def inputs(settings: RefreshSettings) -> Iterator[dg.Output[None]]:
        if not settings.rebuild and sources.is_published(settings.run):
            dg.get_dagster_logger().info("Nothing changed: the published warehouse was made from these very inputs.")
            return
        runs.begin(settings.run)
        yield dg.Output(None, metadata={"as_of": str(settings.run.as_of), "mode": settings.run.mode})

    return inputs


@dg.asset(key=CHECKED, deps=[INPUTS], group_name="build", description="Every IATI dataset checked, findings kept.")
def validation(settings: RefreshSettings) -> dg.MaterializeResult[Any]:
    """Checks every IATI dataset; findings by severity are its metadata."""
    summary = datasets.check_datasets(settings.run)
    return dg.MaterializeResult(metadata=dict(summary))


@dg.asset(key=PARTS, deps=[INPUTS], group_name="build", description="Every IATI dataset parsed into Parquet parts.")
def parts(settings: RefreshSettings) -> dg.MaterializeResult[Any]:
    """Parses every IATI dataset whose bytes are new."""
    made = datasets.extract_datasets(settings.run)
    return dg.MaterializeResult(metadata={"datasets": len(made), "rows": sum(sum(p.counts.values()) for p in made)})


def mart_asset(table: Table, depends_on: Iterable[str]) -> dg.AssetsDefinition:
    """One mart: its SELECT run on the staging database, its spec's checks after it."""

    @dg.asset(
        key=key_of(table.name),
        deps=[key_of(name) for name in sorted(depends_on)],
        group_name="mart",
        description=table.grain,
        kinds={"duckdb", "sql"},
        check_specs=checks.specs([table]),
    )
    def mart(settings: RefreshSettings) -> Yielded:
        rows = warehouse.build_mart(settings.run, table.name)
        yield from _tables_told(settings.run, [table], {table.name: rows})

    return mart


def _tables_told(run: Run, tables: Sequence[Table], counts: Mapping[str, int]) -> Yielded:
    """What Dagster shows of tables just made: rows, columns, a preview; then the checks of their specs."""
    shown = warehouse.previews(run, [table.name for table in tables])
    for table in tables:
        metadata = _metadata(table, counts.get(table.name, 0), shown[table.name])
        yield dg.MaterializeResult(asset_key=key_of(table.name), metadata=metadata)
    yield from checks.results(warehouse.expect_tables(run, tables))


def tables_asset(
    name: str, tables: Mapping[str, Table], deps: Sequence[dg.AssetKey], make: Callable[[Run], Mapping[str, int]]
) -> dg.AssetsDefinition:
    """Tables made together in one step (one writer, one transaction), each with the checks of its spec."""
    specs = [
        dg.AssetSpec(key_of(t.name), deps=list(deps), group_name=t.schema, description=t.grain, kinds={"duckdb"})
        for t in tables.values()
    ]

    @dg.multi_asset(name=name, specs=specs, check_specs=checks.specs(tables.values()))
    def together(settings: RefreshSettings) -> Yielded:
        yield from _tables_told(settings.run, list(tables.values()), make(settings.run))

    return together


def spanning_asset(deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The expectations that span several tables, after the marts and before readiness reads their findings."""
    key = dg.AssetKey(["build", "spanning_checks"])

    @dg.asset(
        key=key,
        deps=list(deps),
        group_name="build",
        description="Great Expectations suites over joined tables (schemas/expectations).",
        check_specs=checks.spanning_specs(key),
    )
    def spanning_checks(settings: RefreshSettings) -> Yielded:
        results = warehouse.expect_spanning(settings.run)
        yield dg.MaterializeResult(metadata={"checks": len(results)})
        yield from checks.results(results, key)

    return spanning_checks


def warehouse_asset(deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Publication: report, dictionary, Parquet and database swapped in by rename."""

    @dg.asset(
        key=WAREHOUSE,
        deps=list(deps),
        group_name="build",
        description="The published warehouse: one DuckDB file, Parquet, dictionary and the readiness page.",
        kinds={"duckdb"},
    )
    def published(settings: RefreshSettings) -> dg.MaterializeResult[Any]:
        counts = warehouse.publish_all(settings.run)
        home = settings.run.home
        return dg.MaterializeResult(
            metadata={
                "rows": sum(counts.values()),
                "tables": len(counts),
                "database": dg.MetadataValue.path(str(home.database)),
                "report": dg.MetadataValue.url(home.report.as_uri()),
            }
        )

    return published


def all_assets(declared: Mapping[str, Source], tables: Mapping[str, Table]) -> list[dg.AssetsDefinition]:
    """The whole graph from the declared sources and tables."""
    marts = {t.name: t for t in tables.values() if t.rows_from == "sql"}
    indicators = {n: t for n, t in tables.items() if n.startswith(INDICATOR_TABLES) and n not in marts}
    readiness = {n: t for n, t in tables.items() if n.startswith(READINESS_TABLES) and n not in marts}
    rest = {n: t for n, t in tables.items() if n not in (marts | indicators | readiness)}
    mart_keys = [key_of(name) for name in marts] or [key_of(name) for name in rest]
    graph = warehouse.mart_dependencies(marts)
    spanning = spanning_asset(mart_keys)
    # Scores first: an indicator may read a score, while the page (written on publication) reads both.
    before = [*mart_keys, spanning.key]
    return [
        *(source_asset(source) for source in declared.values()),
        inputs_asset(list(declared.values())),
        validation,
        parts,
        tables_asset("load_tables", rest, [CHECKED, PARTS], warehouse.load_core),
        *(mart_asset(table, graph[name]) for name, table in marts.items()),
        spanning,
        tables_asset("readiness", readiness, before, warehouse.evaluate_readiness),
        tables_asset("indicators", indicators, [*before, *map(key_of, readiness)], warehouse.compute_indicators),
        warehouse_asset([*map(key_of, indicators), *map(key_of, readiness), *before]),
    ]
