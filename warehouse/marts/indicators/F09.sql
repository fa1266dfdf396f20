-- Share of voluntary money from private givers, foundations, NGOs, academia and partnerships. CEB names few of them.
WITH iati AS (
    SELECT year, amount_usd, basis, contributor_type_code IN ('C02', 'C03', 'C05', 'C06', 'C07') AS is_meant,
        contributor_type_code IS NOT NULL AS is_known
    FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302'
)
SELECT 'iati' AS series, year,
    100 * coalesce(sum(amount_usd) FILTER (is_meant), 0) / nullif(sum(amount_usd) FILTER (is_known), 0) AS value,
    100 * coalesce(sum(amount_usd) FILTER (is_meant), 0) AS numerator,
    sum(amount_usd) FILTER (is_known) AS denominator, count(*) FILTER (is_meant) AS n,
    100 * coalesce(sum(amount_usd) FILTER (is_known), 0) / nullif(sum(amount_usd), 0) AS coverage_pct,
    string_agg(DISTINCT basis, ' + ' ORDER BY basis) AS basis
FROM iati
GROUP BY year
UNION ALL
SELECT 'ceb', c.year, 100 * coalesce(sum(c.voluntary_usd) FILTER (c.contributor_type_code IN ('C02', 'C03', 'C05', 'C06', 'C07')), 0)
        / any_value(y.voluntary_usd),
    100 * coalesce(sum(c.voluntary_usd) FILTER (c.contributor_type_code IN ('C02', 'C03', 'C05', 'C06', 'C07')), 0), any_value(y.voluntary_usd),
    count(*) FILTER (c.contributor_type_code IN ('C02', 'C03', 'C05', 'C06', 'C07')), 100 * sum(c.voluntary_usd) / any_value(y.voluntary_usd),
    'CEB named contributors / (R02 + R03)'
FROM mart.ceb_contributor AS c
JOIN mart.ceb_year AS y ON y.year = c.year
GROUP BY c.year
