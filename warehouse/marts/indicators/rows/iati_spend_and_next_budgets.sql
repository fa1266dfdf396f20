-- Spend of the year, and the next year's part of each effective budget.
SELECT year, dataset, snapshot_sha256, source_line, activity_key || '/transaction/' || transaction_number AS trace_id,
    concat_ws(', ', 'spend, type ' || transaction_type_code, iati_identifier) AS label, amount_usd
FROM mart.transaction
WHERE year = $year AND publisher_ref = 'XM-DAC-41302' AND is_current_version AND transaction_type_code IN ('3', '4')
UNION ALL
SELECT $year, dataset, snapshot_sha256, source_line, activity_key || '/budget/' || budget_number,
    concat_ws(', ', 'budget of ' || year, iati_identifier), amount_usd
FROM mart.budget_effective
WHERE year = $year + 1 AND publisher_ref = 'XM-DAC-41302' AND is_current_version
