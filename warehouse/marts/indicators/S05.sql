-- Average spend of an activity with spend in the year, USD million, and how many such activities there are.
WITH spend AS (
    SELECT year, activity_key, sum(amount_usd) AS usd FROM mart.transaction
    WHERE is_current_version AND transaction_type_code IN ('3', '4') AND publisher_ref = 'XM-DAC-41302'
    GROUP BY year, activity_key
)
SELECT 'iati' AS series, year, sum(usd) / 1e6 / count(*) AS value, sum(usd) / 1e6 AS numerator, count(*) AS denominator,
    count(*) AS n, 100 * count(usd) / count(*) AS coverage_pct, 'types 3 + 4' AS basis
FROM spend GROUP BY year
UNION ALL
SELECT 'iati_count', year, count(*), NULL, NULL, count(*), 100, 'activities with types 3 + 4' FROM spend GROUP BY year
