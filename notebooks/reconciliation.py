# %% [markdown]
# # IATI, OECD-DAC and UN CEB side by side
# Three clocks on the same money: what the ILO publishes, what its donors report, what the United Nations books as
# revenue. They are never added, only compared, and each difference is split into what explains it.

# %%
import altair as alt

from ilo_iati.notebook import caption, open_warehouse

warehouse = open_warehouse()
print(caption(warehouse, "iati_ilo", "oecd_multisystem", "oecd_crs", "ceb_revenue", "crs_outflow"))

# %% [markdown]
# ## Voluntary contributions by each clock, USD million

# %%
clocks = warehouse.execute(
    """unpivot (
           select year, max(iati_voluntary_usd) / 1e6 as "IATI", max(dac_voluntary_usd) / 1e6 as "OECD-DAC",
                  max(ceb_voluntary_usd) / 1e6 as "UN CEB"
           from mart.reconciliation_year where year between 2012 and 2024 group by year)
       on "IATI", "OECD-DAC", "UN CEB" into name clock value usd_million order by year, clock"""
).df()
print(clocks.pivot_table(index="year", columns="clock", values="usd_million").round(1))

# %%
chart = (
    alt.Chart(clocks)
    .mark_line(point=True)
    .encode(x="year:O", y=alt.Y("usd_million:Q", title="USD million"), color="clock:N", strokeDash="clock:N")
    .properties(
        width=620,
        height=300,
        title={
            "text": "Voluntary contributions to the ILO by three clocks",
            "subtitle": caption(warehouse, "iati_ilo", "oecd_multisystem", "ceb_revenue"),
        },
    )
)
chart

# %% [markdown]
# ## Where the difference between IATI and OECD-DAC comes from, USD million
# Scope: money the other side does not hold by design (donors that do not report to the DAC, private and pooled money).
# Timing: what the years beside it take back. The five parts add up to the difference.

# %%
parts = warehouse.execute(
    """select year, difference_usd / 1e6 as difference, scope_usd / 1e6 as scope, coefficient_usd / 1e6 as coefficient,
              currency_usd / 1e6 as currency, timing_usd / 1e6 as timing, unexplained_usd / 1e6 as unexplained,
              100 * ratio as iati_in_pct_of_dac
       from mart.reconciliation_year where comparison = 'iati_dac' and left_usd <> 0 and right_usd <> 0 order by year"""
).df()
print(parts.set_index("year").astype(float).round(1).to_string())

# %% [markdown]
# ## Donors with the largest unexplained difference in the last year both sides hold

# %%
donors = warehouse.execute(
    """select year, contributor_name, left_usd / 1e6 as iati, right_usd / 1e6 as dac,
              unexplained_usd / 1e6 as unexplained
       from mart.reconciliation_donor
       where comparison = 'iati_dac' and year = (
           select max(year) from mart.reconciliation_year
           where comparison = 'iati_dac' and left_usd <> 0 and right_usd <> 0)
       order by abs(unexplained_usd) desc limit 10"""
).df()
print(donors.round(1).to_string(index=False))

# %% [markdown]
# ## Assessed contributions: 60 % of each is counted as aid
# What DAC members report on channel 41302, before the coefficient, against UN CEB's line of the same donors.

# %%
assessed = warehouse.execute(
    """select year, sum(left_usd) / 1e6 as dac_as_reported, sum(left_usd - coefficient_usd) / 1e6 as before_coefficient,
              sum(right_usd) / 1e6 as ceb
       from mart.reconciliation_donor where comparison = 'dac_ceb_assessed' and left_usd > 0 and right_usd > 0
       group by year order by year"""
).df()
print(assessed.set_index("year").astype(float).round(1))

# %% [markdown]
# ## The other side of the ledger: what the ILO itself reports to the CRS (donor 940), real rows
# Regular budget and RBSA spending by recipient. It complements the ILO's IATI files and is never added to them.

# %%
outflow = warehouse.execute(
    """select recipient_name, year, sum(amount_usd) / 1e6 as usd_million
       from core.dac_flow where source = 'crs_aggregate' and price_base_code = 'V' group by all"""
).df()
table = outflow.pivot_table(index="recipient_name", columns="year", values="usd_million", aggfunc="sum")
print(table.sum().round(1).rename("USD million in all"))
print(table.loc[table.sum(axis=1).nlargest(10).index].round(1))
