-- What all rules look at, of one province and month: shops, purchases, prices, proofs.
-- Names that are compared millions of times are hashes here; evidence finds the rows by them.
-- Given beside the lake: given_remote(shop_id), given_cards(shop_id, day, kind, n),
-- given_changes(family, what, changed_at, officer, replaces), seasons(kind, first_day, last_day, province).

CREATE OR REPLACE TEMP TABLE shops AS
SELECT CAST(ROW_NUMBER() OVER (ORDER BY shop_id) AS INTEGER) AS shop, shop_id, region,
       left(region, 5) AS regency,
       CASE WHEN length(region) >= 8 THEN left(region, 8) ELSE left(region, 5) END AS district,
       left(region, 2) AS province,
       shop_id IN (SELECT shop_id FROM given_remote) AS remote
FROM (SELECT shop_id, arg_max(region, decided_at) AS region FROM purchases
      WHERE line <= 0 GROUP BY shop_id) each_shop;

CREATE OR REPLACE TEMP TABLE baskets AS
SELECT hash(purchase_id) AS purchase,
       hash(SUM(hash(sku, unit, quantity_milli))) AS basket
FROM purchases WHERE status = 'APPROVED' AND line >= 0 GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE gone AS
SELECT hash(purchase_id) AS purchase, SUM(total) AS total
FROM (SELECT DISTINCT return_id, purchase_id, total FROM returns) each_return GROUP BY ALL;

-- Purchases that still stand. `at` is when it was sold by the shop's clock: without signal that is
-- the tablet's anchored time, not when it came.
CREATE OR REPLACE TEMP TABLE bought AS
SELECT s.shop, b.basket, hash(p.purchase_id) AS purchase, hash(p.till_id) AS till,
       hash(p.family) AS family, p.method, p.amount, p.balance_before AS before, p.lines, p.day,
       CASE WHEN o.offline THEN p.local_time - (p.decided_at - p.occurred_at)
            ELSE p.local_time END AS moment,
       o.offline,
       CASE WHEN o.offline THEN date_diff('hour', p.occurred_at, p.decided_at) ELSE 0 END AS late_h,
       length(p.family_district) = 8 AND length(p.region) >= 8
           AND p.family_district <> left(p.region, 8) AS away,
       p.family_district IS NOT NULL AS known_home
FROM purchases p
JOIN shops s ON s.shop_id = p.shop_id
JOIN baskets b ON b.purchase = hash(p.purchase_id)
LEFT JOIN gone g ON g.purchase = hash(p.purchase_id)
CROSS JOIN LATERAL (SELECT (' ' || COALESCE(p.flags, '') || ' ') LIKE '% OFFLINE %' AS offline) o
WHERE p.status = 'APPROVED' AND p.line <= 0 AND COALESCE(g.total, 0) < p.amount;

-- Approved lines by shop, good, unit and price.
CREATE OR REPLACE TEMP TABLE priced AS
SELECT s.shop, p.sku, p.unit, p.unit_price, p.ceiling, p.ceiling_kind, COUNT(*) AS n
FROM purchases p JOIN shops s ON s.shop_id = p.shop_id
WHERE p.status = 'APPROVED' AND p.line >= 0 GROUP BY ALL;

-- Attempts to prove who somebody is.
CREATE OR REPLACE TEMP TABLE tried AS
SELECT s.shop, hash(a.attempt_id) AS attempt, hash(a.till_id) AS till,
       CASE WHEN a.family IS NOT NULL THEN hash(a.family) END AS family, a.method, a.outcome,
       a.failed, a.reason, a.day, a.local_time AS moment
FROM attempts a JOIN shops s ON s.shop_id = a.shop_id;

CREATE OR REPLACE TEMP TABLE sizes AS
SELECT shop, COUNT(*) AS n, COUNT(DISTINCT family) AS families FROM bought GROUP BY shop;
