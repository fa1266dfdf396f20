-- Every transaction with the standard's inheritance rules applied and its US dollars beside the published amount.
WITH aid_types AS (
    SELECT activity_key, transaction_number, coalesce(nullif(trim(vocabulary_code), ''), '1') AS vocabulary_code,
        arg_min(trim(code), aid_type_number) AS code, count(DISTINCT trim(code)) AS code_count
    FROM core.iati_aid_type
    WHERE nullif(trim(code), '') IS NOT NULL
    GROUP BY ALL
),
own_aid AS (
    SELECT activity_key, transaction_number,
        max(code) FILTER (vocabulary_code = '1') AS v1, max(code) FILTER (vocabulary_code = '2') AS v2,
        max(code) FILTER (vocabulary_code = '3') AS v3, max(code) FILTER (vocabulary_code = '4') AS v4,
        max(code_count) AS code_count
    FROM aid_types WHERE transaction_number IS NOT NULL GROUP BY ALL
),
default_aid AS (
    SELECT activity_key,
        max(code) FILTER (vocabulary_code = '1') AS v1, max(code) FILTER (vocabulary_code = '2') AS v2,
        max(code) FILTER (vocabulary_code = '3') AS v3, max(code) FILTER (vocabulary_code = '4') AS v4,
        max(code_count) AS code_count
    FROM aid_types WHERE transaction_number IS NULL GROUP BY ALL
),
joined AS (
    SELECT
        t.*, v.iati_identifier, v.publisher_ref, v.is_current_version, v.kept_activity_key, v.is_illustrative,
        a.is_humanitarian AS activity_humanitarian, a.reporting_org_ref, a.reporting_org_name,
        a.reporting_org_type_code, a.default_flow_type_code, a.default_finance_type_code, a.default_tied_status_code,
        -- Money comes in with funds, a sale of equity, and incoming commitments and pledges.
        t.transaction_type_code IN ('1', '9', '11', '13') AS is_incoming,
        nullif(trim(t.provider_org_ref), '') IS NOT NULL OR nullif(trim(t.provider_org_name), '') IS NOT NULL
            OR nullif(trim(t.provider_org_activity_id), '') IS NOT NULL AS has_provider,
        nullif(trim(t.receiver_org_ref), '') IS NOT NULL OR nullif(trim(t.receiver_org_name), '') IS NOT NULL
            OR nullif(trim(t.receiver_org_activity_id), '') IS NOT NULL AS has_receiver
    FROM core.iati_transaction AS t
    JOIN mart.activity_version AS v USING (activity_key)
    JOIN core.iati_activity AS a USING (activity_key)
)
SELECT
    j.activity_key,
    j.transaction_number,
    j.dataset,
    j.snapshot_sha256,
    j.source_line,
    j.iati_identifier,
    j.publisher_ref,
    j.is_current_version,
    j.kept_activity_key,
    j.is_illustrative,
    j.reference,
    j.transaction_type_code,
    CASE WHEN j.is_incoming THEN 'incoming' ELSE 'outgoing' END AS direction,
    j.transaction_date,
    year(j.transaction_date) AS year,
    year(j.transaction_date) - year(j.transaction_date) % 2 AS biennium_start,
    j.value_amount,
    m.currency_code,
    m.currency_basis,
    j.value_date,
    m.fx_date_basis,
    m.fx_status,
    m.fx_units_per_usd,
    m.fx_rate_date,
    m.fx_source,
    m.amount_usd,
    m.amount_usd_year_average,
    coalesce(nullif(trim(j.flow_type_code), ''), nullif(trim(j.default_flow_type_code), '')) AS flow_type_code,
    coalesce(nullif(trim(j.finance_type_code), ''), nullif(trim(j.default_finance_type_code), '')) AS finance_type_code,
    coalesce(nullif(trim(j.tied_status_code), ''), nullif(trim(j.default_tied_status_code), '')) AS tied_status_code,
    coalesce(o.v1, d.v1) AS aid_type_code,
    CASE WHEN o.v1 IS NOT NULL THEN 'transaction' WHEN d.v1 IS NOT NULL THEN 'activity' ELSE 'none' END
        AS aid_type_basis,
    coalesce(o.v2, d.v2) AS earmarking_category_code,
    coalesce(o.v3, d.v3) AS earmarking_modality_code,
    coalesce(o.v4, d.v4) AS cash_voucher_modality_code,
    coalesce(o.code_count, d.code_count, 0) > 1 AS is_aid_type_ambiguous,
    CASE
        WHEN j.activity_humanitarian = FALSE THEN FALSE
        ELSE coalesce(j.is_humanitarian, j.activity_humanitarian, FALSE)
    END AS is_humanitarian,
    CASE
        WHEN j.activity_humanitarian = FALSE AND j.is_humanitarian THEN 'vetoed'
        WHEN j.is_humanitarian IS NOT NULL THEN 'transaction'
        WHEN j.activity_humanitarian IS NOT NULL THEN 'activity'
        ELSE 'none'
    END AS humanitarian_basis,
    CASE WHEN j.has_provider OR j.is_incoming THEN j.provider_org_ref ELSE j.reporting_org_ref END AS provider_org_ref,
    CASE WHEN j.has_provider OR j.is_incoming THEN j.provider_org_name ELSE j.reporting_org_name END
        AS provider_org_name,
    CASE WHEN j.has_provider OR j.is_incoming THEN j.provider_org_type_code ELSE j.reporting_org_type_code END
        AS provider_org_type_code,
    CASE WHEN j.has_provider THEN 'published' WHEN j.is_incoming THEN 'none' ELSE 'reporting_org' END AS provider_basis,
    j.provider_org_activity_id,
    CASE WHEN j.has_receiver OR NOT j.is_incoming THEN j.receiver_org_ref ELSE j.reporting_org_ref END
        AS receiver_org_ref,
    CASE WHEN j.has_receiver OR NOT j.is_incoming THEN j.receiver_org_name ELSE j.reporting_org_name END
        AS receiver_org_name,
    CASE WHEN j.has_receiver OR NOT j.is_incoming THEN j.receiver_org_type_code ELSE j.reporting_org_type_code END
        AS receiver_org_type_code,
    CASE WHEN j.has_receiver THEN 'published' WHEN j.is_incoming THEN 'reporting_org' ELSE 'none' END AS receiver_basis,
    j.receiver_org_activity_id,
    j.disbursement_channel_code,
    j.recipient_country_code,
    j.recipient_region_code
FROM joined AS j
LEFT JOIN mart.money AS m
    ON m.kind = 'transaction' AND m.record_key = j.activity_key AND m.number = j.transaction_number
LEFT JOIN own_aid AS o ON o.activity_key = j.activity_key AND o.transaction_number = j.transaction_number
LEFT JOIN default_aid AS d ON d.activity_key = j.activity_key
