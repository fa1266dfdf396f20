-- UN CEB's audited revenue of the ILO by year: the third clock, beside IATI and DAC. Only the by-instrument file counts:
-- the by-contributor file leaves out private, pooled and bank money and does not add up to it.
SELECT
    year,
    sum(amount_usd) AS total_usd,
    sum(amount_usd) FILTER (revenue_type_code LIKE 'R01%') AS assessed_usd,
    sum(amount_usd) FILTER (revenue_type_code LIKE 'R02%' OR revenue_type_code LIKE 'R03%') AS voluntary_usd,
    sum(amount_usd) FILTER (revenue_type_code LIKE 'R02%') AS unearmarked_usd,
    sum(amount_usd) FILTER (revenue_type_code = 'R03A') AS pooled_usd,
    sum(amount_usd) FILTER (revenue_type_code = 'R03B') AS thematic_usd,
    sum(amount_usd) FILTER (revenue_type_code = 'R03C') AS vertical_usd,
    sum(amount_usd) FILTER (revenue_type_code = 'R03D') AS local_usd,
    -- Until 2017 earmarked money stands under R03 alone; the instruments exist from 2018.
    bool_or(revenue_type_code SIMILAR TO 'R03[A-F]') AS has_instruments,
    string_agg(DISTINCT snapshot_sha256, ',' ORDER BY snapshot_sha256) AS snapshot_sha256
FROM core.ceb_revenue
WHERE granularity = 'type'
GROUP BY year
