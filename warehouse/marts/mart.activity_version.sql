-- Every published activity, which of several with one identifier is kept, and what its identifier tells.
WITH fetched AS (
    SELECT sha256, max(fetched_at) AS fetched_at FROM audit.snapshot GROUP BY sha256
),
named AS (
    SELECT
        a.*,
        f.fetched_at,
        nullif(regexp_replace(a.iati_identifier, '^["''\s]+|["''\s]+$', '', 'g'), '') AS clean_identifier,
        nullif(upper(regexp_replace(a.reporting_org_ref, '^["''\s]+|["''\s]+$', '', 'g')), '') AS publisher_ref
    FROM core.iati_activity AS a
    LEFT JOIN fetched AS f ON f.sha256 = a.snapshot_sha256
),
-- An activity without an identifier can be nobody's duplicate.
ranked AS (
    SELECT
        *,
        row_number() OVER newest AS version_rank,
        first_value(activity_key) OVER newest AS kept_activity_key,
        count(*) OVER (PARTITION BY coalesce(clean_identifier, activity_key)) AS version_count
    FROM named
    WINDOW newest AS (
        PARTITION BY coalesce(clean_identifier, activity_key)
        ORDER BY last_updated_datetime DESC NULLS LAST, generated_datetime DESC NULLS LAST,
            fetched_at DESC NULLS LAST, dataset DESC, activity_number DESC
    )
),
-- The ILO's two patterns: project-donor-year-CPO until 2019 (with stray blanks in 2012-13), biennium-CPO since 2020.
-- Only an ILO identifier is read so; another publisher's figures at the same places would mean something else.
parsed AS (
    SELECT
        *,
        CASE WHEN publisher_ref = 'XM-DAC-41302' THEN regexp_extract(
            clean_identifier, '-\s*(\d+)\s*-\s*(\d+)\s*-\s*((?:19|20)\d{2})\s*-\s*([A-Z]{3}[0-9A-Z]{2,5})$',
            ['project', 'donor', 'year', 'outcome']) END AS early,
        CASE WHEN publisher_ref = 'XM-DAC-41302' THEN regexp_extract(
            clean_identifier, '-(?:IP|PMR)(\d{2})-([A-Z]{3}[0-9A-Z]{2,5})$', ['year', 'outcome']) END AS late
    FROM ranked
),
parts AS (
    SELECT
        *,
        nullif(early.project, '') AS project_number,
        nullif(early.donor, '') AS donor_code,
        coalesce(nullif(early.outcome, ''), nullif(late.outcome, '')) AS outcome_code,
        coalesce(TRY_CAST(nullif(early.year, '') AS INTEGER), 2000 + TRY_CAST(nullif(late.year, '') AS INTEGER))
            AS identifier_year
    FROM parsed
),
previous AS (
    SELECT activity_key, min(trim(ref)) AS ref
    FROM core.iati_other_identifier
    WHERE type_code = 'A3' AND nullif(trim(ref), '') IS NOT NULL
    GROUP BY activity_key
)
SELECT
    p.activity_key,
    p.dataset,
    p.snapshot_sha256,
    p.source_line,
    p.clean_identifier AS iati_identifier,
    p.publisher_ref,
    p.version_rank = 1 AS is_current_version,
    p.kept_activity_key,
    p.version_count,
    p.project_number,
    p.donor_code,
    p.outcome_code,
    p.identifier_year,
    p.identifier_year - p.identifier_year % 2 AS biennium_start,
    CASE
        WHEN p.outcome_code IS NOT NULL THEN p.publisher_ref || '/' || p.outcome_code
        ELSE coalesce(o.ref, p.clean_identifier, p.activity_key)
    END AS lineage_id,
    CASE
        WHEN p.outcome_code IS NOT NULL THEN 'outcome'
        WHEN o.ref IS NOT NULL THEN 'previous_identifier'
        ELSE 'own'
    END AS lineage_basis,
    coalesce(p.is_illustrative, FALSE) AS is_illustrative
FROM parts AS p
LEFT JOIN previous AS o USING (activity_key)
