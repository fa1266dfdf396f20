-- Activities with a measurable result (an indicator with both baseline and target) among those that end in the year.
WITH closed AS (
    SELECT activity_key, year(coalesce(actual_end_date, planned_end_date)) AS year FROM mart.activity
    WHERE publisher_ref = 'XM-DAC-41302' AND coalesce(actual_end_date, planned_end_date) IS NOT NULL
),
measured AS (
    SELECT activity_key FROM mart.result_period
    WHERE coalesce(measure_code, '1') <> '5'
    GROUP BY activity_key HAVING bool_or(baseline_count > 0) AND bool_or(has_target)
)
SELECT 'iati' AS series, c.year, 100 * count(m.activity_key) / count(*) AS value, 100 * count(m.activity_key) AS numerator,
    count(*) AS denominator, count(*) AS n, 100 AS coverage_pct, 'activities by end date' AS basis
FROM closed AS c LEFT JOIN measured AS m USING (activity_key)
GROUP BY c.year
