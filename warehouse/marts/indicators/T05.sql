-- Receipts by value whose provider activity is named: any identifier but the ILO's own; and those that resolve here.
WITH receipts AS (
    SELECT e.year, e.amount_usd, e.trace_status
    FROM mart.trace_edge AS e
    JOIN mart.contribution AS c ON c.activity_key = e.activity_key AND c.transaction_number = e.number
    WHERE e.edge_kind = 'incoming' AND e.transaction_type_code = '1' AND c.is_voluntary
        AND c.publisher_ref = 'XM-DAC-41302'
)
SELECT 'resolved' AS series, year,
    100 * coalesce(sum(amount_usd) FILTER (trace_status = 'resolved'), 0) / nullif(sum(amount_usd), 0) AS value,
    100 * coalesce(sum(amount_usd) FILTER (trace_status = 'resolved'), 0) AS numerator, sum(amount_usd) AS denominator,
    count(*) AS n, 100 * count(amount_usd) / count(*) AS coverage_pct, 'type 1, provider activity in the warehouse' AS basis
FROM receipts GROUP BY year
UNION ALL
SELECT 'named', year,
    100 * coalesce(sum(amount_usd) FILTER (trace_status IN ('resolved', 'unresolved')), 0) / nullif(sum(amount_usd), 0),
    100 * coalesce(sum(amount_usd) FILTER (trace_status IN ('resolved', 'unresolved')), 0), sum(amount_usd), count(*),
    100 * count(amount_usd) / count(*), 'type 1, provider activity named'
FROM receipts GROUP BY year
