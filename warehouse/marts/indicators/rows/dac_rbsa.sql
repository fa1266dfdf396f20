-- Donors' disbursements to RBSA (channel 41144) in current prices.
SELECT year, dataset, snapshot_sha256, source_line, NULL AS trace_id, concat_ws(', ', donor_name, 'channel ' || channel_code, project_title) AS label, amount_usd
FROM mart.dac_contribution
WHERE year = $year AND is_counted AND funding_class = 'rbsa' AND flow_type_code = 'D' AND price_base_code = 'V'
