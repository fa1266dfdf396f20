-- Donors' disbursements to and through the ILO in constant prices; a series dac_<class> holds those of one class.
SELECT year, dataset, snapshot_sha256, source_line, NULL AS trace_id,
    concat_ws(', ', donor_name, funding_class, 'channel ' || channel_code, project_title) AS label, amount_usd
FROM mart.dac_contribution
WHERE year = $year AND is_counted AND flow_type_code = 'D' AND price_base_code = 'Q'
    AND $series IN ('dac', 'dac_' || funding_class)
