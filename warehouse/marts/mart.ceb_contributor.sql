-- Voluntary revenue by named contributor and year. Covers 77 to 100 per cent of voluntary revenue, never all of it.
WITH names AS (
    SELECT value, contributor_code FROM ref.organisation_alias WHERE kind = 'name'
    UNION
    SELECT lower(strip_accents(name)), contributor_code FROM ref.contributor
),
known AS (SELECT value, min(contributor_code) AS contributor_code FROM names GROUP BY value),
given AS (
    SELECT r.year, r.contributor_name, r.amount_usd, r.revenue_type_code,
        coalesce(k.contributor_code, 'name:' || lower(strip_accents(trim(r.contributor_name)))) AS contributor_key,
        k.contributor_code
    FROM core.ceb_revenue AS r
    LEFT JOIN known AS k ON k.value = lower(strip_accents(trim(r.contributor_name)))
    WHERE r.granularity = 'donor' AND r.revenue_type_code NOT LIKE 'R01%' AND r.revenue_type_code NOT LIKE 'R04%'
)
SELECT
    g.year,
    g.contributor_key,
    coalesce(any_value(c.name), min(g.contributor_name)) AS contributor_name,
    any_value(c.contributor_type_code) AS contributor_type_code,
    any_value(c.dac_donor_code) AS dac_donor_code,
    coalesce(bool_or(c.is_dac_member), FALSE) AS is_dac_member,
    sum(g.amount_usd) AS voluntary_usd,
    sum(g.amount_usd) FILTER (g.revenue_type_code LIKE 'R02%') AS unearmarked_usd
FROM given AS g
LEFT JOIN ref.contributor AS c ON c.contributor_code = g.contributor_code
GROUP BY g.year, g.contributor_key
