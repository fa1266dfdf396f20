-- Score by the Aid Transparency Index's automatic tests: of each year the day it was last computed; coverage is what can
-- be reached without its survey, which is a matter of the framework and not of the day.
WITH reachable AS (
    SELECT count(*) AS n, sum(weight_points) AS coverage_pct FROM mart.readiness_score
    WHERE framework_code = 'transparency_index' AND status IN ('scored', 'not_relevant')
),
scored AS (
    SELECT as_of_date, score FROM mart.readiness_score
    WHERE framework_code = 'transparency_index' AND check_code = 'total' AND score IS NOT NULL
    UNION ALL
    SELECT as_of_date, score FROM mart.readiness_history
    WHERE framework_code = 'transparency_index' AND check_code = 'total' AND score IS NOT NULL
        AND as_of_date < (SELECT coalesce(min(as_of_date), DATE '9999-12-31') FROM mart.readiness_score)
)
SELECT 'score' AS series, year(s.as_of_date) AS year, arg_max(s.score, s.as_of_date) AS value, NULL AS numerator,
    NULL AS denominator, any_value(r.n) AS n, any_value(r.coverage_pct) AS coverage_pct,
    'scored for ' || strftime(max(s.as_of_date), '%Y-%m-%d') AS basis
FROM scored AS s
CROSS JOIN reachable AS r
GROUP BY year(s.as_of_date)
