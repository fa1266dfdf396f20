-- Voluntary revenue of the year by named government.
WITH governments AS (
    SELECT a.value AS name FROM ref.organisation_alias AS a
    JOIN ref.contributor AS c ON c.contributor_code = a.contributor_code
    WHERE a.kind = 'name' AND c.contributor_type_code = 'C01'
    UNION
    SELECT lower(strip_accents(name)) FROM ref.contributor WHERE contributor_type_code = 'C01'
)
SELECT year, dataset, snapshot_sha256, source_line, NULL AS trace_id,
    concat_ws(', ', revenue_type_code, contributor_name) AS label, amount_usd
FROM core.ceb_revenue
WHERE year = $year AND granularity = 'donor' AND left(revenue_type_code, 3) NOT IN ('R01', 'R04')
    AND lower(strip_accents(trim(contributor_name))) IN (FROM governments)
