-- Voluntary share of the ILO's revenue; beside it the IATI numerator over the same revenue as a cross-check.
SELECT 'ceb' AS series, year, 100 * voluntary_usd / total_usd AS value, 100 * voluntary_usd AS numerator,
    total_usd AS denominator, 1 AS n, 100 AS coverage_pct, 'CEB (R02 + R03) / all revenue' AS basis
FROM mart.ceb_year
WHERE total_usd > 0
UNION ALL
SELECT 'iati', i.year, 100 * i.usd / c.total_usd, 100 * i.usd, c.total_usd, i.n, i.coverage_pct, 'IATI / CEB revenue'
FROM (
    SELECT year, sum(amount_usd) AS usd, count(*) AS n, 100 * count(amount_usd) / count(*) AS coverage_pct
    FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' GROUP BY year
) AS i
JOIN mart.ceb_year AS c ON c.year = i.year
