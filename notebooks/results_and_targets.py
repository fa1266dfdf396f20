# %% [markdown]
# # Results against targets
# The ILO publishes qualitative results (measure 5) without baselines, targets or actuals: a gap a reviewer must see.
# The same tables hold other publishers' numeric results, with achievement in the direction of the indicator.

# %%
import altair as alt

from ilo_iati.notebook import caption, open_warehouse

warehouse = open_warehouse()
print(caption(warehouse, "iati_ilo"))

# %%
summary = warehouse.execute(
    """select biennium_start, sum(activity_count) as activities, sum(indicator_count) as indicators,
              sum(indicator_with_baseline_count) as with_baseline, sum(indicator_with_target_count) as with_target,
              sum(indicator_with_actual_count) as with_actual, sum(qualitative_count) as qualitative
       from mart.result_summary group by all order by biennium_start"""
).df()
print(summary.to_string(index=False))

# %% [markdown]
# ## How many indicators carry what a target needs

# %%
steps = ["indicators", "with_baseline", "with_target", "with_actual"]
coverage = summary.melt("biennium_start", steps, "step", "count")
chart = (
    alt.Chart(coverage)
    .mark_bar()
    .encode(
        x=alt.X("step:N", sort=steps, title=None),
        y=alt.Y("count:Q", title="indicators"),
        color=alt.Color("step:N", sort=steps, legend=None),
        column=alt.Column("biennium_start:O", title="biennium from"),
    )
    .properties(
        height=220,
        title={"text": "Indicators with baseline, target and actual", "subtitle": caption(warehouse, "iati_ilo")},
    )
)
chart

# %% [markdown]
# ## Periods where target and actual can be compared

# %%
compared = warehouse.execute(
    """select outcome_code, indicator_title, period_end, baseline_value, target_value, actual_value, is_target_met
       from mart.result_period where is_target_met is not null and is_current_version
       order by period_end desc limit 20"""
).df()
print(compared.to_string(index=False) if len(compared) else "None: no period has a numeric target and actual.")
