-- Voluntary revenue by named contributor in the year and the two before it, which tell who is new and who is gone.
SELECT $year AS year, dataset, snapshot_sha256, source_line, NULL AS trace_id,
    concat_ws(', ', year, revenue_type_code, contributor_name) AS label, amount_usd
FROM core.ceb_revenue
WHERE year BETWEEN $year - 2 AND $year AND granularity = 'donor' AND left(revenue_type_code, 3) NOT IN ('R01', 'R04')
