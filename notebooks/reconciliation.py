# %% [markdown]
# # IATI, OECD-DAC and UN CEB side by side
# Three clocks on the same money: never added, only compared.

# %%
from ilo_iati.notebook import caption, open_warehouse

warehouse = open_warehouse()
print(caption(warehouse, "iati_ilo", "oecd_multisystem", "ceb_revenue"))

# %%
print(warehouse.execute("select * from mart.reconciliation_year").df().to_string(index=False, max_colwidth=40))
