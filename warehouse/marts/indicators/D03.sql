-- New and lapsed contributors against the two years before: gave now but not then; gave then but not now.
WITH given AS (
    SELECT year, contributor_key FROM mart.ceb_contributor WHERE voluntary_usd > 0
),
years AS (
    SELECT DISTINCT year FROM given
    -- Without both earlier years everyone would be new.
    WHERE year - 1 IN (SELECT year FROM given) AND year - 2 IN (SELECT year FROM given)
),
compared AS (
    SELECT y.year, g.contributor_key, bool_or(g.year = y.year) AS gives, bool_or(g.year < y.year) AS gave
    FROM years AS y JOIN given AS g ON g.year BETWEEN y.year - 2 AND y.year
    GROUP BY y.year, g.contributor_key
)
SELECT 'ceb_new' AS series, year, count(*) FILTER (gives AND NOT gave) AS value, NULL AS numerator, NULL AS denominator,
    count(*) FILTER (gives) AS n, 100 AS coverage_pct, 'CEB named contributors' AS basis
FROM compared GROUP BY year
UNION ALL
SELECT 'ceb_lapsed', year, count(*) FILTER (gave AND NOT gives), NULL, NULL, count(*) FILTER (gives), 100,
    'CEB named contributors'
FROM compared GROUP BY year
