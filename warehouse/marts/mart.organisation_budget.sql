-- Budgets and expenditure of organisation files. Totals and breakdowns overlap: add up one kind only.
-- Two files of one organisation (a quoted identifier, a second publisher) stand side by side; the latest is the current one.
WITH organisations AS (
    SELECT o.organisation_key, o.dataset, o.snapshot_sha256, o.is_illustrative,
        nullif(upper(regexp_replace(o.organisation_identifier, '^["''\s]+|["''\s]+$', '', 'g')), '') AS organisation_ref,
        o.organisation_identifier AS published_identifier,
        row_number() OVER (
            PARTITION BY upper(regexp_replace(o.organisation_identifier, '^["''\s]+|["''\s]+$', '', 'g'))
            ORDER BY o.last_updated_datetime DESC NULLS LAST, o.generated_datetime DESC NULLS LAST,
                f.fetched_at DESC NULLS LAST, o.dataset DESC, o.organisation_number DESC) AS version_rank
    FROM core.iati_organisation AS o
    LEFT JOIN (SELECT sha256, max(fetched_at) AS fetched_at FROM audit.snapshot GROUP BY sha256) AS f
        ON f.sha256 = o.snapshot_sha256
),
published AS (
    SELECT organisation_key, 'total_budget' AS kind, total_budget_number AS number, period_start, period_end,
        status_code, NULL AS recipient_code, source_line FROM core.iati_organisation_total_budget
    UNION ALL
    SELECT organisation_key, 'total_expenditure', total_expenditure_number, period_start, period_end,
        NULL, NULL, source_line FROM core.iati_organisation_total_expenditure
    UNION ALL
    SELECT organisation_key, 'recipient_org_budget', recipient_org_budget_number, period_start, period_end,
        status_code, recipient_org_ref, source_line FROM core.iati_organisation_recipient_org_budget
    UNION ALL
    SELECT organisation_key, 'recipient_country_budget', recipient_country_budget_number, period_start, period_end,
        status_code, recipient_country_code, source_line FROM core.iati_organisation_recipient_country_budget
    UNION ALL
    SELECT organisation_key, 'recipient_region_budget', recipient_region_budget_number, period_start, period_end,
        status_code, recipient_region_code, source_line FROM core.iati_organisation_recipient_region_budget
)
SELECT
    p.organisation_key,
    p.kind,
    p.number,
    o.dataset,
    o.snapshot_sha256,
    p.source_line,
    o.organisation_ref,
    o.published_identifier,
    o.version_rank = 1 AS is_current_version,
    coalesce(o.is_illustrative, FALSE) AS is_illustrative,
    year(p.period_end) AS year,
    p.period_start,
    p.period_end,
    coalesce(nullif(trim(p.status_code), ''), CASE WHEN p.kind <> 'total_expenditure' THEN '1' END) AS status_code,
    p.recipient_code,
    m.value_amount,
    m.currency_code,
    m.fx_status,
    m.amount_usd
FROM published AS p
JOIN organisations AS o USING (organisation_key)
LEFT JOIN mart.money AS m ON m.kind = p.kind AND m.record_key = p.organisation_key AND m.number = p.number
