-- RBSA in the year's revenue: R02, and R03B in the two years it was filed there.
SELECT year, dataset, snapshot_sha256, source_line, NULL AS trace_id,
    concat_ws(', ', revenue_type_code, revenue_type_name, contributor_name) AS label, amount_usd
FROM core.ceb_revenue
WHERE year = $year AND granularity = 'type'
    AND (revenue_type_code LIKE 'R02%' OR (revenue_type_code = 'R03B' AND year IN (2019, 2020)))
