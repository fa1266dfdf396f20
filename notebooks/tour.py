# %% [markdown]
# # A tour of the warehouse
# Tables explain themselves: every table and column has a comment, every row leads to its XML line.

# %%
from ilo_iati.notebook import caption, open_warehouse

warehouse = open_warehouse()
print(caption(warehouse, "iati_ilo", "oecd_multisystem", "ceb_revenue", "exchange_rate_daily"))

# %% [markdown]
# ## What is there
# `ref` code lists and reviewed mappings, `core` as published, `mart` with the meaning, `audit` for lineage.

# %%
tables = warehouse.execute(
    """select schema_name, table_name, estimated_size as row_count, comment
       from duckdb_tables() where not internal order by schema_name, table_name"""
).df()
print(tables.groupby("schema_name").agg(tables=("table_name", "size"), rows=("row_count", "sum")))

# %% [markdown]
# ## Datasets of the ILO: one a year or biennium, each era with its own way of writing

# %%
datasets = warehouse.execute(
    """select dataset, any_value(iati_version) as version, count(*) as activities,
              min(iati_identifier) as first_identifier
       from core.iati_activity group by dataset order by dataset"""
).df()
print(datasets.to_string(index=False))

# %% [markdown]
# ## From a figure to its line
# The largest contribution, and where it stands in the publication. `ilo-iati trace ACTIVITY` shows the XML itself.

# %%
largest = warehouse.execute(
    """select iati_identifier, year, contributor_name, amount_usd, basis, dataset, snapshot_sha256, source_line
       from mart.contribution where is_voluntary order by amount_usd desc nulls last limit 1"""
).df()
print(largest.T.to_string(header=False))

# %% [markdown]
# ## What the checks found

# %%
findings = warehouse.execute(
    """select stage, severity, rule_id, count(*) as findings, any_value(message) as for_example
       from audit.finding group by all order by findings desc limit 15"""
).df()
print(findings.to_string(index=False, max_colwidth=70))
