-- Incoming commitments (type 11) of the year.
SELECT year, dataset, snapshot_sha256, source_line, activity_key || '/transaction/' || transaction_number AS trace_id,
    concat_ws(', ', basis, contributor_name, iati_identifier) AS label, amount_usd
FROM mart.contribution_agreed
WHERE year = $year AND publisher_ref = 'XM-DAC-41302' AND is_voluntary AND basis = 'incoming_commitment'
