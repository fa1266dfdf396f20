-- South-South and triangular cooperation: collaboration type 8, or a contributor that is itself a programme country's
-- government (no DAC member) paying for work elsewhere. Share of activities that move money in the year.
WITH active AS (
    SELECT DISTINCT t.activity_key, t.year, a.collaboration_type_code = '8' AS is_triangular
    FROM mart.transaction AS t JOIN mart.activity AS a USING (activity_key)
    WHERE t.is_current_version AND t.publisher_ref = 'XM-DAC-41302'
),
southern AS (
    SELECT DISTINCT activity_key FROM mart.contribution
    WHERE is_voluntary AND contributor_type_code = 'C01' AND is_named_contributor AND NOT is_dac_member AND NOT is_domestic
),
classed AS (
    SELECT a.year, coalesce(a.is_triangular, FALSE) OR s.activity_key IS NOT NULL AS is_sstc
    FROM active AS a LEFT JOIN southern AS s USING (activity_key)
)
SELECT 'iati' AS series, year, 100 * count(*) FILTER (is_sstc) / count(*) AS value,
    100 * count(*) FILTER (is_sstc) AS numerator, count(*) AS denominator, count(*) FILTER (is_sstc) AS n,
    100 AS coverage_pct, 'collaboration type 8 or southern government' AS basis
FROM classed GROUP BY year
UNION ALL
SELECT 'iati_count', year, count(*) FILTER (is_sstc), NULL, NULL, count(*), 100,
    'collaboration type 8 or southern government'
FROM classed GROUP BY year
