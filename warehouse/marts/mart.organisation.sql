-- One row an organisation, whatever the ways it is written, with the contributor type of UN Data Standard VI.
WITH typed AS (
    SELECT m.*, t.contributor_type_code AS type_from_iati
    FROM mart.organisation_mention AS m
    LEFT JOIN ref.contributor_type AS t
        ON list_contains(string_split(t.organisation_type_codes, ';'), m.published_type_code)
),
gathered AS (
    SELECT
        organisation_key,
        any_value(contributor_code) AS contributor_code,
        arg_max(published_name, (mention_count, published_name)) FILTER (clean_name IS NOT NULL) AS common_name,
        arg_max(clean_ref, (mention_count, clean_ref)) FILTER (clean_ref IS NOT NULL) AS common_ref,
        arg_max(type_from_iati, (mention_count, type_from_iati)) FILTER (type_from_iati IS NOT NULL) AS type_from_iati,
        count(DISTINCT clean_ref) AS ref_count,
        count(DISTINCT clean_name) AS name_count,
        sum(mention_count) AS mention_count
    FROM typed
    GROUP BY organisation_key
)
SELECT
    g.organisation_key,
    coalesce(c.name, g.common_name, g.common_ref, 'not named') AS name,
    g.common_ref AS organisation_ref,
    coalesce(c.contributor_type_code, g.type_from_iati) AS contributor_type_code,
    CASE
        WHEN c.contributor_type_code IS NOT NULL THEN 'reviewed'
        WHEN g.type_from_iati IS NOT NULL THEN 'organisation_type'
        ELSE 'unknown'
    END AS contributor_type_basis,
    c.country_code,
    c.dac_donor_code,
    coalesce(c.is_dac_member, FALSE) AS is_dac_member,
    c.contributor_code IS NOT NULL AS is_reviewed,
    g.ref_count,
    g.name_count,
    g.mention_count
FROM gathered AS g
LEFT JOIN ref.contributor AS c ON c.contributor_code = g.contributor_code
