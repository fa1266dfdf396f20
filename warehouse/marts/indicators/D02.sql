-- Concentration: share of the five largest in named voluntary money, and the Herfindahl-Hirschman index (0 to 1).
WITH given AS (
    SELECT 'ceb' AS source, c.year, c.contributor_key, c.voluntary_usd AS usd, y.voluntary_usd AS all_usd,
        'CEB named contributors' AS basis
    FROM mart.ceb_contributor AS c LEFT JOIN mart.ceb_year AS y ON y.year = c.year
    UNION ALL
    SELECT 'iati', year, contributor_key, sum(amount_usd), sum(sum(amount_usd)) OVER (PARTITION BY year),
        string_agg(DISTINCT basis, ' + ' ORDER BY basis)
    FROM mart.contribution
    WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' AND amount_usd IS NOT NULL
    GROUP BY year, contributor_key, is_named_contributor
    QUALIFY is_named_contributor
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY source, year ORDER BY usd DESC, contributor_key) AS place,
        sum(usd) OVER (PARTITION BY source, year) AS named_usd
    FROM given
)
SELECT source AS series, year, 100 * sum(usd) FILTER (place <= 5) / nullif(sum(usd), 0) AS value,
    100 * sum(usd) FILTER (place <= 5) AS numerator, sum(usd) AS denominator, count(*) AS n,
    100 * sum(usd) / nullif(any_value(all_usd), 0) AS coverage_pct, string_agg(DISTINCT basis, ' + ' ORDER BY basis) AS basis
FROM ranked GROUP BY source, year
UNION ALL
SELECT source || '_hhi', year, sum(CAST(usd AS DOUBLE) * CAST(usd AS DOUBLE)) / nullif(pow(any_value(named_usd), 2), 0), NULL,
    NULL, count(*), 100 * sum(usd) / nullif(any_value(all_usd), 0), string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM ranked GROUP BY source, year
