-- Share of spend on named countries; regional, global and unallocated money is the rest.
SELECT 'iati' AS series, s.year,
    100 * coalesce(sum(s.split_amount_usd) FILTER (s.code_kind = 'country' AND s.code SIMILAR TO '[A-Z]{2}'), 0)
        / nullif(sum(s.split_amount_usd), 0) AS value,
    100 * coalesce(sum(s.split_amount_usd) FILTER (s.code_kind = 'country' AND s.code SIMILAR TO '[A-Z]{2}'), 0)
        AS numerator,
    sum(s.split_amount_usd) AS denominator, count(*) AS n,
    100 * coalesce(sum(s.split_amount_usd) FILTER (s.code_kind <> 'unallocated'), 0) / nullif(sum(s.split_amount_usd), 0)
        AS coverage_pct,
    'types 3 + 4 by place' AS basis
FROM mart.transaction_split AS s JOIN mart.activity AS a USING (activity_key)
WHERE s.dimension = 'geography' AND s.is_current_version AND s.transaction_type_code IN ('3', '4')
    AND a.publisher_ref = 'XM-DAC-41302'
GROUP BY s.year
