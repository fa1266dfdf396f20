-- Budgets as they stand: a revised one replaces the original of its period, each cut by days into calendar years.
-- amount_usd is pro-rated by days and may be summed; statistics_* follow the year rule of IATI's Publishing Statistics.
WITH dated AS (
    SELECT
        b.*,
        v.iati_identifier, v.is_current_version, v.is_illustrative, v.publisher_ref,
        coalesce(nullif(trim(b.type_code), ''), '1') AS effective_type_code,
        coalesce(nullif(trim(b.status_code), ''), '1') AS effective_status_code,
        m.currency_code, m.fx_status, m.fx_rate_date, m.amount_usd AS budget_usd,
        b.period_end - b.period_start + 1 AS days,
        CASE
            WHEN b.period_start IS NULL OR b.period_end IS NULL THEN 'no_dates'
            WHEN b.period_end < b.period_start THEN 'reversed'
            WHEN b.period_end - b.period_start > 36600 THEN 'implausible'
            WHEN b.period_end - b.period_start > 370 THEN 'over_a_year'
            ELSE 'ok'
        END AS period_status
    FROM core.iati_budget AS b
    JOIN mart.activity_version AS v USING (activity_key)
    LEFT JOIN mart.money AS m
        ON m.kind = 'budget' AND m.record_key = b.activity_key AND m.number = b.budget_number
),
-- Half of the days or more under a revised budget, and the original has had its time. Of two revised budgets over one
-- period the later value date counts.
replacements AS (
    SELECT o.activity_key, o.budget_number AS loser, arg_max(r.budget_number, (r.value_date, r.budget_number)) AS winner
    FROM dated AS o
    JOIN dated AS r
        ON r.activity_key = o.activity_key AND r.budget_number <> o.budget_number
        AND r.effective_type_code = '2' AND r.period_start <= o.period_end AND r.period_end >= o.period_start
        AND 2 * (least(r.period_end, o.period_end) - greatest(r.period_start, o.period_start) + 1) >= o.days
    WHERE o.effective_type_code <> '2'
        OR (coalesce(r.value_date, DATE '0001-01-01'), r.budget_number)
            > (coalesce(o.value_date, DATE '0001-01-01'), o.budget_number)
    GROUP BY o.activity_key, o.budget_number
),
replaced AS (
    SELECT activity_key, winner, string_agg(CAST(loser AS VARCHAR), ',' ORDER BY loser) AS losers
    FROM replacements GROUP BY activity_key, winner
),
kept AS (
    SELECT
        d.*, r.losers AS replaced_budget_numbers,
        -- Publishing Statistics: the year it ends in if it ends in July or later, else the year before.
        CASE WHEN d.period_status = 'ok'
            THEN year(d.period_end) - CASE WHEN month(d.period_end) >= 7 THEN 0 ELSE 1 END END AS statistics_year
    FROM dated AS d
    LEFT JOIN replacements AS o ON o.activity_key = d.activity_key AND o.loser = d.budget_number
    LEFT JOIN replaced AS r ON r.activity_key = d.activity_key AND r.winner = d.budget_number
    WHERE o.loser IS NULL
),
years AS (
    SELECT k.activity_key, k.budget_number, unnest(range(
        least(year(k.period_start), k.statistics_year), year(k.period_end) + 1)) AS year
    FROM kept AS k
    WHERE k.period_status IN ('ok', 'over_a_year')
    UNION ALL
    SELECT activity_key, budget_number, NULL FROM kept WHERE period_status NOT IN ('ok', 'over_a_year')
),
bounded AS (
    SELECT
        k.*, y.year,
        CASE WHEN y.year IS NULL THEN 0
            ELSE greatest(make_date(CAST(y.year AS INTEGER), 1, 1) - k.period_start, 0) END AS days_from,
        CASE WHEN y.year IS NULL THEN coalesce(k.days, 1)
            ELSE least(greatest(make_date(CAST(y.year AS INTEGER) + 1, 1, 1) - k.period_start, 0), k.days) END AS days_to
    FROM kept AS k
    JOIN years AS y USING (activity_key, budget_number)
)
SELECT
    activity_key,
    budget_number,
    CAST(year AS INTEGER) AS year,
    dataset,
    snapshot_sha256,
    source_line,
    iati_identifier,
    publisher_ref,
    is_current_version,
    is_illustrative,
    effective_type_code AS type_code,
    effective_status_code AS status_code,
    period_start,
    period_end,
    period_status,
    replaced_budget_numbers,
    value_amount AS budget_value_amount,
    currency_code,
    fx_status,
    fx_rate_date,
    budget_usd,
    CASE WHEN year IS NULL THEN NULL ELSE days_to - days_from END AS days_in_year,
    CASE WHEN year IS NULL OR days_to = days THEN value_amount
        ELSE CAST(round(CAST(value_amount AS DOUBLE) * days_to / days, 4) AS DECIMAL(24, 4)) END
    - CASE WHEN year IS NULL OR days_from = 0 THEN 0 WHEN days_from = days THEN value_amount
        ELSE CAST(round(CAST(value_amount AS DOUBLE) * days_from / days, 4) AS DECIMAL(24, 4)) END AS value_amount,
    CASE WHEN year IS NULL OR days_to = days THEN budget_usd
        ELSE CAST(round(CAST(budget_usd AS DOUBLE) * days_to / days, 4) AS DECIMAL(24, 4)) END
    - CASE WHEN year IS NULL OR days_from = 0 THEN 0 WHEN days_from = days THEN budget_usd
        ELSE CAST(round(CAST(budget_usd AS DOUBLE) * days_from / days, 4) AS DECIMAL(24, 4)) END AS amount_usd,
    CASE WHEN year = statistics_year THEN value_amount ELSE 0 END AS statistics_value_amount,
    CASE WHEN year = statistics_year THEN budget_usd ELSE 0 END AS statistics_amount_usd
FROM bounded
