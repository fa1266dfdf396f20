-- Every transaction shared out by place, by sector (once per vocabulary) and by goal; each view adds up to the transaction.
-- Shares on the transaction go before those of its activity; what nobody shares out stays visible as unallocated.
WITH views AS (
    SELECT DISTINCT activity_key, dimension, view FROM mart.split_share
    UNION
    SELECT activity_key, dimension, view
    FROM core.iati_activity
    CROSS JOIN (VALUES ('geography', 'geography'), ('sector', '1'), ('sdg', 'sdg')) AS always (dimension, view)
),
own AS (
    SELECT DISTINCT activity_key, transaction_number, dimension, view FROM mart.split_share
    WHERE transaction_number IS NOT NULL
),
wanted AS (
    SELECT
        t.activity_key, t.transaction_number, t.dataset, t.snapshot_sha256, t.iati_identifier, t.is_current_version,
        t.transaction_type_code, t.year, t.currency_code, t.value_amount, t.amount_usd, t.source_line,
        v.dimension, v.view, o.activity_key IS NOT NULL AS has_own
    FROM mart.transaction AS t
    JOIN views AS v USING (activity_key)
    LEFT JOIN own AS o ON o.activity_key = t.activity_key AND o.transaction_number = t.transaction_number
        AND o.dimension = v.dimension AND o.view = v.view
),
-- The transaction's own number, or 0 for its activity: an equality the join can hash.
located AS (
    SELECT *, CASE WHEN has_own THEN transaction_number ELSE 0 END AS level_number FROM wanted
),
shares AS (
    SELECT *, coalesce(transaction_number, 0) AS level_number FROM mart.split_share
),
parts AS (
    SELECT l.*, s.split_number, s.code_kind, s.vocabulary_code, s.code, s.raw_pct, s.split_basis, s.share_from, s.share_to
    FROM located AS l
    JOIN shares AS s ON s.activity_key = l.activity_key AND s.level_number = l.level_number
        AND s.dimension = l.dimension AND s.view = l.view
    UNION ALL
    SELECT l.*, 0, 'unallocated', NULL, NULL, NULL, 'none', coalesce(s.allocated_to, 0), 1
    FROM located AS l
    LEFT JOIN (SELECT DISTINCT activity_key, level_number, dimension, view, allocated_to FROM shares) AS s
        ON s.activity_key = l.activity_key AND s.level_number = l.level_number
        AND s.dimension = l.dimension AND s.view = l.view
    WHERE coalesce(s.allocated_to, 0) < 1
),
cut AS (
    SELECT
        *,
        CASE WHEN share_to = 1 THEN value_amount
            ELSE CAST(round(CAST(value_amount AS DOUBLE) * share_to, 4) AS DECIMAL(24, 4)) END AS value_to,
        CASE WHEN share_from = 1 THEN value_amount
            ELSE CAST(round(CAST(value_amount AS DOUBLE) * share_from, 4) AS DECIMAL(24, 4)) END AS value_from,
        CASE WHEN share_to = 1 THEN amount_usd
            ELSE CAST(round(CAST(amount_usd AS DOUBLE) * share_to, 4) AS DECIMAL(24, 4)) END AS usd_to,
        CASE WHEN share_from = 1 THEN amount_usd
            ELSE CAST(round(CAST(amount_usd AS DOUBLE) * share_from, 4) AS DECIMAL(24, 4)) END AS usd_from
    FROM parts
)
SELECT
    activity_key,
    transaction_number,
    dimension,
    view AS dimension_view,
    split_number,
    dataset,
    snapshot_sha256,
    source_line,
    iati_identifier,
    is_current_version,
    transaction_type_code,
    year,
    code_kind,
    vocabulary_code,
    code,
    raw_pct,
    share_to - share_from AS share,
    split_basis,
    CASE WHEN split_basis = 'none' THEN 'none' WHEN has_own THEN 'transaction' ELSE 'activity' END AS split_level,
    currency_code,
    value_to - value_from AS split_value_amount,
    usd_to - usd_from AS split_amount_usd
FROM cut
