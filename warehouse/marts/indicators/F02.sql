-- Voluntary contributions agreed: incoming commitments (type 11), reductions taken off; never added to receipts.
SELECT 'iati' AS series, year, sum(amount_usd) / 1e6 AS value, NULL AS numerator, NULL AS denominator, count(*) AS n,
    100 * count(amount_usd) / count(*) AS coverage_pct, 'incoming_commitment' AS basis
FROM mart.contribution_agreed
WHERE is_voluntary AND basis = 'incoming_commitment' AND publisher_ref = 'XM-DAC-41302'
GROUP BY year
