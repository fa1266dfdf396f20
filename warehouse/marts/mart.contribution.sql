-- Money received, one transaction a row, by the rule of its era. A row says by which rule it is here (basis).
-- Types 1 and 11, or 2 and 4, never meet: an activity that has receipts is read through them alone, and
-- expenditure stands in for a receipt only where an RBSA activity publishes neither type 1 nor type 2.
WITH role_one AS (
    SELECT DISTINCT p.activity_key
    FROM core.iati_participating_org AS p
    JOIN mart.organisation_mention AS m ON m.published_ref IS NOT DISTINCT FROM p.ref
        AND m.published_name IS NOT DISTINCT FROM p.name AND m.published_type_code IS NOT DISTINCT FROM p.type_code
    WHERE p.role_code = '1' AND m.organisation_key = 'ILO-RBSA'
),
activity AS (
    SELECT
        a.activity_key, a.donor_code, a.outcome_code, a.lineage_id, a.sole_country_code, a.title,
        a.donor_code = '0' OR r.activity_key IS NOT NULL AS is_rbsa,
        coalesce(bool_or(t.transaction_type_code = '1'), FALSE) AS has_receipt,
        coalesce(bool_or(t.transaction_type_code = '2'), FALSE) AS has_commitment
    FROM mart.activity AS a
    LEFT JOIN role_one AS r USING (activity_key)
    LEFT JOIN core.iati_transaction AS t USING (activity_key)
    GROUP BY ALL
),
chosen AS (
    SELECT
        t.*, r.basis, a.donor_code, a.outcome_code, a.lineage_id, a.sole_country_code, a.title AS activity_title,
        nullif(regexp_extract(t.reference, '^\s*[A-Z0-9]{3}/\d{2}/[0-9A-Z]+/[A-Z]{3}'), '') AS project_symbol
    FROM mart.transaction AS t
    JOIN activity AS a USING (activity_key)
    JOIN ref.contribution_rule AS r
        ON r.transaction_type_code = t.transaction_type_code
        AND (r.publisher_ref = '*' OR r.publisher_ref = t.publisher_ref)
        AND coalesce(t.year, 0) BETWEEN r.first_year AND r.last_year
    WHERE t.is_current_version
        AND (r.transaction_type_code = '1'
            OR (r.transaction_type_code = '2' AND NOT a.has_receipt)
            OR (r.basis = 'rbsa_expenditure' AND a.is_rbsa AND NOT a.has_receipt AND NOT a.has_commitment))
),
suffixed AS (
    SELECT *, nullif(right(trim(project_symbol), 3), '') AS symbol_suffix FROM chosen
),
candidates AS (
    SELECT
        s.*,
        nullif(p.organisation_key, 'unknown') AS by_provider,
        d.contributor_code AS by_donor_code,
        coalesce(x.contributor_code, i.contributor_code) AS by_suffix,
        q.organisation_key AS publisher_key
    FROM suffixed AS s
    LEFT JOIN mart.organisation_mention AS p
        ON s.provider_basis <> 'reporting_org'
        AND p.published_ref IS NOT DISTINCT FROM s.provider_org_ref
        AND p.published_name IS NOT DISTINCT FROM s.provider_org_name
        AND p.published_type_code IS NOT DISTINCT FROM s.provider_org_type_code
    LEFT JOIN ref.ilo_donor AS d ON d.donor_code = s.donor_code
    LEFT JOIN ref.symbol_suffix AS x ON x.suffix = s.symbol_suffix
    LEFT JOIN ref.contributor AS i ON i.iso3_code = s.symbol_suffix
    LEFT JOIN (SELECT clean_ref, min(organisation_key) AS organisation_key FROM mart.organisation_mention
        WHERE clean_ref IS NOT NULL GROUP BY clean_ref) AS q ON q.clean_ref = s.publisher_ref
),
resolved AS (
    SELECT
        *,
        CASE
            WHEN basis = 'rbsa_expenditure' THEN 'ILO-RBSA'
            WHEN basis = 'commitment_by_donor_code' THEN coalesce(by_donor_code, by_suffix, by_provider, 'unknown')
            ELSE coalesce(by_provider, by_donor_code, by_suffix, 'unknown')
        END AS contributor_key,
        CASE
            WHEN basis = 'rbsa_expenditure' THEN 'rbsa_activity'
            WHEN basis = 'commitment_by_donor_code' AND by_donor_code IS NOT NULL THEN 'donor_code'
            WHEN basis = 'commitment_by_donor_code' AND by_suffix IS NOT NULL THEN 'symbol_suffix'
            WHEN by_provider IS NOT NULL THEN 'provider'
            WHEN by_donor_code IS NOT NULL THEN 'donor_code'
            WHEN by_suffix IS NOT NULL THEN 'symbol_suffix'
            ELSE 'unknown'
        END AS contributor_basis
    FROM candidates
),
described AS (
    SELECT
        r.*,
        r.contributor_key = coalesce(r.publisher_key, r.publisher_ref) AS is_internal,
        coalesce(c.name, o.name, 'unknown') AS contributor_name,
        coalesce(c.contributor_type_code, o.contributor_type_code, t.contributor_type_code) AS contributor_type_code,
        c.country_code AS contributor_country_code,
        c.dac_donor_code,
        coalesce(c.is_dac_member, FALSE) AS is_dac_member,
        coalesce(nullif(trim(r.recipient_country_code), ''), r.sole_country_code) AS recipient_sole_country_code
    FROM resolved AS r
    LEFT JOIN ref.contributor AS c ON c.contributor_code = r.contributor_key
    LEFT JOIN mart.organisation AS o ON o.organisation_key = r.contributor_key
    LEFT JOIN ref.contributor_type AS t
        ON list_contains(string_split(t.organisation_type_codes, ';'), r.provider_org_type_code)
        AND r.contributor_key = 'unknown'
),
domestic AS (
    SELECT
        *,
        coalesce(contributor_type_code = 'C01' AND NOT is_dac_member
            AND contributor_country_code = recipient_sole_country_code, FALSE) AS is_domestic
    FROM described
),
ruled AS (
    SELECT
        d.*, i.instrument_code, i.match_on AS instrument_basis, i.earmarking_category_code AS derived_category
    FROM domestic AS d
    LEFT JOIN ref.instrument_rule AS i
        ON (i.match_on = 'contributor' AND i.value = d.contributor_key)
        OR (i.match_on = 'contributor_type' AND i.value = d.contributor_type_code)
        OR (i.match_on = 'domestic' AND d.is_domestic)
        OR (i.match_on = 'aid_type' AND i.value = d.aid_type_code)
        OR (i.match_on = 'earmarking' AND i.value = d.earmarking_category_code)
    QUALIFY row_number() OVER (PARTITION BY d.activity_key, d.transaction_number ORDER BY i.priority NULLS LAST) = 1
)
SELECT
    activity_key,
    transaction_number,
    dataset,
    snapshot_sha256,
    source_line,
    iati_identifier,
    publisher_ref,
    is_illustrative,
    basis,
    NOT is_internal AS is_voluntary,
    is_internal,
    transaction_type_code,
    transaction_date,
    year,
    biennium_start,
    value_amount,
    currency_code,
    fx_status,
    amount_usd,
    amount_usd_year_average,
    contributor_key,
    contributor_name,
    contributor_basis,
    contributor_key NOT IN ('unknown', 'MULTI', 'ILO-RBSA') AS is_named_contributor,
    CASE WHEN NOT is_internal THEN contributor_type_code END AS contributor_type_code,
    contributor_country_code,
    dac_donor_code,
    is_dac_member,
    is_domestic,
    CASE WHEN NOT is_internal THEN instrument_code END AS instrument_code,
    CASE WHEN is_internal THEN 'internal' ELSE coalesce(instrument_basis, 'unknown') END AS instrument_basis,
    CASE WHEN NOT is_internal THEN coalesce(earmarking_category_code, derived_category) END AS earmarking_category_code,
    CASE
        WHEN is_internal THEN 'internal'
        WHEN earmarking_category_code IS NOT NULL THEN 'published'
        WHEN derived_category IS NOT NULL THEN 'instrument'
        ELSE 'unknown'
    END AS earmarking_basis,
    provider_org_ref,
    provider_org_name,
    provider_org_type_code,
    provider_org_activity_id,
    donor_code,
    project_symbol,
    symbol_suffix,
    outcome_code,
    lineage_id,
    recipient_sole_country_code,
    activity_title
FROM ruled
