-- Activities that ended in the year and link an evaluation (document category A07).
WITH closed AS (
    SELECT activity_key, year(coalesce(actual_end_date, planned_end_date)) AS year FROM mart.activity
    WHERE publisher_ref = 'XM-DAC-41302' AND coalesce(actual_end_date, planned_end_date) IS NOT NULL
),
evaluated AS (SELECT DISTINCT activity_key FROM core.iati_document_category WHERE code = 'A07')
SELECT 'iati' AS series, c.year, 100 * count(e.activity_key) / count(*) AS value, 100 * count(e.activity_key) AS numerator,
    count(*) AS denominator, count(*) AS n, 100 AS coverage_pct, 'activities by end date' AS basis
FROM closed AS c LEFT JOIN evaluated AS e USING (activity_key)
GROUP BY c.year
