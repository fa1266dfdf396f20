-- RBSA, USD million a year. CEB files it under R03B in 2019 and 2020. DAC donors report it on channel 41144.
SELECT 'ceb' AS series, year,
    CASE WHEN year IN (2019, 2020) THEN coalesce(unearmarked_usd, 0) + coalesce(thematic_usd, 0) ELSE unearmarked_usd END
        / 1e6 AS value,
    NULL AS numerator, NULL AS denominator, 1 AS n, 100 AS coverage_pct,
    CASE WHEN year IN (2019, 2020) THEN 'CEB R02A + R03B' ELSE 'CEB R02A' END AS basis
FROM mart.ceb_year
WHERE has_instruments
UNION ALL
SELECT 'dac', year, sum(amount_usd) / 1e6, NULL, NULL, count(DISTINCT donor_code), 100, 'DAC 41144 core, disbursed'
FROM mart.dac_contribution
WHERE is_counted AND funding_class = 'rbsa' AND flow_type_code = 'D' AND price_base_code = 'V'
GROUP BY year
UNION ALL
SELECT 'iati', year, sum(amount_usd) / 1e6, NULL, NULL, count(*), 100 * count(amount_usd) / count(*),
    string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM mart.contribution
WHERE contributor_key = 'ILO-RBSA' AND publisher_ref = 'XM-DAC-41302'
GROUP BY year
