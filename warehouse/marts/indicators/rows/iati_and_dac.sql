-- Both sides of the comparison, for the donors compared in the year.
WITH donors AS (
    SELECT contributor_key FROM mart.reconciliation_donor
    WHERE year = $year AND comparison = 'iati_dac' AND match_class <> 'scope'
)
SELECT year, dataset, snapshot_sha256, source_line, activity_key || '/transaction/' || transaction_number AS trace_id,
    concat_ws(', ', 'IATI', contributor_name, iati_identifier) AS label, amount_usd
FROM mart.contribution
WHERE year = $year AND publisher_ref = 'XM-DAC-41302' AND is_voluntary AND contributor_key IN (FROM donors)
UNION ALL
SELECT year, dataset, snapshot_sha256, source_line, NULL, concat_ws(', ', 'DAC', donor_name, 'channel ' || channel_code, project_title), amount_usd
FROM mart.dac_contribution
WHERE year = $year AND is_counted AND is_voluntary AND flow_type_code = 'D' AND price_base_code = 'V'
    AND contributor_key IN (FROM donors)
