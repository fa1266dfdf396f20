-- Domestic funding: programme-country governments that pay for work at home, share of voluntary contributions.
SELECT 'ceb' AS series, year, 100 * coalesce(local_usd, 0) / voluntary_usd AS value,
    100 * coalesce(local_usd, 0) AS numerator, voluntary_usd AS denominator, 1 AS n, 100 AS coverage_pct,
    'CEB R03D / (R02 + R03)' AS basis
FROM mart.ceb_year WHERE has_instruments
UNION ALL
SELECT 'iati', year, 100 * coalesce(sum(amount_usd) FILTER (instrument_code = 'R03D'), 0) / nullif(sum(amount_usd), 0),
    100 * coalesce(sum(amount_usd) FILTER (instrument_code = 'R03D'), 0), sum(amount_usd),
    count(*) FILTER (instrument_code = 'R03D'), 100 * count(*) FILTER (contributor_key <> 'unknown') / count(*),
    string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' GROUP BY year
