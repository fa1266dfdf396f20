-- Purposes: share of spend by the DAC purpose codes most of the ILO's work falls under, in what has a DAC purpose.
WITH spend AS (
    SELECT s.year, s.code, s.code_kind, s.split_amount_usd AS usd
    FROM mart.transaction_split AS s JOIN mart.activity AS a USING (activity_key)
    WHERE s.dimension = 'sector' AND s.dimension_view = '1' AND s.is_current_version
        AND s.transaction_type_code IN ('3', '4') AND a.publisher_ref = 'XM-DAC-41302'
),
purposes AS (SELECT unnest(['16020', '16070', '16080', '16010', '11330', '15190', '32130']) AS purpose),
totals AS (
    SELECT year, sum(usd) AS all_usd, sum(usd) FILTER (code_kind = 'sector') AS purpose_usd FROM spend GROUP BY year
)
SELECT 'purpose_' || p.purpose AS series, t.year, 100 * coalesce(sum(s.usd), 0) / t.purpose_usd AS value,
    100 * coalesce(sum(s.usd), 0) AS numerator, t.purpose_usd AS denominator, count(s.code) AS n,
    100 * t.purpose_usd / t.all_usd AS coverage_pct, 'DAC purpose codes' AS basis
FROM totals AS t CROSS JOIN purposes AS p
LEFT JOIN spend AS s ON s.year = t.year AND s.code = p.purpose
WHERE t.purpose_usd <> 0 AND t.all_usd <> 0
GROUP BY p.purpose, t.year, t.purpose_usd, t.all_usd
