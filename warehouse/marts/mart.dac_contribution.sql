-- What donors report to the OECD-DAC as given to or through the ILO, with its funding class.
-- Multisystem and CRS report the same money: of a year's commitments or disbursements one of them is counted, never both;
-- CRS rows stay to be looked at.
WITH flows AS (
    SELECT
        f.*,
        coalesce(f.is_core, f.aid_type_code IN ('B02', 'B021') OR f.bi_multi_code = '2', FALSE) AS core_money,
        f.channel_code IN ('41302', '41144', '41701') AS is_ilo_channel,
        -- The pattern of the reader (extract/tabular/dac_row.py), so that what is kept as the ILO's is the ILO's here.
        regexp_matches(coalesce(f.channel_reported_name, ''),
            '(?i)\b(ILO|OIT|IAO)\b|international labou?r (org|off)|organisation internationale du travail|organizaci[oó]n internacional del trabajo') AS is_ilo_name
    FROM core.dac_flow AS f
    -- Donor 940 is the ILO itself: its rows are what it spends, the other side of the ledger.
    WHERE coalesce(f.donor_code, '') NOT IN ('940', '1UN006')
),
classed AS (
    SELECT
        *,
        CASE
            WHEN channel_code = '41302' AND core_money THEN 'assessed'
            WHEN channel_code = '41144' AND core_money THEN 'rbsa'
            WHEN is_ilo_channel THEN 'earmarked'
            ELSE 'unspecified'
        END AS funding_class
    FROM flows
    WHERE is_ilo_channel
        OR (channel_code IN ('40000', '41000', '41100', '41300', '41700') AND is_ilo_name)
),
has_multisystem AS (
    SELECT DISTINCT year, flow_type_code, price_base_code FROM classed WHERE source = 'multisystem'
),
providers AS (SELECT donor_code FROM ref.dac_donor WHERE donor_type <> 'group'),
coefficients AS (
    SELECT channel_code, CAST(first_year AS INTEGER) AS first_year, CAST(last_year AS INTEGER) AS last_year,
        CAST(coefficient_pct AS DOUBLE) AS coefficient_pct
    FROM ref.dac_channel_coefficient
    WHERE channel_code IN ('41302', '41144')
),
joined AS (
    SELECT
        c.*, k.coefficient_pct,
        -- A total over providers (DAC, G7, all) is the same money as the providers it adds up. A code that the list does
        -- not know may be a new total: it waits for review (expectation donor_unknown), since it would count all money twice.
        (c.source = 'multisystem' OR m.year IS NULL) AND (c.donor_code IS NULL OR p.donor_code IS NOT NULL) AS is_counted
    FROM classed AS c
    LEFT JOIN has_multisystem AS m
        ON m.year = c.year AND m.flow_type_code = c.flow_type_code AND m.price_base_code = c.price_base_code
    LEFT JOIN providers AS p ON p.donor_code = c.donor_code
    LEFT JOIN coefficients AS k
        ON k.channel_code = c.channel_code AND c.core_money
        AND c.year >= coalesce(k.first_year, 0) AND c.year <= coalesce(k.last_year, 9999)
)
SELECT
    j.dataset,
    j.snapshot_sha256,
    j.source_line,
    j.release,
    j.source,
    j.is_counted,
    j.is_illustrative,
    j.year,
    j.donor_code,
    j.donor_name,
    coalesce(d.contributor_code, j.donor_name) AS contributor_key,
    j.funding_class,
    j.funding_class IN ('rbsa', 'earmarked', 'unspecified') AS is_voluntary,
    j.flow_type_code,
    j.price_base_code,
    j.base_year,
    j.channel_code,
    j.channel_reported_name,
    j.aid_type_code,
    j.bi_multi_code,
    j.crs_id,
    j.project_number,
    j.project_title,
    j.recipient_code,
    j.amount_usd,
    j.coefficient_pct,
    CAST(CASE WHEN j.funding_class = 'assessed'
        THEN round(CAST(j.amount_usd AS DOUBLE) * 100 / j.coefficient_pct, 6)
        ELSE j.amount_usd END AS DECIMAL(24, 6)) AS gross_amount_usd
FROM joined AS j
LEFT JOIN (SELECT dac_donor_code, min(contributor_code) AS contributor_code FROM ref.contributor
    WHERE dac_donor_code IS NOT NULL GROUP BY dac_donor_code) AS d ON d.dac_donor_code = j.donor_code
