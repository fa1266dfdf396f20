-- Spend of the year shared out by sustainable development goal; what has no goal is unallocated.
SELECT s.year, s.dataset, s.snapshot_sha256, s.source_line, s.activity_key || '/transaction/' || s.transaction_number AS trace_id,
    concat_ws(', ', s.code_kind || ' ' || coalesce(s.code, ''), s.iati_identifier) AS label, s.split_amount_usd AS amount_usd
FROM mart.transaction_split AS s JOIN mart.activity AS a USING (activity_key)
WHERE s.year = $year AND s.is_current_version AND s.transaction_type_code IN ('3', '4')
    AND a.publisher_ref = 'XM-DAC-41302' AND s.dimension = 'sdg'
