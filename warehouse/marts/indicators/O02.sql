-- IATI over DAC, voluntary money of the donors that report to both; n counts the donors within ten per cent.
SELECT 'iati_dac' AS series, year, sum(left_usd) / nullif(sum(right_usd), 0) AS value, sum(left_usd) AS numerator,
    sum(right_usd) AS denominator, count(*) FILTER (ratio BETWEEN 0.9 AND 1.1) AS n,
    100 * count(*) FILTER (left_usd <> 0 AND right_usd <> 0) / count(*) AS coverage_pct,
    'donors in DAC, RBSA as one' AS basis
FROM mart.reconciliation_donor
WHERE comparison = 'iati_dac' AND match_class <> 'scope'
GROUP BY year
