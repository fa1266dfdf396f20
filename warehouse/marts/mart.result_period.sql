-- Baseline, target and actual of each indicator and period, paired where dimensions and locations are the same set.
-- The undisaggregated row has the empty set; it is never inferred from parts, as parts may overlap.
WITH dimensions AS (
    SELECT activity_key, baseline_number, target_number, actual_number,
        string_agg(DISTINCT lower(trim(coalesce(name, ''))) || '=' || lower(trim(coalesce(value, ''))), '; '
            ORDER BY lower(trim(coalesce(name, ''))) || '=' || lower(trim(coalesce(value, '')))) AS label
    FROM core.iati_indicator_dimension GROUP BY ALL
),
places AS (
    SELECT activity_key, baseline_number, target_number, actual_number,
        string_agg(DISTINCT trim(ref), '; ' ORDER BY trim(ref)) AS label
    FROM core.iati_indicator_location WHERE nullif(trim(ref), '') IS NOT NULL GROUP BY ALL
),
said AS (
    SELECT 'baseline' AS kind, b.activity_key, b.indicator_number, NULL AS period_number, b.baseline_number AS number,
        b.value_text, b.value_number, b.comment, b.year, b.source_line,
        coalesce(d.label, '') AS dimension_set, coalesce(p.label, '') AS location_set
    FROM core.iati_indicator_baseline AS b
    LEFT JOIN dimensions AS d ON d.activity_key = b.activity_key AND d.baseline_number = b.baseline_number
    LEFT JOIN places AS p ON p.activity_key = b.activity_key AND p.baseline_number = b.baseline_number
    UNION ALL
    SELECT 'target', t.activity_key, t.indicator_number, t.period_number, t.target_number, t.value_text, t.value_number,
        t.comment, NULL, t.source_line, coalesce(d.label, ''), coalesce(p.label, '')
    FROM core.iati_indicator_target AS t
    LEFT JOIN dimensions AS d ON d.activity_key = t.activity_key AND d.target_number = t.target_number
    LEFT JOIN places AS p ON p.activity_key = t.activity_key AND p.target_number = t.target_number
    UNION ALL
    SELECT 'actual', t.activity_key, t.indicator_number, t.period_number, t.actual_number, t.value_text, t.value_number,
        t.comment, NULL, t.source_line, coalesce(d.label, ''), coalesce(p.label, '')
    FROM core.iati_indicator_actual AS t
    LEFT JOIN dimensions AS d ON d.activity_key = t.activity_key AND d.actual_number = t.actual_number
    LEFT JOIN places AS p ON p.activity_key = t.activity_key AND p.actual_number = t.actual_number
),
-- "1,030" and "85%" are numbers to a reader; "n/a" is not. A lone comma may be a decimal sign, so it is left alone.
valued AS (
    SELECT
        * EXCLUDE (value_number),
        coalesce(value_number, CASE
            WHEN regexp_full_match(trim(value_text), '[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?\s*%?')
            THEN TRY_CAST(regexp_replace(trim(value_text), '[,%\s]', '', 'g') AS DOUBLE) END) AS value_number,
        row_number() OVER (
            PARTITION BY kind, activity_key, indicator_number, period_number, dimension_set, location_set
            ORDER BY CASE WHEN kind = 'baseline' THEN -coalesce(year, 0) ELSE 0 END, number) AS turn
    FROM said
),
sets AS (
    SELECT DISTINCT activity_key, indicator_number, period_number, dimension_set, location_set, turn
    FROM valued WHERE kind <> 'baseline'
    UNION
    SELECT activity_key, indicator_number, period_number, '', '', 1 FROM core.iati_indicator_period AS p
    WHERE NOT EXISTS (SELECT 1 FROM valued AS v WHERE v.kind <> 'baseline'
        AND v.activity_key = p.activity_key AND v.period_number = p.period_number)
    UNION
    SELECT activity_key, indicator_number, NULL, '', '', 1 FROM core.iati_indicator AS i
    WHERE NOT EXISTS (SELECT 1 FROM core.iati_indicator_period AS p
        WHERE p.activity_key = i.activity_key AND p.indicator_number = i.indicator_number)
),
baselines AS (
    SELECT activity_key, indicator_number, count(*) AS baseline_count FROM core.iati_indicator_baseline GROUP BY ALL
),
paired AS (
    SELECT
        s.*, i.result_number, i.measure_code, i.title AS indicator_title, r.title AS result_title,
        r.type_code AS result_type_code, coalesce(i.is_ascending, TRUE) AS is_ascending,
        coalesce(r.is_aggregatable, FALSE) AND coalesce(i.is_aggregatable, TRUE)
            AND coalesce(i.measure_code, '') = '1' AS is_summable,
        p.period_start, p.period_end, coalesce(n.baseline_count, 0) AS baseline_count,
        b.year AS baseline_year, b.value_text AS baseline_text, b.value_number AS baseline_number_value,
        t.value_text AS target_text, t.value_number AS target_value, t.comment AS target_comment,
        a.value_text AS actual_text, a.value_number AS actual_value, a.comment AS actual_comment,
        b.number IS NOT NULL AS has_baseline, t.number IS NOT NULL AS has_target, a.number IS NOT NULL AS has_actual,
        coalesce(t.source_line, a.source_line, p.source_line, i.source_line) AS source_line,
        i.dataset, i.snapshot_sha256,
        coalesce(i.measure_code, '1') IN ('1', '2', '4') AS is_comparable_measure
    FROM sets AS s
    JOIN core.iati_indicator AS i ON i.activity_key = s.activity_key AND i.indicator_number = s.indicator_number
    LEFT JOIN core.iati_result AS r ON r.activity_key = i.activity_key AND r.result_number = i.result_number
    LEFT JOIN core.iati_indicator_period AS p ON p.activity_key = s.activity_key AND p.period_number = s.period_number
    LEFT JOIN baselines AS n ON n.activity_key = s.activity_key AND n.indicator_number = s.indicator_number
    LEFT JOIN valued AS b ON b.kind = 'baseline' AND b.turn = 1 AND b.activity_key = s.activity_key
        AND b.indicator_number = s.indicator_number AND b.dimension_set = s.dimension_set
        AND b.location_set = s.location_set
    LEFT JOIN valued AS t ON t.kind = 'target' AND t.activity_key = s.activity_key
        AND t.period_number = s.period_number AND t.dimension_set = s.dimension_set
        AND t.location_set = s.location_set AND t.turn = s.turn
    LEFT JOIN valued AS a ON a.kind = 'actual' AND a.activity_key = s.activity_key
        AND a.period_number = s.period_number AND a.dimension_set = s.dimension_set
        AND a.location_set = s.location_set AND a.turn = s.turn
)
SELECT
    q.activity_key,
    q.indicator_number,
    q.period_number,
    q.dimension_set,
    q.location_set,
    CAST(q.turn AS INTEGER) AS pair_number,
    q.result_number,
    q.dataset,
    q.snapshot_sha256,
    q.source_line,
    v.iati_identifier,
    v.is_current_version,
    v.biennium_start,
    v.outcome_code,
    v.is_illustrative,
    q.result_type_code,
    q.result_title,
    q.indicator_title,
    q.measure_code,
    q.is_ascending,
    q.is_summable,
    q.period_start,
    q.period_end,
    q.baseline_count,
    q.has_baseline,
    q.has_target,
    q.has_actual,
    q.baseline_year,
    q.baseline_text,
    q.baseline_number_value AS baseline_value,
    q.target_text,
    q.target_value,
    q.target_comment,
    q.actual_text,
    q.actual_value,
    q.actual_comment,
    CASE
        WHEN NOT q.is_comparable_measure OR q.target_value IS NULL OR q.actual_value IS NULL THEN NULL
        WHEN q.is_ascending THEN q.actual_value >= q.target_value
        ELSE q.actual_value <= q.target_value
    END AS is_target_met,
    CASE
        WHEN NOT q.is_comparable_measure THEN NULL
        WHEN q.is_ascending AND q.target_value <> 0 THEN 100.0 * q.actual_value / q.target_value
        WHEN NOT q.is_ascending AND q.actual_value <> 0 THEN 100.0 * q.target_value / q.actual_value
    END AS achievement_pct,
    CASE WHEN q.is_comparable_measure AND q.target_value <> q.baseline_number_value
        THEN 100.0 * (q.actual_value - q.baseline_number_value) / (q.target_value - q.baseline_number_value)
    END AS progress_pct,
    max(q.turn) OVER (
        PARTITION BY q.activity_key, q.indicator_number, q.period_number, q.dimension_set, q.location_set) > 1
        AS is_ambiguous
FROM paired AS q
JOIN mart.activity_version AS v ON v.activity_key = q.activity_key
