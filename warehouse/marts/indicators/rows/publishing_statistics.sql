-- The checks that make up the score, with the points each lost.
SELECT $year AS year, NULL AS dataset, NULL AS snapshot_sha256, NULL AS source_line, NULL AS trace_id,
    concat_ws(', ', check_code, check_name, round(lost_points, 2) || ' points lost', inputs) AS label,
    NULL AS amount_usd
FROM mart.readiness_score
WHERE framework_code = 'publishing_statistics' AND check_code <> 'total' AND year(as_of_date) = $year
