-- Errors and critical findings of the validator in the ILO's activities.
SELECT $year AS year, f.dataset, a.snapshot_sha256, f.line AS source_line, a.activity_key AS trace_id,
    concat_ws(', ', f.rule_id, f.message) AS label, NULL AS amount_usd
FROM audit.finding AS f
JOIN core.iati_activity AS a ON a.dataset = f.dataset AND a.activity_number = f.activity_index
JOIN mart.activity_version AS v ON v.activity_key = a.activity_key
WHERE f.stage = 'validation' AND f.severity IN ('critical', 'error') AND v.publisher_ref = 'XM-DAC-41302'
