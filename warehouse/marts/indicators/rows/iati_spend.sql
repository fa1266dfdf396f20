-- Disbursements and expenditure (types 3 and 4) of the year, of the current version of each activity.
SELECT year, dataset, snapshot_sha256, source_line, activity_key || '/transaction/' || transaction_number AS trace_id,
    concat_ws(', ', 'type ' || transaction_type_code, iati_identifier) AS label, amount_usd
FROM mart.transaction
WHERE year = $year AND publisher_ref = 'XM-DAC-41302' AND is_current_version AND transaction_type_code IN ('3', '4')
