-- R13 hugging the ceiling: lines priced within half a percent of it, while the regency pays less.
-- Where the whole regency stands at its ceiling the market is dear, and this says nothing.
WITH usual AS (
    SELECT s.regency, quantile_cont(p.unit_price / p.ceiling, 0.5) AS middle
    FROM (SELECT shop, SUM(unit_price * n) / SUM(n) AS unit_price, SUM(ceiling * n) / SUM(n)
                 AS ceiling FROM priced WHERE ceiling > 0 GROUP BY shop) p
    JOIN shops s ON s.shop = p.shop GROUP BY s.regency
)
SELECT p.shop, CAST(SUM(p.n) FILTER (p.unit_price BETWEEN 0.995 * p.ceiling AND p.ceiling) AS BIGINT)
       AS k, CAST(SUM(p.n) AS BIGINT) AS n,
       IF(ANY_VALUE(u.middle) < 0.97, COALESCE(SUM(p.n) FILTER (p.unit_price BETWEEN 0.995 * p.ceiling AND p.ceiling), 0)
          / SUM(p.n), 0) AS value
FROM priced p JOIN shops s ON s.shop = p.shop JOIN usual u ON u.regency = s.regency
WHERE p.ceiling > 0 GROUP BY p.shop;

-- evidence
SELECT DISTINCT hash(p.purchase_id) AS id, p.name || ' ' || p.unit_price || ', batas ' || p.ceiling
       AS note
FROM purchases p
WHERE p.shop_id = $shop_id AND p.status = 'APPROVED' AND p.line >= 0
  AND p.unit_price BETWEEN 0.995 * p.ceiling AND p.ceiling
ORDER BY id, note
