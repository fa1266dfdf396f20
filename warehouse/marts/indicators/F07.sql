-- Receipts from UN pooled funds, USD million and share of voluntary contributions.
SELECT 'ceb' AS series, year, coalesce(pooled_usd, 0) / 1e6 AS value, NULL AS numerator, NULL AS denominator, 1 AS n,
    100 AS coverage_pct, 'CEB R03A' AS basis
FROM mart.ceb_year WHERE has_instruments
UNION ALL
SELECT 'ceb_pct', year, 100 * coalesce(pooled_usd, 0) / voluntary_usd, 100 * coalesce(pooled_usd, 0), voluntary_usd, 1,
    100, 'CEB R03A / (R02 + R03)'
FROM mart.ceb_year WHERE has_instruments
UNION ALL
SELECT 'iati', year, coalesce(sum(amount_usd) FILTER (contributor_type_code = 'C04D' OR instrument_code = 'R03A'), 0) / 1e6,
    NULL, NULL, count(*) FILTER (contributor_type_code = 'C04D' OR instrument_code = 'R03A'),
    100 * count(*) FILTER (contributor_key <> 'unknown') / count(*), string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' GROUP BY year
