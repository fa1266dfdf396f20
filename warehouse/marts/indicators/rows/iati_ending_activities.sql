-- Activities that end in the year.
SELECT $year AS year, dataset, snapshot_sha256, source_line, activity_key AS trace_id,
    iati_identifier AS label, NULL AS amount_usd
FROM mart.activity
WHERE publisher_ref = 'XM-DAC-41302' AND year(coalesce(actual_end_date, planned_end_date)) = $year
