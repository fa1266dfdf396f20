-- Completeness by UN data standards: mean share of money with a function, a country, an instrument, a goal and a contributor.
WITH spend AS (
    SELECT t.activity_key, t.transaction_number, t.year, t.amount_usd FROM mart.transaction AS t
    WHERE t.is_current_version AND t.transaction_type_code IN ('3', '4') AND t.publisher_ref = 'XM-DAC-41302'
),
shared AS (
    SELECT s.year, 'geography' AS standard, sum(p.split_amount_usd) FILTER (p.code_kind <> 'unallocated') AS filled_usd,
        sum(p.split_amount_usd) AS usd
    FROM spend AS s JOIN mart.transaction_split AS p USING (activity_key, transaction_number)
    WHERE p.dimension = 'geography' GROUP BY s.year
    UNION ALL
    SELECT s.year, 'goal', sum(p.split_amount_usd) FILTER (p.code_kind <> 'unallocated'), sum(p.split_amount_usd)
    FROM spend AS s JOIN mart.transaction_split AS p USING (activity_key, transaction_number)
    WHERE p.dimension = 'sdg' GROUP BY s.year
    UNION ALL
    SELECT s.year, 'function', sum(s.amount_usd) FILTER (f.activity_key IS NOT NULL), sum(s.amount_usd)
    FROM spend AS s
    LEFT JOIN (SELECT DISTINCT activity_key FROM mart.split_share WHERE dimension = 'sector' AND view = '12') AS f
        USING (activity_key)
    GROUP BY s.year
    UNION ALL
    SELECT year, 'instrument', sum(amount_usd) FILTER (instrument_code IS NOT NULL), sum(amount_usd)
    FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' GROUP BY year
    UNION ALL
    SELECT year, 'contributor', sum(amount_usd) FILTER (is_named_contributor), sum(amount_usd)
    FROM mart.contribution WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' GROUP BY year
),
rated AS (SELECT year, standard, 100 * coalesce(filled_usd, 0) / nullif(usd, 0) AS filled_pct FROM shared)
SELECT 'mean' AS series, year, avg(filled_pct) AS value, NULL AS numerator, NULL AS denominator, count(filled_pct) AS n,
    100 * count(filled_pct) / 5 AS coverage_pct, 'money-weighted, five standards' AS basis
FROM rated GROUP BY year HAVING count(filled_pct) > 0
UNION ALL
SELECT standard, year, filled_pct, NULL, NULL, 1, 100, 'money-weighted' FROM rated WHERE filled_pct IS NOT NULL
