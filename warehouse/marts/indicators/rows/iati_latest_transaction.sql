-- The latest transactions that are not dated after the fetch.
WITH fetched AS (
    SELECT max(CAST(fetched_at AS DATE)) AS fetched_date FROM audit.snapshot WHERE source = 'iati_ilo' AND is_current
)
SELECT year(f.fetched_date) AS year, t.dataset, t.snapshot_sha256, t.source_line,
    t.activity_key || '/transaction/' || t.transaction_number AS trace_id,
    concat_ws(', ', t.transaction_date, t.iati_identifier) AS label, t.amount_usd
FROM mart.transaction AS t, fetched AS f
WHERE t.publisher_ref = 'XM-DAC-41302' AND t.transaction_date <= f.fetched_date AND year(f.fetched_date) = $year
QUALIFY t.transaction_date = max(t.transaction_date) OVER ()
