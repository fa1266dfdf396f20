-- Active contributors: named ones with a positive net voluntary amount in the year.
SELECT 'ceb' AS series, c.year, count(*) FILTER (c.voluntary_usd > 0) AS value, NULL AS numerator, NULL AS denominator,
    count(*) AS n, 100 * sum(c.voluntary_usd) / any_value(y.voluntary_usd) AS coverage_pct,
    'CEB named contributors' AS basis
FROM mart.ceb_contributor AS c LEFT JOIN mart.ceb_year AS y ON y.year = c.year
GROUP BY c.year
UNION ALL
SELECT 'iati', year, count(*) FILTER (usd > 0 AND is_named), NULL, NULL, sum(n),
    100 * coalesce(sum(usd) FILTER (is_named), 0) / nullif(sum(usd), 0), string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM (
    SELECT year, contributor_key, bool_or(is_named_contributor) AS is_named, sum(amount_usd) AS usd, count(*) AS n,
        string_agg(DISTINCT basis, ' + ' ORDER BY basis) AS basis
    FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' GROUP BY year, contributor_key
)
GROUP BY year
