-- Transactions of the year that stand for RBSA.
SELECT year, dataset, snapshot_sha256, source_line, activity_key || '/transaction/' || transaction_number AS trace_id,
    concat_ws(', ', basis, contributor_name, iati_identifier) AS label, amount_usd
FROM mart.contribution
WHERE year = $year AND publisher_ref = 'XM-DAC-41302' AND contributor_key = 'ILO-RBSA'
