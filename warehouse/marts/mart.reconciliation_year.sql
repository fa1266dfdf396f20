-- The three clocks by year: contributors of mart.reconciliation_donor added up, with the three totals beside one another.
WITH totals AS (
    SELECT
        coalesce(i.year, d.year, c.year) AS year, i.usd AS iati_voluntary_usd, d.voluntary_usd AS dac_voluntary_usd,
        d.assessed_usd AS dac_assessed_usd, d.assessed_gross_usd AS dac_assessed_gross_usd,
        c.voluntary_usd AS ceb_voluntary_usd, c.assessed_usd AS ceb_assessed_usd
    FROM (SELECT year, sum(amount_usd) AS usd FROM mart.contribution
        WHERE is_voluntary AND publisher_ref = 'XM-DAC-41302' AND year IS NOT NULL GROUP BY year) AS i
    FULL JOIN (SELECT year, sum(amount_usd) FILTER (is_voluntary) AS voluntary_usd,
            sum(amount_usd) FILTER (funding_class = 'assessed') AS assessed_usd,
            sum(gross_amount_usd) FILTER (funding_class = 'assessed') AS assessed_gross_usd
        FROM mart.dac_contribution WHERE is_counted AND flow_type_code = 'D' AND price_base_code = 'V'
        GROUP BY year) AS d ON d.year = i.year
    FULL JOIN mart.ceb_year AS c ON c.year = coalesce(i.year, d.year)
),
parts AS (
    SELECT comparison, year, sum(left_usd) AS left_usd, sum(right_usd) AS right_usd, sum(difference_usd) AS difference_usd,
        sum(scope_usd) AS scope_usd, sum(coefficient_usd) AS coefficient_usd, sum(currency_usd) AS currency_usd,
        sum(timing_usd) AS timing_usd, sum(unexplained_usd) AS unexplained_usd,
        count(*) AS contributor_count, count(*) FILTER (match_class = 'matched') AS matched_count,
        bool_or(is_illustrative) AS is_illustrative
    FROM mart.reconciliation_donor
    GROUP BY comparison, year
)
SELECT
    p.comparison,
    p.year,
    t.iati_voluntary_usd,
    t.dac_voluntary_usd,
    t.ceb_voluntary_usd,
    t.dac_assessed_usd,
    t.dac_assessed_gross_usd,
    t.ceb_assessed_usd,
    p.left_usd,
    p.right_usd,
    p.difference_usd,
    p.scope_usd,
    p.coefficient_usd,
    p.currency_usd,
    p.timing_usd,
    p.unexplained_usd,
    p.left_usd / nullif(p.right_usd, 0) AS ratio,
    p.contributor_count,
    p.matched_count,
    p.is_illustrative
FROM parts AS p
JOIN totals AS t ON t.year = p.year
