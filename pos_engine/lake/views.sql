-- Views that are the same in DuckDB and PostgreSQL, over the base views purchases, returns,
-- attempts and movements. One meaning for each figure, whoever asks.

-- What is still bought: approved lines without what was returned of them.
CREATE OR REPLACE {TEMP} VIEW sold_lines AS
SELECT p.day, p.province, p.region, p.regency, p.shop_id, p.family, p.method, p.purchase_id, p.line,
       p.sku, p.name, p.unit, p.unit_price, p.ceiling, p.ceiling_kind, p.verdict, p.status,
       p.line_flags, p.policy, p.price_book,
       CAST(p.quantity_milli - COALESCE(b.quantity_milli, 0) AS BIGINT) AS quantity_milli,
       CASE WHEN b.purchase_id IS NULL THEN p.line_total
            ELSE CAST(FLOOR(CAST(p.unit_price AS DOUBLE PRECISION)
                            * (p.quantity_milli - b.quantity_milli) / 1000) AS BIGINT)
       END AS line_total,
       p.decided_at, p.flags
FROM purchases p
LEFT JOIN (
    SELECT purchase_id, line, SUM(quantity_milli) AS quantity_milli
    FROM returns WHERE line >= 0 GROUP BY purchase_id, line
) b ON b.purchase_id = p.purchase_id AND b.line = p.line
LEFT JOIN (
    SELECT purchase_id, SUM(total) AS total
    FROM (SELECT DISTINCT return_id, purchase_id, total FROM returns) each_return
    GROUP BY purchase_id
) w ON w.purchase_id = p.purchase_id
WHERE p.status = 'APPROVED' AND p.line >= 0 AND COALESCE(w.total, 0) < p.amount
  AND p.quantity_milli > COALESCE(b.quantity_milli, 0);

-- Counts of lines by day, regency, good and unit price.
CREATE OR REPLACE {TEMP} VIEW prices_daily_fresh AS
SELECT day, province, regency, sku, name, unit, unit_price, verdict, status, ceiling, ceiling_kind,
       CAST(COUNT(*) AS BIGINT) AS line_count,
       CAST(SUM(quantity_milli) AS BIGINT) AS quantity_milli,
       CAST(SUM(line_total) AS BIGINT) AS line_total,
       MAX(decided_at) AS newest_at
FROM (
    SELECT day, province, regency, sku, name, unit, unit_price, verdict, status, ceiling,
           ceiling_kind, quantity_milli, line_total, decided_at
    FROM sold_lines
    UNION ALL
    SELECT day, province, regency, sku, name, unit, unit_price, verdict, status, ceiling,
           ceiling_kind, quantity_milli, line_total, decided_at
    FROM purchases WHERE status <> 'APPROVED' AND line >= 0
) each_line
GROUP BY day, province, regency, sku, name, unit, unit_price, verdict, status, ceiling, ceiling_kind;

CREATE OR REPLACE {TEMP} VIEW prices_daily AS SELECT * FROM prices_daily_fresh;

-- The same counts without regencies.
CREATE OR REPLACE {TEMP} VIEW prices_provinces_fresh AS
SELECT day, province, sku, name, unit, unit_price, verdict, status, ceiling, ceiling_kind,
       CAST(SUM(line_count) AS BIGINT) AS line_count,
       CAST(SUM(quantity_milli) AS BIGINT) AS quantity_milli,
       CAST(SUM(line_total) AS BIGINT) AS line_total,
       MAX(newest_at) AS newest_at
FROM prices_daily
GROUP BY day, province, sku, name, unit, unit_price, verdict, status, ceiling, ceiling_kind;

CREATE OR REPLACE {TEMP} VIEW prices_provinces AS SELECT * FROM prices_provinces_fresh;

-- Counts of approved purchases by how many lines they have.
CREATE OR REPLACE {TEMP} VIEW baskets_daily_fresh AS
SELECT day, province, regency, CAST(lines AS BIGINT) AS lines,
       CAST(COUNT(*) AS BIGINT) AS purchase_count,
       CAST(SUM(amount) AS BIGINT) AS amount,
       CAST(COUNT(CASE WHEN amount = balance_before THEN 1 END) AS BIGINT) AS whole_balance
FROM purchases WHERE status = 'APPROVED' AND line <= 0
GROUP BY day, province, regency, lines;

CREATE OR REPLACE {TEMP} VIEW baskets_daily AS SELECT * FROM baskets_daily_fresh;

-- Counts of refused lines by shop, good and reason.
CREATE OR REPLACE {TEMP} VIEW refusals_daily_fresh AS
SELECT day, province, regency, region, shop_id, sku, name, verdict,
       CAST(COUNT(*) AS BIGINT) AS line_count
FROM purchases WHERE line >= 0 AND verdict <> 'OK'
GROUP BY day, province, regency, region, shop_id, sku, name, verdict;

CREATE OR REPLACE {TEMP} VIEW refusals_daily AS SELECT * FROM refusals_daily_fresh;

-- Counts of purchases by day, regency, method and outcome.
CREATE OR REPLACE {TEMP} VIEW outcomes_daily_fresh AS
SELECT day, province, regency, method, status, reason,
       CAST(COUNT(*) AS BIGINT) AS purchase_count,
       CAST(SUM(amount) AS BIGINT) AS amount,
       MAX(decided_at) AS newest_at
FROM purchases WHERE line <= 0
GROUP BY day, province, regency, method, status, reason;

CREATE OR REPLACE {TEMP} VIEW outcomes_daily AS SELECT * FROM outcomes_daily_fresh;

-- Counts of attempts to prove who somebody is.
CREATE OR REPLACE {TEMP} VIEW attempts_daily_fresh AS
SELECT day, province, regency, method, outcome, reason, failed, age_band,
       CAST(COUNT(*) AS BIGINT) AS attempt_count,
       MAX(tried_at) AS newest_at
FROM attempts
GROUP BY day, province, regency, method, outcome, reason, failed, age_band;

CREATE OR REPLACE {TEMP} VIEW attempts_daily AS SELECT * FROM attempts_daily_fresh;

-- Prices that were asked above the ceiling and refused.
CREATE OR REPLACE {TEMP} VIEW ceiling_gap AS
SELECT day, province, regency, shop_id, sku, name, unit, unit_price AS asked_price, ceiling,
       unit_price - ceiling AS gap, regulation, decided_at, purchase_id, line, region
FROM purchases WHERE verdict = 'PRICE_ABOVE_CEILING';

-- Goods that may not be bought with the aid and were tried: by shop and good, never by family.
CREATE OR REPLACE {TEMP} VIEW banned_attempts AS
SELECT regency, shop_id, sku, name, verdict AS reason, COUNT(*) AS attempts,
       MIN(day) AS first_day, MAX(day) AS last_day
FROM purchases WHERE verdict IN ('ITEM_BANNED', 'ITEM_NOT_IN_PROGRAMME')
GROUP BY regency, shop_id, sku, name, verdict;

-- Money into and out of the families' tranches that is not a purchase of goods.
CREATE OR REPLACE {TEMP} VIEW money_daily AS
SELECT day, province, regency, programme, period, kind, COUNT(*) AS legs,
       CAST(SUM(amount) AS BIGINT) AS amount
FROM movements GROUP BY day, province, regency, programme, period, kind;
