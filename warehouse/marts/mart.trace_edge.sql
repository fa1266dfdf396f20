-- The chain of money: from a provider's activity to ours, from ours to a receiver's, and whether the other end is here.
-- A missing identifier is a row too, else the share that can be traced could not be told.
WITH edges AS (
    SELECT 'incoming' AS edge_kind, activity_key, transaction_number AS number, dataset, snapshot_sha256, source_line,
        iati_identifier, nullif(trim(provider_org_activity_id), '') AS other_identifier, provider_org_ref AS other_org_ref,
        provider_org_name AS other_org_name, provider_org_type_code AS other_org_type_code, transaction_type_code, year,
        amount_usd, is_current_version
    FROM mart.transaction WHERE transaction_type_code IN ('1', '11', '13')
    UNION ALL
    SELECT 'outgoing', activity_key, transaction_number, dataset, snapshot_sha256, source_line, iati_identifier,
        nullif(trim(receiver_org_activity_id), ''), receiver_org_ref, receiver_org_name, receiver_org_type_code,
        transaction_type_code, year, amount_usd, is_current_version
    FROM mart.transaction
    WHERE transaction_type_code IN ('2', '3')
        OR (direction = 'outgoing' AND nullif(trim(receiver_org_activity_id), '') IS NOT NULL)
    UNION ALL
    SELECT CASE p.role_code WHEN '1' THEN 'funder' ELSE 'partner' END, p.activity_key, p.participating_org_number,
        p.dataset, p.snapshot_sha256, p.source_line, v.iati_identifier, trim(p.activity_id), p.ref, p.name, p.type_code,
        NULL, NULL, NULL, v.is_current_version
    FROM core.iati_participating_org AS p JOIN mart.activity_version AS v USING (activity_key)
    WHERE nullif(trim(p.activity_id), '') IS NOT NULL
    UNION ALL
    SELECT 'related', r.activity_key, r.related_activity_number, r.dataset, r.snapshot_sha256, r.source_line,
        v.iati_identifier, trim(r.ref), NULL, NULL, NULL, NULL, NULL, NULL, v.is_current_version
    FROM core.iati_related_activity AS r JOIN mart.activity_version AS v USING (activity_key)
    WHERE nullif(trim(r.ref), '') IS NOT NULL
),
known AS (
    SELECT upper(iati_identifier) AS identifier, min(activity_key) AS activity_key
    FROM mart.activity_version WHERE is_current_version AND iati_identifier IS NOT NULL GROUP BY 1
)
SELECT
    e.edge_kind,
    e.activity_key,
    e.number,
    e.dataset,
    e.snapshot_sha256,
    e.source_line,
    CASE WHEN e.edge_kind IN ('incoming', 'funder') THEN e.other_identifier ELSE e.iati_identifier END AS from_identifier,
    CASE WHEN e.edge_kind IN ('incoming', 'funder') THEN e.iati_identifier ELSE e.other_identifier END AS to_identifier,
    e.other_identifier,
    k.activity_key AS other_activity_key,
    coalesce(m.organisation_key, 'unknown') AS other_organisation_key,
    e.other_org_ref,
    e.other_org_name,
    e.transaction_type_code,
    e.year,
    e.amount_usd,
    e.is_current_version,
    CASE
        WHEN e.other_identifier IS NULL THEN 'missing'
        WHEN upper(e.other_identifier) = upper(e.iati_identifier) THEN 'self'
        WHEN k.identifier IS NOT NULL THEN 'resolved'
        ELSE 'unresolved'
    END AS trace_status
FROM edges AS e
LEFT JOIN known AS k ON k.identifier = upper(e.other_identifier)
LEFT JOIN mart.organisation_mention AS m
    ON m.published_ref IS NOT DISTINCT FROM e.other_org_ref
    AND m.published_name IS NOT DISTINCT FROM e.other_org_name
    AND m.published_type_code IS NOT DISTINCT FROM e.other_org_type_code
