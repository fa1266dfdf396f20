-- Score by the Aid Transparency Index's automatic tests; coverage is what can be reached without its survey.
SELECT 'score' AS series, year(t.as_of_date) AS year, t.score AS value, NULL AS numerator, NULL AS denominator,
    (SELECT count(*) FROM mart.readiness_score
        WHERE framework_code = 'transparency_index' AND status IN ('scored', 'not_relevant')) AS n,
    (SELECT sum(weight_points) FROM mart.readiness_score
        WHERE framework_code = 'transparency_index' AND status IN ('scored', 'not_relevant')) AS coverage_pct,
    'scored for ' || strftime(t.as_of_date, '%Y-%m-%d') AS basis
FROM mart.readiness_score AS t
WHERE t.framework_code = 'transparency_index' AND t.check_code = 'total' AND t.score IS NOT NULL
