-- Every way an organisation is named in the files, and which organisation it is by the reviewed tables of schemas/reference.
WITH mentioned AS (
    SELECT reporting_org_ref AS ref, reporting_org_name AS name, reporting_org_type_code AS type_code
    FROM core.iati_activity
    UNION ALL
    SELECT ref, name, type_code FROM core.iati_participating_org
    UNION ALL
    SELECT provider_org_ref, provider_org_name, provider_org_type_code FROM core.iati_transaction
    UNION ALL
    SELECT receiver_org_ref, receiver_org_name, receiver_org_type_code FROM core.iati_transaction
    UNION ALL
    SELECT provider_org_ref, provider_org_name, provider_org_type_code FROM core.iati_planned_disbursement
    UNION ALL
    SELECT receiver_org_ref, receiver_org_name, receiver_org_type_code FROM core.iati_planned_disbursement
    UNION ALL
    SELECT organisation_identifier, name, NULL FROM core.iati_organisation
),
counted AS (
    SELECT ref AS published_ref, name AS published_name, type_code AS published_type_code, count(*) AS mention_count
    FROM mentioned
    WHERE ref IS NOT NULL OR name IS NOT NULL
    GROUP BY ALL
),
stripped AS (
    SELECT
        *,
        nullif(upper(regexp_replace(published_ref, '^["''\s]+|["''\s]+$', '', 'g')), '') AS ref_text,
        nullif(trim(regexp_replace(lower(strip_accents(published_name)), '[\s"]+', ' ', 'g')), '') AS name_text
    FROM counted
),
-- Some references stand in the narrative; placeholders such as 00000 or ********** name nobody.
cleaned AS (
    SELECT
        s.* EXCLUDE (ref_text, name_text),
        coalesce(
            CASE WHEN pr.value IS NULL THEN s.ref_text END,
            CASE WHEN regexp_full_match(upper(s.name_text), '[A-Z]{2}-[A-Z0-9]+-[A-Z0-9_-]+') THEN upper(s.name_text) END
        ) AS clean_ref,
        CASE WHEN pn.value IS NULL THEN s.name_text END AS clean_name
    FROM stripped AS s
    LEFT JOIN ref.organisation_alias AS pr ON pr.kind = 'placeholder_ref' AND pr.value = s.ref_text
    LEFT JOIN ref.organisation_alias AS pn ON pn.kind = 'placeholder_name' AND pn.value = s.name_text
),
names AS (
    SELECT value, contributor_code FROM ref.organisation_alias WHERE kind = 'name'
    UNION
    SELECT lower(strip_accents(name)), contributor_code FROM ref.contributor
),
known_names AS (SELECT value, min(contributor_code) AS contributor_code FROM names GROUP BY value),
by_prefix AS (
    SELECT c.clean_ref, arg_max(p.contributor_code, length(p.value)) AS contributor_code
    FROM (SELECT DISTINCT clean_ref FROM cleaned WHERE clean_ref IS NOT NULL) AS c
    JOIN ref.organisation_alias AS p ON p.kind = 'ref_prefix' AND starts_with(c.clean_ref, p.value)
    GROUP BY c.clean_ref
),
countries AS (SELECT country_code, min(contributor_code) AS contributor_code FROM ref.contributor
    WHERE contributor_type_code = 'C01' AND country_code IS NOT NULL GROUP BY country_code),
dac AS (SELECT dac_donor_code, min(contributor_code) AS contributor_code FROM ref.contributor
    WHERE dac_donor_code IS NOT NULL GROUP BY dac_donor_code),
matched AS (
    SELECT
        c.*,
        o.contributor_code AS by_name_over_ref,
        r.contributor_code AS by_ref,
        p.contributor_code AS by_ref_prefix,
        d.contributor_code AS by_dac_code,
        g.contributor_code AS by_country_prefix,
        n.contributor_code AS by_name,
        f.contributor_code AS by_first_part
    FROM cleaned AS c
    LEFT JOIN ref.organisation_alias AS o ON o.kind = 'name_over_ref' AND o.value = c.clean_name
    LEFT JOIN ref.organisation_alias AS r ON r.kind = 'ref' AND r.value = c.clean_ref
    LEFT JOIN by_prefix AS p ON p.clean_ref = c.clean_ref
    LEFT JOIN dac AS d ON d.dac_donor_code = nullif(regexp_extract(c.clean_ref, '^XM-DAC-(\d{1,4})(-\d+)?$', 1), '')
    -- A country's prefix alone also opens a charity's number, so a government form or type must stand beside it.
    LEFT JOIN countries AS g ON g.country_code = nullif(regexp_extract(c.clean_ref, '^([A-Z]{2})-', 1), '')
        AND (regexp_full_match(c.clean_ref, '[A-Z]{2}-(\d{1,3}|GOV-.*)') OR c.published_type_code IN ('10', '11', '15'))
    LEFT JOIN known_names AS n ON n.value = c.clean_name
    LEFT JOIN known_names AS f ON f.value = trim(split_part(c.clean_name, ',', 1)) AND contains(c.clean_name, ',')
        AND coalesce(c.published_type_code, '10') IN ('10', '11', '15', '40')
),
resolved AS (
    SELECT
        *,
        coalesce(by_name_over_ref, by_ref, by_ref_prefix, by_dac_code, by_country_prefix, by_name, by_first_part)
            AS contributor_code
    FROM matched
)
SELECT
    published_ref,
    published_name,
    published_type_code,
    clean_ref,
    clean_name,
    coalesce(contributor_code, clean_ref, 'name:' || clean_name, 'unknown') AS organisation_key,
    contributor_code,
    CASE
        WHEN by_name_over_ref IS NOT NULL THEN 'name_over_ref'
        WHEN by_ref IS NOT NULL THEN 'ref'
        WHEN by_ref_prefix IS NOT NULL THEN 'ref_prefix'
        WHEN by_dac_code IS NOT NULL THEN 'dac_code'
        WHEN by_country_prefix IS NOT NULL THEN 'country_prefix'
        WHEN by_name IS NOT NULL THEN 'name'
        WHEN by_first_part IS NOT NULL THEN 'name_first_part'
        WHEN clean_ref IS NOT NULL THEN 'own_ref'
        WHEN clean_name IS NOT NULL THEN 'own_name'
        ELSE 'unknown'
    END AS match_basis,
    mention_count
FROM resolved
