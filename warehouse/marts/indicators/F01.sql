-- Voluntary contributions received, USD million a year: UN CEB revenue, and what IATI publishes by the rule of each era.
SELECT 'ceb' AS series, year, voluntary_usd / 1e6 AS value, NULL AS numerator, NULL AS denominator, 1 AS n,
    100 AS coverage_pct, 'CEB R02 + R03' AS basis
FROM mart.ceb_year
UNION ALL
SELECT 'iati', year, sum(amount_usd) / 1e6, NULL, NULL, count(*), 100 * count(amount_usd) / count(*),
    string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM mart.contribution
WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302'
GROUP BY year
