-- Un- and lightly earmarked share of voluntary contributions: R02, UN pooled funds (R03A) and thematic funds (R03B).
SELECT 'ceb' AS series, year,
    100 * (coalesce(unearmarked_usd, 0) + coalesce(pooled_usd, 0) + coalesce(thematic_usd, 0)) / voluntary_usd AS value,
    100 * (coalesce(unearmarked_usd, 0) + coalesce(pooled_usd, 0) + coalesce(thematic_usd, 0)) AS numerator,
    voluntary_usd AS denominator, 1 AS n, 100 AS coverage_pct, 'CEB (R02 + R03A + R03B) / (R02 + R03)' AS basis
FROM mart.ceb_year
WHERE has_instruments
UNION ALL
SELECT 'iati', year, 100 * sum(amount_usd) FILTER (is_light) / nullif(sum(amount_usd) FILTER (is_known), 0),
    100 * coalesce(sum(amount_usd) FILTER (is_light), 0), sum(amount_usd) FILTER (is_known), count(*),
    100 * coalesce(sum(amount_usd) FILTER (is_known), 0) / nullif(sum(amount_usd), 0),
    string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM (
    SELECT *, earmarking_category_code IS NOT NULL OR instrument_code IS NOT NULL AS is_known,
        earmarking_category_code IN ('1', '2') OR instrument_code LIKE 'R02%' OR instrument_code IN ('R03A', 'R03B')
            AS is_light
    FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302'
)
GROUP BY year
