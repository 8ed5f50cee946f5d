-- R20 unit tricks: goods that the province sells by one unit are sold by another, at its ceiling.
-- Of the good with most of it.
WITH units AS (
    SELECT sku, unit, SUM(n) AS n FROM priced GROUP BY sku, unit
), usual AS (
    SELECT sku, arg_max(unit, n) AS unit FROM units GROUP BY sku HAVING COUNT(*) > 1
), goods AS (
    SELECT p.shop, p.sku, SUM(p.n) AS sold,
           COALESCE(SUM(p.n) FILTER (p.unit <> u.unit AND p.unit_price >= 0.98 * p.ceiling), 0) AS odd
    FROM priced p JOIN usual u ON u.sku = p.sku WHERE p.ceiling > 0 GROUP BY p.shop, p.sku
)
SELECT shop, CAST(MAX(odd) AS BIGINT) AS k, CAST(arg_max(sold, odd) AS BIGINT) AS n,
       MAX(odd) / arg_max(sold, odd) AS value
FROM goods GROUP BY shop;

-- evidence
SELECT DISTINCT hash(p.purchase_id) AS id, p.name || ' per ' || p.unit || ' ' || p.unit_price
       || ', batas ' || p.ceiling AS note
FROM purchases p
JOIN (SELECT sku, arg_max(unit, n) AS unit
      FROM (SELECT sku, unit, SUM(n) AS n FROM priced GROUP BY ALL) each_unit GROUP BY sku) u
ON u.sku = p.sku
WHERE p.shop_id = $shop_id AND p.status = 'APPROVED' AND p.line >= 0 AND p.unit <> u.unit
  AND p.unit_price >= 0.98 * p.ceiling
ORDER BY id, note
