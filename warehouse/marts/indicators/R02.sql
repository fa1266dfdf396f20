-- Targets met, among periods where target and actual are both numbers; by the year the period ends in.
SELECT 'iati' AS series, year(period_end) AS year, 100 * count(*) FILTER (is_target_met) / nullif(count(is_target_met), 0) AS value,
    100 * count(*) FILTER (is_target_met) AS numerator, count(is_target_met) AS denominator, count(is_target_met) AS n,
    100 * count(is_target_met) / count(*) AS coverage_pct, 'undisaggregated rows' AS basis
FROM mart.result_period AS r JOIN mart.activity AS a USING (activity_key)
WHERE r.is_current_version AND a.publisher_ref = 'XM-DAC-41302' AND r.period_end IS NOT NULL
    AND r.dimension_set = '' AND r.location_set = ''
GROUP BY year(period_end)
HAVING count(is_target_met) > 0
