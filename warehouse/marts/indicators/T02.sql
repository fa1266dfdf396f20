-- Score of IATI's Publishing Statistics: of each year the day it was last computed (mart.readiness_score and its history).
WITH scored AS (
    SELECT as_of_date, score, applicable_count FROM mart.readiness_score
    WHERE framework_code = 'publishing_statistics' AND check_code = 'total' AND score IS NOT NULL
    UNION ALL
    SELECT as_of_date, score, NULL FROM mart.readiness_history
    WHERE framework_code = 'publishing_statistics' AND check_code = 'total' AND score IS NOT NULL
        AND as_of_date < (SELECT coalesce(min(as_of_date), DATE '9999-12-31') FROM mart.readiness_score)
)
SELECT 'score' AS series, year(as_of_date) AS year, arg_max(score, as_of_date) AS value, NULL AS numerator,
    NULL AS denominator, coalesce(arg_max(applicable_count, as_of_date), count(*)) AS n, 100 AS coverage_pct,
    'scored for ' || strftime(max(as_of_date), '%Y-%m-%d') AS basis
FROM scored
GROUP BY year(as_of_date)
