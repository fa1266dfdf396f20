-- Delivery: spend of the year over budgets of the year, by days. Only activities that publish a budget in the year.
WITH budgets AS (
    SELECT activity_key, year, sum(amount_usd) AS budget_usd FROM mart.budget_effective
    WHERE is_current_version AND year IS NOT NULL AND publisher_ref = 'XM-DAC-41302' GROUP BY activity_key, year
),
spend AS (
    SELECT activity_key, year, sum(amount_usd) AS spend_usd FROM mart.transaction
    WHERE is_current_version AND transaction_type_code IN ('3', '4') AND publisher_ref = 'XM-DAC-41302'
    GROUP BY activity_key, year
)
SELECT 'iati' AS series, coalesce(b.year, s.year) AS year,
    100 * sum(s.spend_usd) FILTER (b.year IS NOT NULL) / nullif(sum(b.budget_usd), 0) AS value,
    100 * sum(s.spend_usd) FILTER (b.year IS NOT NULL) AS numerator, sum(b.budget_usd) AS denominator,
    count(b.year) AS n, 100 * sum(s.spend_usd) FILTER (b.year IS NOT NULL) / nullif(sum(s.spend_usd), 0) AS coverage_pct,
    'types 3 + 4 / effective budgets' AS basis
FROM budgets AS b FULL JOIN spend AS s ON s.activity_key = b.activity_key AND s.year = b.year
GROUP BY coalesce(b.year, s.year)
