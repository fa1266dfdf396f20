-- Transactions that count as voluntary contributions of the year, by the rule of their era.
SELECT year, dataset, snapshot_sha256, source_line, activity_key || '/transaction/' || transaction_number AS trace_id,
    concat_ws(', ', basis, contributor_name, iati_identifier) AS label, amount_usd
FROM mart.contribution
WHERE year = $year AND publisher_ref = 'XM-DAC-41302' AND is_voluntary
