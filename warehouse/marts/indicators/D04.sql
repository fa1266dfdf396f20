-- Share of governments that are no DAC members in the voluntary money of all governments.
SELECT 'ceb' AS series, year,
    100 * coalesce(sum(voluntary_usd) FILTER (NOT is_dac_member), 0) / nullif(sum(voluntary_usd), 0) AS value,
    100 * coalesce(sum(voluntary_usd) FILTER (NOT is_dac_member), 0) AS numerator, sum(voluntary_usd) AS denominator,
    count(*) AS n, 100 AS coverage_pct, 'CEB named governments' AS basis
FROM mart.ceb_contributor WHERE contributor_type_code = 'C01' GROUP BY year
UNION ALL
SELECT 'iati', year, 100 * coalesce(sum(amount_usd) FILTER (NOT is_dac_member), 0) / nullif(sum(amount_usd), 0),
    100 * coalesce(sum(amount_usd) FILTER (NOT is_dac_member), 0), sum(amount_usd), count(*), 100,
    string_agg(DISTINCT basis, ' + ' ORDER BY basis)
FROM mart.contribution
WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' AND contributor_type_code = 'C01' AND is_named_contributor
GROUP BY year
