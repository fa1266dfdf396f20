-- Money agreed or pledged (types 11 and 13): a table of its own, so that nobody adds it to money received.
SELECT
    t.activity_key,
    t.transaction_number,
    t.dataset,
    t.snapshot_sha256,
    t.source_line,
    t.iati_identifier,
    t.publisher_ref,
    t.is_illustrative,
    CASE t.transaction_type_code WHEN '11' THEN 'incoming_commitment' ELSE 'incoming_pledge' END AS basis,
    t.transaction_type_code,
    t.transaction_date,
    t.year,
    t.value_amount,
    t.currency_code,
    t.fx_status,
    t.amount_usd,
    coalesce(m.organisation_key, 'unknown') AS contributor_key,
    coalesce(o.name, 'unknown') AS contributor_name,
    o.contributor_type_code,
    coalesce(m.organisation_key <> coalesce(q.organisation_key, t.publisher_ref), TRUE) AS is_voluntary,
    a.lineage_id,
    coalesce(a.planned_end_date, a.actual_end_date) AS activity_end_date,
    coalesce(a.actual_start_date, a.planned_start_date) AS activity_start_date
FROM mart.transaction AS t
JOIN mart.activity AS a USING (activity_key)
LEFT JOIN mart.organisation_mention AS m
    ON m.published_ref IS NOT DISTINCT FROM t.provider_org_ref
    AND m.published_name IS NOT DISTINCT FROM t.provider_org_name
    AND m.published_type_code IS NOT DISTINCT FROM t.provider_org_type_code
LEFT JOIN mart.organisation AS o USING (organisation_key)
LEFT JOIN (SELECT clean_ref, min(organisation_key) AS organisation_key FROM mart.organisation_mention
    WHERE clean_ref IS NOT NULL GROUP BY clean_ref) AS q ON q.clean_ref = t.publisher_ref
WHERE t.is_current_version AND t.transaction_type_code IN ('11', '13')
