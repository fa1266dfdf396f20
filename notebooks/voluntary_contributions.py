# %% [markdown]
# # Voluntary contributions, 2012-17 and after
# Two clocks on the same money: revenue as UN CEB publishes it (audited, real in every warehouse) and contributions as
# the ILO's IATI files state them. `basis` says by which rule a row became a contribution: the era decides, and types 1
# and 11, or 2 and 4, are never added.

# %%
import altair as alt

from ilo_iati.notebook import caption, open_warehouse

warehouse = open_warehouse()

# %%
ceb = warehouse.execute(
    """select year, sum(amount_usd) / 1e6 as usd_million,
              100 * sum(amount_usd) / any_value(total) as share_pct
       from core.ceb_revenue
       join (select year, sum(amount_usd) as total from core.ceb_revenue where granularity = 'type' group by year)
       using (year)
       where granularity = 'type' and left(revenue_type_code, 3) in ('R02', 'R03')
       group by year order by year"""
).df()
window = ceb[ceb.year.between(2012, 2017)]
print(f"mean 2012-17: USD {window.usd_million.mean():.1f} million, {window.share_pct.mean():.1f} % of revenue")

# %%
iati = warehouse.execute(
    """select year, basis, sum(amount_usd) / 1e6 as usd_million
       from mart.contribution where is_voluntary and year between 2012 and 2026 group by all order by year, basis"""
).df()
print(iati.pivot_table(index="year", columns="basis", values="usd_million", aggfunc="sum").round(1))

# %% [markdown]
# ## Chart: contributions by basis, with UN CEB's line and the 2012-17 mean

# %%
bars = alt.Chart(iati).mark_bar().encode(x="year:O", y=alt.Y("usd_million:Q", title="USD million"), color="basis:N")
line = alt.Chart(ceb[ceb.year >= 2012]).mark_line(color="black", point=True).encode(x="year:O", y="usd_million:Q")
mean = alt.Chart(window).mark_rule(strokeDash=[6, 3]).encode(y="mean(usd_million):Q")
chart = (bars + line + mean).properties(
    width=620,
    height=320,
    title={"text": "Voluntary contributions to the ILO", "subtitle": caption(warehouse, "iati_ilo", "ceb_revenue")},
)
chart
