-- Spend, USD million a year: disbursements and expenditure (types 3 and 4) of the current version of each activity.
SELECT 'iati' AS series, year, sum(amount_usd) / 1e6 AS value, NULL AS numerator, NULL AS denominator, count(*) AS n,
    100 * count(amount_usd) / count(*) AS coverage_pct, 'types 3 + 4' AS basis
FROM mart.transaction
WHERE is_current_version AND transaction_type_code IN ('3', '4') AND publisher_ref = 'XM-DAC-41302'
GROUP BY year
