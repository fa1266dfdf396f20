-- The kept version of every activity, with its dates, its place and the money hung on it.
WITH dates AS (
    SELECT
        activity_key,
        min(iso_date) FILTER (type_code = '1') AS planned_start_date,
        min(iso_date) FILTER (type_code = '2') AS actual_start_date,
        max(iso_date) FILTER (type_code = '3') AS planned_end_date,
        max(iso_date) FILTER (type_code = '4') AS actual_end_date
    FROM core.iati_activity_date
    GROUP BY activity_key
),
money AS (
    SELECT
        activity_key,
        count(*) AS transaction_count,
        sum(amount_usd) FILTER (transaction_type_code IN ('3', '4')) AS spend_usd,
        max(transaction_date) AS last_transaction_date
    FROM mart.transaction
    GROUP BY activity_key
),
countries AS (
    SELECT activity_key, count(DISTINCT code) AS country_count, min(code) AS only_country
    FROM core.iati_recipient_country
    WHERE nullif(trim(code), '') IS NOT NULL
    GROUP BY activity_key
),
regions AS (
    SELECT activity_key, count(*) AS region_count FROM core.iati_recipient_region GROUP BY activity_key
)
SELECT
    v.activity_key,
    v.dataset,
    v.snapshot_sha256,
    v.source_line,
    v.iati_identifier,
    v.publisher_ref,
    a.reporting_org_name,
    a.title,
    a.activity_status_code,
    a.hierarchy,
    a.collaboration_type_code,
    d.planned_start_date,
    d.actual_start_date,
    d.planned_end_date,
    d.actual_end_date,
    CASE WHEN c.country_count = 1 AND r.region_count IS NULL THEN c.only_country END AS sole_country_code,
    v.project_number,
    v.donor_code,
    v.outcome_code,
    v.identifier_year,
    v.biennium_start,
    v.lineage_id,
    v.lineage_basis,
    v.version_count,
    coalesce(m.transaction_count, 0) AS transaction_count,
    m.spend_usd,
    m.last_transaction_date,
    v.is_illustrative
FROM mart.activity_version AS v
JOIN core.iati_activity AS a USING (activity_key)
LEFT JOIN dates AS d USING (activity_key)
LEFT JOIN money AS m USING (activity_key)
LEFT JOIN countries AS c USING (activity_key)
LEFT JOIN regions AS r USING (activity_key)
WHERE v.is_current_version
