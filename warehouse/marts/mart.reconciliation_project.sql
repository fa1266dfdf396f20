-- Project by project: which DAC row stands for which IATI receipt, by what key and with what confidence.
-- Keys in order: the donor's project number or CRS identifier named in IATI; then donor, country, year and amount within 2 %,
-- surer where the titles share words. The donors' own @crs-channel-code is no key here: their IATI files are not loaded.
-- Who reports to the OECD is decided as in mart.reconciliation_donor: members of the DAC, and others that ever did.
WITH reporters AS (
    SELECT contributor_code AS contributor_key FROM ref.contributor
    WHERE dac_donor_code IS NOT NULL
        AND (is_dac_member OR contributor_code IN (SELECT contributor_key FROM mart.dac_contribution))
),
receipts AS (
    SELECT activity_key, any_value(iati_identifier) AS iati_identifier, contributor_key, year,
        any_value(dac_donor_code) AS dac_donor_code, any_value(recipient_sole_country_code) AS country_code,
        sum(amount_usd_year_average) AS iati_usd, any_value(activity_title) AS title, min(source_line) AS source_line,
        any_value(dataset) AS dataset, bool_or(is_illustrative) AS is_illustrative
    FROM mart.contribution
    WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' AND year IS NOT NULL AND contributor_key <> 'ILO-RBSA'
    GROUP BY activity_key, contributor_key, year
    HAVING sum(amount_usd_year_average) <> 0
),
named AS (
    SELECT DISTINCT activity_key, upper(other_identifier) AS identifier FROM mart.trace_edge
    WHERE edge_kind IN ('incoming', 'funder') AND other_identifier IS NOT NULL AND trace_status <> 'self'
    UNION
    SELECT activity_key, upper(trim(ref)) FROM core.iati_other_identifier WHERE nullif(trim(ref), '') IS NOT NULL
),
flows AS (
    SELECT * FROM mart.dac_contribution
    WHERE flow_type_code = 'D' AND price_base_code = 'V' AND funding_class IN ('earmarked', 'unspecified')
        -- No totals over providers: as in mart.dac_contribution, but for rows that are not counted beside Multisystem.
        AND (donor_code IS NULL OR donor_code IN (SELECT donor_code FROM ref.dac_donor WHERE donor_type <> 'group'))
),
-- Multisystem as the API answers it is totals without identifiers: then the projects are those of the CRS.
told_by AS (
    SELECT year, CASE WHEN bool_or(source = 'multisystem' AND coalesce(crs_id, project_number) IS NOT NULL)
        OR NOT bool_or(source = 'crs') THEN 'multisystem' ELSE 'crs' END AS source
    FROM flows GROUP BY year
),
projects AS (
    SELECT contributor_key, donor_code, year, upper(nullif(trim(crs_id), '')) AS crs_id,
        upper(nullif(trim(project_number), '')) AS project_number, recipient_code, sum(amount_usd) AS dac_usd,
        any_value(project_title) AS title, min(source_line) AS source_line, any_value(dataset) AS dataset,
        bool_or(is_illustrative) AS is_illustrative
    FROM flows SEMI JOIN told_by USING (year, source)
    GROUP BY ALL
    HAVING sum(amount_usd) <> 0
),
numbered AS (
    SELECT *, row_number() OVER (ORDER BY contributor_key, year, crs_id, project_number, recipient_code) AS project_id
    FROM projects
),
-- Words of four letters and more: CRS titles are in capitals and cut off, so the shorter one's words are looked for.
words AS (
    SELECT DISTINCT title, list_distinct(regexp_extract_all(lower(strip_accents(title)), '[a-z]{4,}')) AS words
    FROM (SELECT title FROM receipts UNION SELECT title FROM projects) WHERE title IS NOT NULL
),
pairs AS (
    SELECT r.activity_key, r.contributor_key, r.year, p.project_id, 'identifier' AS match_key,
        CASE WHEN p.year = r.year THEN 1.0 ELSE 0.8 END AS confidence, r.title AS iati_title, p.title AS dac_title,
        abs(p.dac_usd - r.iati_usd) AS apart_usd
    FROM receipts AS r
    JOIN named AS n ON n.activity_key = r.activity_key
    JOIN numbered AS p ON p.contributor_key = r.contributor_key AND p.year BETWEEN r.year - 1 AND r.year + 1
        AND (p.project_number = n.identifier OR p.crs_id = n.identifier)
    UNION ALL
    SELECT r.activity_key, r.contributor_key, r.year, p.project_id, 'donor_country_amount',
        CASE WHEN p.year = r.year THEN 0.6 ELSE 0.4 END, r.title, p.title, abs(p.dac_usd - r.iati_usd)
    FROM receipts AS r
    JOIN ref.dac_recipient AS c ON c.iso2_code = r.country_code
    JOIN numbered AS p ON p.contributor_key = r.contributor_key AND p.year BETWEEN r.year - 1 AND r.year + 1
        AND p.recipient_code = c.recipient_code AND abs(p.dac_usd - r.iati_usd) <= 0.02 * abs(r.iati_usd)
),
compared AS (
    SELECT pairs.*, coalesce(len(list_intersect(i.words, d.words)) / nullif(least(len(i.words), len(d.words)), 0), 0)
        AS title_similarity
    FROM pairs LEFT JOIN words AS i ON i.title = iati_title LEFT JOIN words AS d ON d.title = dac_title
),
judged AS (
    SELECT * REPLACE (
        confidence + CASE WHEN match_key <> 'identifier' AND title_similarity >= 0.5 THEN 0.1 ELSE 0 END AS confidence)
    FROM compared
),
candidates AS (
    SELECT *, row_number() OVER (
        ORDER BY confidence DESC, title_similarity DESC, apart_usd, activity_key, year, project_id) AS place
    FROM judged
),
-- Each side is used once: best for the receipt, and among those best for the project.
first_choice AS (
    SELECT * FROM (
        SELECT * FROM candidates
        QUALIFY place = min(place) OVER (PARTITION BY activity_key, contributor_key, year))
    QUALIFY place = min(place) OVER (PARTITION BY project_id)
),
-- A receipt whose best project went to another may still have a second one.
second_choice AS (
    SELECT * FROM (
        SELECT * FROM candidates
        ANTI JOIN first_choice USING (activity_key, contributor_key, year)
        WHERE project_id NOT IN (SELECT project_id FROM first_choice)
        QUALIFY place = min(place) OVER (PARTITION BY activity_key, contributor_key, year))
    QUALIFY place = min(place) OVER (PARTITION BY project_id)
),
matched AS (
    SELECT * FROM first_choice
    UNION ALL
    SELECT * FROM second_choice
)
SELECT
    coalesce(r.contributor_key, p.contributor_key) AS contributor_key,
    coalesce(r.year, p.year) AS year,
    r.activity_key,
    r.iati_identifier,
    r.dataset AS iati_dataset,
    r.source_line AS iati_source_line,
    p.crs_id,
    p.project_number,
    p.dataset AS dac_dataset,
    p.source_line AS dac_source_line,
    p.year AS dac_year,
    coalesce(r.title, p.title) AS title,
    CAST(r.iati_usd AS DECIMAL(24, 4)) AS iati_usd,
    CAST(p.dac_usd AS DECIMAL(24, 4)) AS dac_usd,
    CASE WHEN r.activity_key IS NULL OR p.project_id IS NULL THEN NULL ELSE m.match_key END AS match_key,
    m.confidence,
    CASE WHEN m.match_key IS NOT NULL AND p.project_id IS NOT NULL THEN m.title_similarity END AS title_similarity,
    CASE
        WHEN r.activity_key IS NULL THEN 'missing_in_iati'
        WHEN p.project_id IS NULL AND r.contributor_key NOT IN (SELECT contributor_key FROM reporters) THEN 'scope'
        WHEN p.project_id IS NULL THEN 'missing_in_dac'
        WHEN p.year <> r.year THEN 'timing'
        WHEN abs(p.dac_usd - r.iati_usd) <= 0.02 * abs(r.iati_usd) THEN 'matched'
        ELSE 'amount_differs'
    END AS match_class,
    coalesce(r.is_illustrative, FALSE) OR coalesce(p.is_illustrative, FALSE) AS is_illustrative
FROM receipts AS r
LEFT JOIN matched AS m ON m.activity_key = r.activity_key AND m.contributor_key = r.contributor_key AND m.year = r.year
FULL JOIN numbered AS p ON p.project_id = m.project_id
