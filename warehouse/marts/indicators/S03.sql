-- Share of spend in least developed, fragile and low-income countries. Regional and global money is in none of them.
-- The least developed are those of the year; fragile and low-income ones are those of the loaded OECD recipient list.
WITH spend AS (
    SELECT s.year, s.code_kind, s.split_amount_usd AS usd, g.country_code IS NOT NULL AS is_ldc,
        coalesce(r.is_fragile, FALSE) AS is_fragile,
        coalesce(r.income_group_name IN ('LDCs', 'Other LICs', 'LICs'), FALSE) AS is_low_income
    FROM mart.transaction_split AS s
    JOIN mart.activity AS a USING (activity_key)
    LEFT JOIN ref.country_group AS g ON g.group_code = 'LDC' AND s.code_kind = 'country' AND g.country_code = s.code
        AND s.year BETWEEN coalesce(g.first_year, 0) AND coalesce(g.last_year, 9999)
    LEFT JOIN (
        SELECT iso2_code, bool_or(is_fragile) AS is_fragile, min(income_group_name) AS income_group_name
        FROM ref.dac_recipient WHERE iso2_code IS NOT NULL GROUP BY iso2_code
    ) AS r ON s.code_kind = 'country' AND r.iso2_code = s.code
    WHERE s.dimension = 'geography' AND s.is_current_version AND s.transaction_type_code IN ('3', '4')
        AND a.publisher_ref = 'XM-DAC-41302'
),
grouped AS (
    SELECT 'ldc' AS series, year, code_kind, usd, is_ldc AS is_meant, 'list of the year' AS basis FROM spend
    UNION ALL
    SELECT 'fragile', year, code_kind, usd, is_fragile, 'loaded OECD list' FROM spend
    UNION ALL
    SELECT 'low_income', year, code_kind, usd, is_low_income, 'loaded OECD list' FROM spend
)
SELECT series, year, 100 * coalesce(sum(usd) FILTER (is_meant), 0) / nullif(sum(usd), 0) AS value,
    100 * coalesce(sum(usd) FILTER (is_meant), 0) AS numerator, sum(usd) AS denominator, count(*) FILTER (is_meant) AS n,
    100 * coalesce(sum(usd) FILTER (code_kind = 'country'), 0) / nullif(sum(usd), 0) AS coverage_pct,
    'types 3 + 4 by country, ' || any_value(basis) AS basis
FROM grouped GROUP BY series, year
