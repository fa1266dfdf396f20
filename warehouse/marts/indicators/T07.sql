-- Forward cover: budgets of next year over spend of this one.
WITH budgets AS (
    SELECT year, sum(amount_usd) AS usd FROM mart.budget_effective
    WHERE is_current_version AND publisher_ref = 'XM-DAC-41302' AND year IS NOT NULL GROUP BY year
),
spend AS (
    SELECT year, sum(amount_usd) AS usd, count(*) AS n FROM mart.transaction
    WHERE is_current_version AND transaction_type_code IN ('3', '4') AND publisher_ref = 'XM-DAC-41302' GROUP BY year
)
SELECT 'iati' AS series, s.year, 100 * coalesce(b.usd, 0) / nullif(s.usd, 0) AS value, 100 * coalesce(b.usd, 0) AS numerator,
    s.usd AS denominator, s.n, 100 AS coverage_pct, 'budgets y+1 / types 3 + 4' AS basis
FROM spend AS s LEFT JOIN budgets AS b ON b.year = s.year + 1
WHERE s.usd > 0
