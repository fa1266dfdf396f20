-- Baselines present, targets set and actuals reported, by publisher, biennium, outcome and place.
SELECT
    a.publisher_ref,
    a.biennium_start,
    a.outcome_code,
    a.sole_country_code AS country_code,
    count(DISTINCT r.activity_key) AS activity_count,
    count(DISTINCT (r.activity_key, r.indicator_number)) AS indicator_count,
    count(DISTINCT (r.activity_key, r.indicator_number)) FILTER (r.baseline_count > 0) AS indicator_with_baseline_count,
    count(DISTINCT (r.activity_key, r.indicator_number)) FILTER (r.has_target) AS indicator_with_target_count,
    count(DISTINCT (r.activity_key, r.indicator_number)) FILTER (r.has_actual) AS indicator_with_actual_count,
    count(DISTINCT (r.activity_key, r.indicator_number)) FILTER (r.measure_code = '5') AS qualitative_count,
    count(*) FILTER (r.period_number IS NOT NULL) AS period_row_count,
    count(r.is_target_met) AS compared_count,
    count(*) FILTER (r.is_target_met) AS met_count,
    100.0 * count(*) FILTER (r.is_target_met) / nullif(count(r.is_target_met), 0) AS met_pct,
    median(r.achievement_pct) AS median_achievement_pct
FROM mart.result_period AS r
JOIN mart.activity AS a USING (activity_key)
GROUP BY a.publisher_ref, a.biennium_start, a.outcome_code, a.sole_country_code
