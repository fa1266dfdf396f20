-- Score of IATI's Publishing Statistics on the day it was last computed (mart.readiness_score).
SELECT 'score' AS series, year(as_of_date) AS year, score AS value, NULL AS numerator, NULL AS denominator,
    applicable_count AS n, 100 AS coverage_pct, 'scored for ' || strftime(as_of_date, '%Y-%m-%d') AS basis
FROM mart.readiness_score
WHERE framework_code = 'publishing_statistics' AND check_code = 'total' AND score IS NOT NULL
