-- The one place where a published amount gets its effective currency, its date and its US dollars.
WITH published AS (
    SELECT 'transaction' AS kind, t.activity_key AS record_key, t.transaction_number AS number, t.value_amount,
        t.value_currency_code, a.default_currency_code, t.value_date, t.transaction_date AS fallback_date,
        'transaction_date' AS fallback_name
    FROM core.iati_transaction AS t LEFT JOIN core.iati_activity AS a USING (activity_key)
    UNION ALL
    SELECT 'budget', b.activity_key, b.budget_number, b.value_amount, b.value_currency_code,
        a.default_currency_code, b.value_date, b.period_start, 'period_start'
    FROM core.iati_budget AS b LEFT JOIN core.iati_activity AS a USING (activity_key)
    UNION ALL
    SELECT 'planned_disbursement', p.activity_key, p.planned_disbursement_number, p.value_amount,
        p.value_currency_code, a.default_currency_code, p.value_date, p.period_start, 'period_start'
    FROM core.iati_planned_disbursement AS p LEFT JOIN core.iati_activity AS a USING (activity_key)
    UNION ALL
    SELECT 'total_budget', b.organisation_key, b.total_budget_number, b.value_amount, b.value_currency_code,
        o.default_currency_code, b.value_date, b.period_start, 'period_start'
    FROM core.iati_organisation_total_budget AS b LEFT JOIN core.iati_organisation AS o USING (organisation_key)
    UNION ALL
    SELECT 'total_expenditure', b.organisation_key, b.total_expenditure_number, b.value_amount,
        b.value_currency_code, o.default_currency_code, b.value_date, b.period_start, 'period_start'
    FROM core.iati_organisation_total_expenditure AS b LEFT JOIN core.iati_organisation AS o USING (organisation_key)
    UNION ALL
    SELECT 'recipient_org_budget', b.organisation_key, b.recipient_org_budget_number, b.value_amount,
        b.value_currency_code, o.default_currency_code, b.value_date, b.period_start, 'period_start'
    FROM core.iati_organisation_recipient_org_budget AS b LEFT JOIN core.iati_organisation AS o USING (organisation_key)
    UNION ALL
    SELECT 'recipient_country_budget', b.organisation_key, b.recipient_country_budget_number, b.value_amount,
        b.value_currency_code, o.default_currency_code, b.value_date, b.period_start, 'period_start'
    FROM core.iati_organisation_recipient_country_budget AS b
    LEFT JOIN core.iati_organisation AS o USING (organisation_key)
    UNION ALL
    SELECT 'recipient_region_budget', b.organisation_key, b.recipient_region_budget_number, b.value_amount,
        b.value_currency_code, o.default_currency_code, b.value_date, b.period_start, 'period_start'
    FROM core.iati_organisation_recipient_region_budget AS b
    LEFT JOIN core.iati_organisation AS o USING (organisation_key)
),
dated AS (
    SELECT
        kind, record_key, number, value_amount,
        coalesce(nullif(upper(trim(value_currency_code)), ''), nullif(upper(trim(default_currency_code)), ''))
            AS currency_code,
        CASE
            WHEN nullif(trim(value_currency_code), '') IS NOT NULL THEN 'value'
            WHEN nullif(trim(default_currency_code), '') IS NOT NULL THEN 'default'
            ELSE 'none'
        END AS currency_basis,
        coalesce(value_date, fallback_date) AS fx_date,
        CASE
            WHEN value_date IS NOT NULL THEN 'value_date'
            WHEN fallback_date IS NOT NULL THEN fallback_name
            ELSE 'none'
        END AS fx_date_basis,
        year(coalesce(fallback_date, value_date)) AS flow_year
    FROM published
),
daily AS (
    SELECT currency_code, rate_date, arg_min(units_per_usd, source) AS units_per_usd, min(source) AS source
    FROM core.exchange_rate
    WHERE frequency = 'daily' AND units_per_usd > 0
    GROUP BY currency_code, rate_date
),
annual AS (
    SELECT currency_code, year(rate_date) AS rate_year, arg_min(units_per_usd, source) AS units_per_usd,
        min(source) AS source, max(rate_date) AS rate_date
    FROM core.exchange_rate
    WHERE frequency = 'annual' AND units_per_usd > 0
    GROUP BY currency_code, year(rate_date)
),
daily_mean AS (
    SELECT currency_code, year(rate_date) AS rate_year, avg(units_per_usd ORDER BY rate_date) AS units_per_usd
    FROM daily
    GROUP BY currency_code, year(rate_date)
),
latest AS (SELECT max(rate_date) AS rate_date FROM daily),
wanted AS (
    -- Past the last known rate the last one stands in, flagged; a currency that has ceased to be quoted gets none.
    SELECT DISTINCT d.currency_code, d.fx_date, d.fx_date > l.rate_date + 7 AS is_capped,
        least(d.fx_date, l.rate_date) AS rate_wanted
    FROM dated AS d CROSS JOIN latest AS l
    WHERE d.currency_code <> 'USD' AND d.fx_date IS NOT NULL AND l.rate_date IS NOT NULL
),
-- A weekend or a holiday takes the last business day before it; more than seven days is a gap, not a holiday.
found AS (
    SELECT w.currency_code, w.fx_date, w.is_capped, r.units_per_usd, r.rate_date, r.source
    FROM wanted AS w
    ASOF JOIN daily AS r ON w.currency_code = r.currency_code AND w.rate_wanted >= r.rate_date
    WHERE w.rate_wanted - r.rate_date <= 7
),
-- The UN's operational rate is the one the ILO books at, so it comes before the ECB's. It holds until superseded, weekends
-- included; it is revised each month, so past 62 days a month's file is missing and the market's rate is taken instead.
operational AS (
    SELECT currency_code, rate_date, arg_min(units_per_usd, source) AS units_per_usd, min(source) AS source
    FROM core.exchange_rate
    WHERE frequency = 'operational' AND units_per_usd > 0
    GROUP BY currency_code, rate_date
),
booked AS (
    SELECT w.currency_code, w.fx_date, o.units_per_usd, o.rate_date, o.source
    FROM (SELECT DISTINCT currency_code, fx_date FROM dated WHERE currency_code <> 'USD' AND fx_date IS NOT NULL) AS w
    ASOF JOIN operational AS o ON w.currency_code = o.currency_code AND w.fx_date >= o.rate_date
    WHERE w.fx_date - o.rate_date <= 62
),
rated AS (
    SELECT
        d.*,
        CASE
            WHEN d.value_amount IS NULL THEN 'no_amount'
            WHEN d.currency_code IS NULL THEN 'no_currency'
            WHEN d.currency_code = 'USD' THEN 'identity'
            WHEN d.fx_date IS NULL THEN 'no_date'
            WHEN o.units_per_usd IS NOT NULL THEN 'operational'
            WHEN f.units_per_usd IS NOT NULL AND f.is_capped THEN 'capped'
            WHEN f.units_per_usd IS NOT NULL THEN 'daily'
            WHEN y.units_per_usd IS NOT NULL THEN 'annual_average'
            ELSE 'no_rate'
        END AS fx_status,
        CASE WHEN d.currency_code = 'USD' THEN 1 ELSE coalesce(o.units_per_usd, f.units_per_usd, y.units_per_usd) END
            AS fx_units_per_usd,
        CASE WHEN d.currency_code = 'USD' THEN d.fx_date ELSE coalesce(o.rate_date, f.rate_date, y.rate_date) END
            AS fx_rate_date,
        CASE WHEN d.currency_code = 'USD' THEN 'identity' ELSE coalesce(o.source, f.source, y.source) END AS fx_source,
        CASE WHEN d.currency_code = 'USD' THEN 1 ELSE coalesce(fy.units_per_usd, dy.units_per_usd) END
            AS year_units_per_usd
    FROM dated AS d
    LEFT JOIN booked AS o ON o.currency_code = d.currency_code AND o.fx_date = d.fx_date
    LEFT JOIN found AS f ON f.currency_code = d.currency_code AND f.fx_date = d.fx_date
    LEFT JOIN annual AS y ON y.currency_code = d.currency_code AND y.rate_year = year(d.fx_date)
    LEFT JOIN annual AS fy ON fy.currency_code = d.currency_code AND fy.rate_year = d.flow_year
    LEFT JOIN daily_mean AS dy ON dy.currency_code = d.currency_code AND dy.rate_year = d.flow_year
)
SELECT
    kind,
    record_key,
    number,
    value_amount,
    currency_code,
    currency_basis,
    fx_date,
    fx_date_basis,
    fx_status,
    fx_units_per_usd,
    fx_rate_date,
    fx_source,
    CASE WHEN currency_code = 'USD' THEN value_amount
        ELSE CAST(round(CAST(value_amount AS DOUBLE) / fx_units_per_usd, 4) AS DECIMAL(24, 4)) END AS amount_usd,
    year_units_per_usd,
    CASE WHEN currency_code = 'USD' THEN value_amount
        ELSE CAST(round(CAST(value_amount AS DOUBLE) / year_units_per_usd, 4) AS DECIMAL(24, 4)) END
        AS amount_usd_year_average
FROM rated
