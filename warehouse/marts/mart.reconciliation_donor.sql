-- The three clocks by contributor and year, two at a time, and where their difference comes from. The parts add up to it:
--   scope       money the other side does not hold by design (no DAC reporter; not named by UN CEB or IATI)
--   coefficient the part of assessed contributions that DAC members may not report (40 per cent)
--   currency    rate of the value date against the average of the year, which DAC uses
--   timing      what the neighbouring years take back: half of the smaller of two opposite remainders, so it sums to zero
--   unexplained the rest
-- Members of the DAC must report to it; whoever else has a code does so by choice, and counts as a reporter once it did.
WITH reporters AS (
    SELECT contributor_code AS contributor_key, dac_donor_code FROM ref.contributor
    WHERE dac_donor_code IS NOT NULL
        AND (is_dac_member OR contributor_code IN (SELECT contributor_key FROM mart.dac_contribution))
),
iati AS (
    SELECT year, CASE WHEN contributor_key IN ('unknown', 'MULTI') THEN 'not named' ELSE contributor_key END
            AS contributor_key,
        sum(amount_usd) AS usd, sum(amount_usd - amount_usd_year_average) AS currency_usd,
        bool_or(is_illustrative) AS is_illustrative
    FROM mart.contribution
    WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' AND amount_usd IS NOT NULL AND year IS NOT NULL
    GROUP BY ALL
),
dac AS (
    SELECT year, contributor_key, funding_class, sum(amount_usd) AS usd, sum(gross_amount_usd) AS gross_usd,
        bool_or(is_illustrative) AS is_illustrative
    FROM mart.dac_contribution
    WHERE is_counted AND flow_type_code = 'D' AND price_base_code = 'V'
    GROUP BY ALL
),
ceb_named AS (
    SELECT year, contributor_key, voluntary_usd, coalesce(unearmarked_usd, 0) AS unearmarked_usd FROM mart.ceb_contributor
),
ceb_rest AS (
    SELECT y.year, y.voluntary_usd - coalesce(sum(n.voluntary_usd), 0) AS usd
    FROM mart.ceb_year AS y LEFT JOIN ceb_named AS n ON n.year = y.year
    GROUP BY y.year, y.voluntary_usd
),
-- Beside IATI, which does not name the givers of RBSA, the RBSA of DAC and CEB stands as one contributor too.
ceb_pooled AS (
    SELECT year, contributor_key, voluntary_usd - unearmarked_usd AS usd FROM ceb_named
    UNION ALL
    SELECT year, 'ILO-RBSA', sum(unearmarked_usd) FROM ceb_named GROUP BY year
    UNION ALL
    SELECT year, 'not named', usd FROM ceb_rest
),
dac_pooled AS (
    SELECT year, CASE WHEN funding_class = 'rbsa' THEN 'ILO-RBSA' ELSE contributor_key END AS contributor_key,
        sum(usd) AS usd, bool_or(is_illustrative) AS is_illustrative
    FROM dac WHERE funding_class <> 'assessed' GROUP BY ALL
),
ceb_assessed AS (
    SELECT r.year, coalesce(k.contributor_code, 'name:' || lower(strip_accents(trim(r.contributor_name)))) AS contributor_key,
        sum(r.amount_usd) AS usd
    FROM core.ceb_revenue AS r
    LEFT JOIN (
        SELECT value, min(contributor_code) AS contributor_code FROM (
            SELECT value, contributor_code FROM ref.organisation_alias WHERE kind = 'name'
            UNION SELECT lower(strip_accents(name)), contributor_code FROM ref.contributor) GROUP BY value
    ) AS k ON k.value = lower(strip_accents(trim(r.contributor_name)))
    WHERE r.granularity = 'donor' AND r.revenue_type_code LIKE 'R01%'
    GROUP BY ALL
),
sides AS (
    SELECT 'iati_dac' AS comparison, year, contributor_key, usd AS left_usd, 0 AS right_usd, 0 AS coefficient_usd,
        currency_usd, is_illustrative FROM iati
    UNION ALL
    SELECT 'iati_dac', year, contributor_key, 0, usd, 0, 0, is_illustrative FROM dac_pooled
    UNION ALL
    SELECT 'iati_ceb', year, contributor_key, usd, 0, 0, 0, is_illustrative FROM iati
    UNION ALL
    SELECT 'iati_ceb', year, contributor_key, 0, usd, 0, 0, FALSE FROM ceb_pooled
    UNION ALL
    SELECT 'dac_ceb', year, contributor_key, usd, 0, 0, 0, is_illustrative FROM dac WHERE funding_class <> 'assessed'
    UNION ALL
    SELECT 'dac_ceb', year, contributor_key, 0, voluntary_usd, 0, 0, FALSE FROM ceb_named
    UNION ALL
    SELECT 'dac_ceb', year, 'not named', 0, usd, 0, 0, FALSE FROM ceb_rest
    UNION ALL
    SELECT 'dac_ceb_assessed', year, contributor_key, usd, 0, usd - gross_usd, 0, is_illustrative
    FROM dac WHERE funding_class = 'assessed'
    UNION ALL
    SELECT 'dac_ceb_assessed', year, contributor_key, 0, usd, 0, 0, FALSE FROM ceb_assessed
),
-- A comparison needs both of its sources in the year.
covered AS (
    SELECT comparison, year FROM sides GROUP BY comparison, year
    HAVING bool_or(left_usd <> 0) AND bool_or(right_usd <> 0)
),
paired AS (
    SELECT s.comparison, s.year, s.contributor_key,
        CAST(sum(s.left_usd) AS DECIMAL(24, 4)) AS left_usd, CAST(sum(s.right_usd) AS DECIMAL(24, 4)) AS right_usd,
        CAST(sum(s.coefficient_usd) AS DECIMAL(24, 4)) AS coefficient_usd,
        CAST(sum(s.currency_usd) AS DECIMAL(24, 4)) AS currency_usd,
        bool_or(s.is_illustrative) AS is_illustrative
    FROM sides AS s JOIN covered AS c ON c.comparison = s.comparison AND c.year = s.year
    GROUP BY s.comparison, s.year, s.contributor_key
    -- Nothing on either side is no contributor missing on one: RBSA of a year without any, a giver of RBSA alone.
    HAVING sum(s.left_usd) <> 0 OR sum(s.right_usd) <> 0
),
scoped AS (
    SELECT
        p.*,
        p.left_usd - p.right_usd AS difference_usd,
        CASE
            WHEN p.contributor_key = 'not named' THEN 'a source gives no name'
            -- Before 2013 UN CEB names no contributor, so nobody can be compared with it.
            WHEN p.comparison IN ('iati_ceb', 'dac_ceb') AND p.year NOT IN (SELECT year FROM ceb_named)
                THEN 'UN CEB names nobody in this year'
            -- Pooled funds, banks and private givers mostly stand in its total without a name, that is in 'not named'.
            WHEN p.comparison IN ('iati_ceb', 'dac_ceb') AND p.right_usd = 0 AND NOT t.is_state
                THEN 'UN CEB does not name this contributor'
            WHEN p.comparison <> 'iati_ceb' AND p.contributor_key <> 'ILO-RBSA' AND r.dac_donor_code IS NULL
                THEN 'does not report to the OECD'
        END AS scope_reason
    FROM paired AS p
    LEFT JOIN reporters AS r ON r.contributor_key = p.contributor_key
    LEFT JOIN ref.contributor AS k ON k.contributor_code = p.contributor_key
    LEFT JOIN ref.contributor_type AS t ON t.contributor_type_code = k.contributor_type_code
),
remaining AS (
    SELECT
        * REPLACE (
            CAST(CASE WHEN scope_reason IS NOT NULL THEN 0 ELSE coefficient_usd END AS DECIMAL(24, 4)) AS coefficient_usd,
            -- Where one side is empty there is nothing the rate could explain.
            CAST(CASE WHEN scope_reason IS NOT NULL OR left_usd = 0 OR right_usd = 0 THEN 0 ELSE coalesce(currency_usd, 0) END
                AS DECIMAL(24, 4)) AS currency_usd),
        CAST(CASE WHEN scope_reason IS NOT NULL THEN difference_usd ELSE 0 END AS DECIMAL(24, 4)) AS scope_usd
    FROM scoped
),
rest AS (
    SELECT *, difference_usd - scope_usd - coefficient_usd - currency_usd AS rest_usd FROM remaining
),
neighbours AS (
    SELECT *,
        lag(year) OVER series AS year_before, lag(rest_usd) OVER series AS rest_before,
        lead(year) OVER series AS year_after, lead(rest_usd) OVER series AS rest_after
    FROM rest
    WINDOW series AS (PARTITION BY comparison, contributor_key ORDER BY year)
),
timed AS (
    SELECT
        *,
        CAST(round(sign(rest_usd) * (
            CASE WHEN year_before = year - 1 AND sign(rest_before) * sign(rest_usd) = -1
                THEN least(abs(rest_before), abs(rest_usd)) / 2 ELSE 0 END
            + CASE WHEN year_after = year + 1 AND sign(rest_after) * sign(rest_usd) = -1
                THEN least(abs(rest_after), abs(rest_usd)) / 2 ELSE 0 END), 4) AS DECIMAL(24, 4)) AS timing_usd
    FROM neighbours
),
judged AS (
    SELECT *, rest_usd - timing_usd AS unexplained_usd,
        CASE
            WHEN scope_reason IS NOT NULL THEN 'scope'
            WHEN right_usd = 0 THEN 'missing_right'
            WHEN left_usd = 0 THEN 'missing_left'
            WHEN abs(rest_usd - timing_usd) <= 0.1 * abs(right_usd) THEN 'matched'
            ELSE 'differs'
        END AS match_class
    FROM timed
)
SELECT
    j.comparison,
    j.year,
    j.contributor_key,
    coalesce(c.name, CASE j.contributor_key WHEN 'not named' THEN 'Not named' ELSE j.contributor_key END)
        AS contributor_name,
    j.left_usd,
    j.right_usd,
    j.difference_usd,
    j.scope_usd,
    j.coefficient_usd,
    j.currency_usd,
    j.timing_usd,
    j.unexplained_usd,
    j.left_usd / nullif(j.right_usd, 0) AS ratio,
    j.match_class,
    CASE
        WHEN j.scope_reason IS NOT NULL THEN j.scope_reason
        WHEN j.match_class = 'missing_right' THEN 'the right side holds nothing of it in this year'
        WHEN j.match_class = 'missing_left' THEN 'the left side holds nothing of it in this year'
        WHEN abs(j.difference_usd) <= 0.1 * abs(j.right_usd) THEN 'within 10 per cent'
        -- The largest of the parts; of equal ones the better founded.
        WHEN abs(j.coefficient_usd) >= greatest(abs(j.currency_usd), abs(j.timing_usd), abs(j.unexplained_usd))
            THEN 'DAC counts 60 per cent of assessed contributions'
        WHEN abs(j.currency_usd) >= greatest(abs(j.timing_usd), abs(j.unexplained_usd))
            THEN 'rate of the day against the average of the year'
        WHEN abs(j.timing_usd) >= abs(j.unexplained_usd) THEN 'a year beside takes it back'
        ELSE 'unexplained'
    END AS reason,
    coalesce(j.is_illustrative, FALSE) AS is_illustrative
FROM judged AS j
LEFT JOIN ref.contributor AS c ON c.contributor_code = j.contributor_key
