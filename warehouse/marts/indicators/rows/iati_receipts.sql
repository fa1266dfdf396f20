-- Voluntary receipts (type 1) of the year with the provider activity they name.
SELECT e.year, e.dataset, e.snapshot_sha256, e.source_line, e.activity_key || '/transaction/' || e.number AS trace_id,
    concat_ws(', ', e.trace_status, e.other_identifier) AS label, e.amount_usd
FROM mart.trace_edge AS e
JOIN mart.contribution AS c ON c.activity_key = e.activity_key AND c.transaction_number = e.number
WHERE e.year = $year AND e.edge_kind = 'incoming' AND e.transaction_type_code = '1' AND c.is_voluntary
    AND c.publisher_ref = 'XM-DAC-41302'
