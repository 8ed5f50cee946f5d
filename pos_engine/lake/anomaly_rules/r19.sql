-- R19 medium becomes premium: a cheaper kind of rice was refused for its price, and within fifteen
-- minutes a dearer kind is sold at the same till for about the price that was refused.
WITH refused AS (
    SELECT s.shop, hash(p.till_id) AS till, p.sku, p.unit_price, p.local_time AS moment
    FROM purchases p JOIN shops s ON s.shop_id = p.shop_id
    WHERE p.verdict = 'PRICE_ABOVE_CEILING' AND p.sku IN ('BERAS-MEDIUM', 'BERAS-SPHP')
), sold AS (
    SELECT s.shop, hash(p.till_id) AS till, hash(p.purchase_id) AS purchase, p.line, p.unit_price,
           p.local_time AS moment
    FROM purchases p JOIN shops s ON s.shop_id = p.shop_id
    WHERE p.status = 'APPROVED' AND p.sku IN ('BERAS-PREMIUM', 'BERAS-KHUSUS')
), changed AS (
    SELECT d.shop FROM sold d ASOF JOIN refused r ON r.till = d.till AND d.moment >= r.moment
    WHERE date_diff('second', r.moment, d.moment) <= 900
      AND d.unit_price BETWEEN 0.97 * r.unit_price AND 1.03 * r.unit_price
)
SELECT d.shop, COALESCE(ANY_VALUE(c.m), 0) AS k, COUNT(*) AS n, k / COUNT(*) AS value
FROM sold d LEFT JOIN (SELECT shop, COUNT(*) AS m FROM changed GROUP BY shop) c ON c.shop = d.shop
GROUP BY d.shop;

-- evidence
SELECT hash(d.purchase_id) AS id, d.name || ' ' || d.unit_price || ', sebelumnya ' || r.name
       || ' ditolak dengan harga ' || r.unit_price AS note
FROM (SELECT * FROM purchases WHERE shop_id = $shop_id AND status = 'APPROVED'
        AND sku IN ('BERAS-PREMIUM', 'BERAS-KHUSUS')) d
ASOF JOIN (SELECT * FROM purchases WHERE shop_id = $shop_id AND verdict = 'PRICE_ABOVE_CEILING'
             AND sku IN ('BERAS-MEDIUM', 'BERAS-SPHP')) r
ON r.till_id = d.till_id AND d.local_time >= r.local_time
WHERE date_diff('second', r.local_time, d.local_time) <= 900
  AND d.unit_price BETWEEN 0.97 * r.unit_price AND 1.03 * r.unit_price
ORDER BY d.local_time, id
