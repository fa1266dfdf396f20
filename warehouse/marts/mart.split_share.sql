-- How an activity, or one transaction, is shared out by place, sector and goal: each share with its bounds on 0 to 1.
-- Bounds instead of bare shares let amounts be cut at rounded points, so that parts add up to the whole exactly.
WITH regions AS (
    SELECT *, coalesce(nullif(trim(vocabulary_code), ''), '1') AS vocabulary FROM core.iati_recipient_region
    WHERE nullif(trim(code), '') IS NOT NULL
),
-- Other region vocabularies are the same money seen another way, never further shares: one is taken.
region_choice AS (
    SELECT activity_key, transaction_number,
        arg_min(vocabulary, (CASE vocabulary WHEN '1' THEN 1 WHEN '2' THEN 2 WHEN '99' THEN 3 ELSE 4 END, vocabulary))
            AS vocabulary
    FROM regions
    GROUP BY ALL
),
countries AS (
    SELECT * FROM core.iati_recipient_country WHERE nullif(trim(code), '') IS NOT NULL
),
sectors AS (
    SELECT *, coalesce(nullif(trim(vocabulary_code), ''), '1') AS vocabulary FROM core.iati_sector
    WHERE nullif(trim(code), '') IS NOT NULL
),
goal_choice AS (
    SELECT activity_key, transaction_number, min(vocabulary) AS vocabulary
    FROM sectors WHERE vocabulary IN ('7', '8') GROUP BY ALL
),
items AS (
    SELECT activity_key, transaction_number, 'geography' AS dimension, 'geography' AS view, 'country' AS code_kind,
        'A4' AS vocabulary_code, trim(code) AS code, percentage, recipient_country_number AS position, source_line
    FROM countries
    UNION ALL
    SELECT r.activity_key, r.transaction_number, 'geography', 'geography', 'region', r.vocabulary, trim(r.code),
        r.percentage, 1000000 + r.recipient_region_number, r.source_line
    FROM regions AS r
    JOIN region_choice AS c ON c.activity_key = r.activity_key AND c.vocabulary = r.vocabulary
        AND c.transaction_number IS NOT DISTINCT FROM r.transaction_number
    -- A transaction has exactly one place; where both are published the country is the closer one.
    WHERE r.transaction_number IS NULL OR NOT EXISTS (
        SELECT 1 FROM countries AS k
        WHERE k.activity_key = r.activity_key AND k.transaction_number = r.transaction_number)
    UNION ALL
    SELECT activity_key, transaction_number, 'sector', vocabulary, 'sector', vocabulary, trim(code), percentage,
        sector_number, source_line
    FROM sectors
    UNION ALL
    SELECT s.activity_key, s.transaction_number, 'sdg', 'sdg', 'goal', s.vocabulary,
        regexp_extract(trim(s.code), '^0*(\d+)', 1), s.percentage, s.sector_number, s.source_line
    FROM sectors AS s
    JOIN goal_choice AS c ON c.activity_key = s.activity_key AND c.vocabulary = s.vocabulary
        AND c.transaction_number IS NOT DISTINCT FROM s.transaction_number
),
counted AS (
    SELECT
        *,
        count(*) OVER whole AS item_count,
        count(percentage) OVER whole AS stated_count,
        coalesce(sum(greatest(percentage, 0)) OVER whole, 0) AS stated_sum
    FROM items
    WINDOW whole AS (PARTITION BY activity_key, transaction_number, dimension, view)
),
filled AS (
    SELECT
        *,
        -- Who states no percentage shares what the others leave, equally; one alone has it all.
        CAST(CASE
            WHEN percentage IS NOT NULL THEN greatest(percentage, 0)
            ELSE greatest(100 - stated_sum, 0) / greatest(item_count - stated_count, 1)
        END AS DECIMAL(24, 6)) AS percent
    FROM counted
),
totalled AS (
    SELECT
        *,
        sum(percent) OVER whole AS percent_sum,
        sum(percent) OVER (whole ORDER BY position ROWS UNBOUNDED PRECEDING) AS percent_to,
        row_number() OVER (whole ORDER BY position) AS split_number
    FROM filled
    WINDOW whole AS (PARTITION BY activity_key, transaction_number, dimension, view)
),
based AS (
    SELECT *, CASE WHEN percent_sum < 99.9 THEN 100 ELSE percent_sum END AS denominator FROM totalled
)
SELECT
    activity_key,
    transaction_number,
    dimension,
    view,
    CAST(split_number AS INTEGER) AS split_number,
    code_kind,
    vocabulary_code,
    code,
    percentage AS raw_pct,
    CASE
        WHEN percent_sum > 100.1 OR percentage < 0 THEN 'rebased'
        WHEN percentage IS NULL AND item_count > 1 THEN 'equal'
        WHEN transaction_number IS NOT NULL THEN 'transaction'
        ELSE 'activity'
    END AS split_basis,
    CAST((percent_to - percent) / denominator AS DOUBLE) AS share_from,
    CAST(percent_to / denominator AS DOUBLE) AS share_to,
    CAST(max(percent_to) OVER (PARTITION BY activity_key, transaction_number, dimension, view) / denominator AS DOUBLE)
        AS allocated_to,
    source_line
FROM based
