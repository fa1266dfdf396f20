-- Share of agreed money in agreements that run for more than 24 months; a biennial activity counts with its lineage.
WITH spans AS (
    SELECT lineage_id,
        date_diff('day', min(coalesce(actual_start_date, planned_start_date)), max(coalesce(planned_end_date, actual_end_date)))
            > 731 AS is_multi_year
    FROM mart.activity GROUP BY lineage_id
)
SELECT 'iati' AS series, c.year, 100 * coalesce(sum(c.amount_usd) FILTER (s.is_multi_year), 0) / nullif(sum(c.amount_usd), 0)
        AS value,
    100 * coalesce(sum(c.amount_usd) FILTER (s.is_multi_year), 0) AS numerator, sum(c.amount_usd) AS denominator,
    count(*) AS n, 100 * count(s.is_multi_year) / count(*) AS coverage_pct, 'incoming_commitment' AS basis
FROM mart.contribution_agreed AS c
LEFT JOIN spans AS s USING (lineage_id)
WHERE c.is_voluntary AND c.basis = 'incoming_commitment' AND c.publisher_ref = 'XM-DAC-41302'
GROUP BY c.year
