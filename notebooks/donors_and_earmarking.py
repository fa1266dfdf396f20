# %% [markdown]
# # Donors and earmarking
# Who gives, how concentrated the funding is, and how freely the ILO may use it.

# %%
import altair as alt

from ilo_iati.notebook import caption, open_warehouse

warehouse = open_warehouse()

# %% [markdown]
# ## Top contributors by UN CEB (real), and the share of the first five

# %%
donors = warehouse.execute(
    """select year, contributor_name, sum(amount_usd) / 1e6 as usd_million
       from core.ceb_revenue
       where granularity = 'donor' and revenue_type_code not in ('R01', 'R04') and amount_usd > 0
       group by all"""
).df()
donors["rank"] = donors.groupby("year").usd_million.rank(ascending=False, method="first")
top5 = donors[donors["rank"] <= 5].groupby("year").usd_million.sum() / donors.groupby("year").usd_million.sum() * 100
print(top5.round(1).rename("top-5 share, %"))

# %% [markdown]
# ## Earmarking in IATI: published (aid-type vocabulary 2) or implied by the instrument; unknown stays unknown

# %%
earmarking = warehouse.execute(
    """select year, coalesce(earmarking_category_code, 'unknown') as earmarking, earmarking_basis,
              sum(amount_usd) / 1e6 as usd_million
       from mart.contribution where is_voluntary and year between 2012 and 2026 group by all"""
).df()
print(earmarking.pivot_table(index="year", columns="earmarking", values="usd_million", aggfunc="sum").round(1))

# %%
chart = (
    alt.Chart(earmarking)
    .mark_bar()
    .encode(x="year:O", y=alt.Y("sum(usd_million):Q", stack="normalize", title="share"), color="earmarking:N")
    .properties(
        width=620, height=280, title={"text": "Earmarking of contributions", "subtitle": caption(warehouse, "iati_ilo")}
    )
)
chart
