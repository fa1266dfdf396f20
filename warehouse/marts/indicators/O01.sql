-- ODA to the ILO from DAC donors, USD million in constant prices, disbursed; assessed contributions as reported (60 per cent).
WITH given AS (
    SELECT year, funding_class, amount_usd, donor_code, base_year FROM mart.dac_contribution
    WHERE is_counted AND flow_type_code = 'D' AND price_base_code = 'Q'
)
SELECT 'dac' AS series, year, sum(amount_usd) / 1e6 AS value, NULL AS numerator, NULL AS denominator,
    count(DISTINCT donor_code) AS n, 100 AS coverage_pct,
    'constant prices' || coalesce(' of ' || CAST(max(base_year) AS VARCHAR), '') AS basis
FROM given GROUP BY year
UNION ALL
SELECT 'dac_' || funding_class, year, sum(amount_usd) / 1e6, NULL, NULL, count(DISTINCT donor_code), 100,
    'constant prices' || coalesce(' of ' || CAST(max(base_year) AS VARCHAR), '')
FROM given GROUP BY funding_class, year
