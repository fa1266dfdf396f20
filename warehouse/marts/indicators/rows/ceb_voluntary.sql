-- Voluntary revenue of the year by instrument.
SELECT year, dataset, snapshot_sha256, source_line, NULL AS trace_id,
    concat_ws(', ', revenue_type_code, revenue_type_name, contributor_name) AS label, amount_usd
FROM core.ceb_revenue
WHERE year = $year AND granularity = 'type' AND left(revenue_type_code, 3) IN ('R02', 'R03')
