-- Sustainable development goals: share of spend on goal 8 in what is shared out by goals (sector vocabularies 7 and 8).
WITH spend AS (
    SELECT s.year, s.code, s.code_kind, s.split_amount_usd AS usd
    FROM mart.transaction_split AS s JOIN mart.activity AS a USING (activity_key)
    WHERE s.dimension = 'sdg' AND s.is_current_version AND s.transaction_type_code IN ('3', '4')
        AND a.publisher_ref = 'XM-DAC-41302'
),
goals AS (SELECT unnest(range(1, 18)) AS goal),
totals AS (
    SELECT year, sum(usd) AS all_usd, sum(usd) FILTER (code_kind = 'goal') AS goal_usd FROM spend GROUP BY year
)
SELECT 'goal_' || g.goal AS series, t.year,
    100 * coalesce(sum(s.usd), 0) / t.goal_usd AS value, 100 * coalesce(sum(s.usd), 0) AS numerator,
    t.goal_usd AS denominator, count(s.code) AS n, 100 * t.goal_usd / t.all_usd AS coverage_pct,
    'sector vocabularies 7 and 8' AS basis
FROM totals AS t CROSS JOIN goals AS g
LEFT JOIN spend AS s ON s.year = t.year AND s.code = CAST(g.goal AS VARCHAR)
WHERE t.goal_usd <> 0 AND t.all_usd <> 0
GROUP BY g.goal, t.year, t.goal_usd, t.all_usd
