-- Periods that end in the year whose target and actual are both numbers.
SELECT $year AS year, r.dataset, r.snapshot_sha256, r.source_line,
    r.activity_key || '/indicator_period/' || r.period_number AS trace_id,
    concat_ws(', ', r.actual_text || ' of ' || r.target_text, r.indicator_title) AS label, NULL AS amount_usd
FROM mart.result_period AS r JOIN mart.activity AS a USING (activity_key)
WHERE r.is_current_version AND a.publisher_ref = 'XM-DAC-41302' AND year(r.period_end) = $year
    AND r.dimension_set = '' AND r.location_set = '' AND r.is_target_met IS NOT NULL
