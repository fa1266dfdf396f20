-- Share of spend in least developed countries, by the list of the year. Regional and global money is allocated to none.
WITH spend AS (
    SELECT s.year, s.code_kind, s.split_amount_usd AS usd, g.country_code IS NOT NULL AS is_ldc
    FROM mart.transaction_split AS s
    JOIN mart.activity AS a USING (activity_key)
    LEFT JOIN ref.country_group AS g ON g.group_code = 'LDC' AND s.code_kind = 'country' AND g.country_code = s.code
        AND s.year BETWEEN coalesce(g.first_year, 0) AND coalesce(g.last_year, 9999)
    WHERE s.dimension = 'geography' AND s.is_current_version AND s.transaction_type_code IN ('3', '4')
        AND a.publisher_ref = 'XM-DAC-41302'
)
SELECT 'ldc' AS series, year, 100 * coalesce(sum(usd) FILTER (is_ldc), 0) / nullif(sum(usd), 0) AS value,
    100 * coalesce(sum(usd) FILTER (is_ldc), 0) AS numerator, sum(usd) AS denominator, count(*) FILTER (is_ldc) AS n,
    100 * coalesce(sum(usd) FILTER (code_kind = 'country'), 0) / nullif(sum(usd), 0) AS coverage_pct,
    'types 3 + 4 by country' AS basis
FROM spend GROUP BY year
