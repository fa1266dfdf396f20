-- Activities that move money in the year.
SELECT $year AS year, a.dataset, a.snapshot_sha256, a.source_line, a.activity_key AS trace_id,
    concat_ws(', ', 'collaboration type ' || a.collaboration_type_code, a.iati_identifier) AS label,
    NULL AS amount_usd
FROM mart.activity AS a
WHERE a.publisher_ref = 'XM-DAC-41302' AND EXISTS (
    SELECT 1 FROM mart.transaction AS t
    WHERE t.activity_key = a.activity_key AND t.year = $year AND t.is_current_version)
