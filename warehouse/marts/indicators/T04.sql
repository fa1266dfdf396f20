-- Activities without an error or critical finding of the validator; and such findings per 1,000 activities.
WITH activities AS (
    SELECT a.dataset, a.activity_number, max(CAST(s.fetched_at AS DATE)) OVER () AS fetched_date
    FROM core.iati_activity AS a
    JOIN mart.activity_version AS v USING (activity_key)
    LEFT JOIN audit.snapshot AS s ON s.dataset = a.dataset AND s.sha256 = a.snapshot_sha256 AND s.is_current
    WHERE v.publisher_ref = 'XM-DAC-41302'
),
found AS (
    SELECT dataset, activity_index, count(*) AS findings FROM audit.finding
    WHERE stage = 'validation' AND severity IN ('critical', 'error') GROUP BY dataset, activity_index
),
checked AS (SELECT count(*) AS findings FROM audit.finding WHERE stage = 'validation')
SELECT 'clean' AS series, year(any_value(a.fetched_date)) AS year, 100 * count(*) FILTER (f.dataset IS NULL) / count(*) AS value,
    100 * count(*) FILTER (f.dataset IS NULL) AS numerator, count(*) AS denominator, count(*) AS n, 100 AS coverage_pct,
    'validator findings of the run' AS basis
FROM activities AS a LEFT JOIN found AS f ON f.dataset = a.dataset AND f.activity_index = a.activity_number
WHERE (SELECT findings FROM checked) > 0
HAVING count(*) > 0
UNION ALL
SELECT 'per_1000', year(any_value(a.fetched_date)), 1000.0 * coalesce(sum(f.findings), 0) / count(*), NULL, NULL, count(*), 100,
    'validator findings of the run'
FROM activities AS a LEFT JOIN found AS f ON f.dataset = a.dataset AND f.activity_index = a.activity_number
WHERE (SELECT findings FROM checked) > 0
HAVING count(*) > 0
