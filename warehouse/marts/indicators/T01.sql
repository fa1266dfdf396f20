-- Timeliness: days between the latest transaction and the day the files were fetched.
WITH fetched AS (
    SELECT max(CAST(fetched_at AS DATE)) AS fetched_date FROM audit.snapshot WHERE source = 'iati_ilo' AND is_current
),
latest AS (
    SELECT max(t.transaction_date) AS transaction_date, count(*) AS n
    FROM mart.transaction AS t, fetched AS f
    -- A date after the fetch is an error of the publisher and no sign of speed.
    WHERE t.publisher_ref = 'XM-DAC-41302' AND t.transaction_date <= f.fetched_date
)
SELECT 'days' AS series, year(f.fetched_date) AS year, f.fetched_date - l.transaction_date AS value, NULL AS numerator,
    NULL AS denominator, l.n, 100 AS coverage_pct, 'fetched ' || strftime(f.fetched_date, '%Y-%m-%d') AS basis
FROM fetched AS f, latest AS l
WHERE l.transaction_date IS NOT NULL
