-- R15 look-ups without a purchase: a family was found and came to no purchase nor refusal that day.
WITH looked AS (
    SELECT DISTINCT shop, family, day FROM tried WHERE family IS NOT NULL AND NOT failed
), came AS (
    SELECT DISTINCT s.shop, hash(p.family) AS family, p.day
    FROM purchases p JOIN shops s ON s.shop_id = p.shop_id
    WHERE p.line <= 0 AND p.family IS NOT NULL
), without AS (
    SELECT l.shop, COUNT(*) AS n FROM looked l ANTI JOIN came c
    ON c.shop = l.shop AND c.family = l.family AND c.day = l.day GROUP BY l.shop
), visits AS (SELECT shop, COUNT(*) AS n FROM came GROUP BY shop)
SELECT v.shop, COALESCE(w.n, 0) AS k, v.n + k AS n, k / (v.n + k) AS value
FROM visits v LEFT JOIN without w ON w.shop = v.shop;

-- evidence
SELECT t.attempt AS id, 'dicari dengan ' || t.method || ', tidak ada belanja hari itu' AS note
FROM tried t
WHERE t.shop = $shop AND t.family IS NOT NULL AND NOT t.failed AND NOT EXISTS (
    SELECT 1 FROM purchases p WHERE p.shop_id = $shop_id AND p.line <= 0 AND p.day = t.day
      AND hash(p.family) = t.family)
ORDER BY t.moment, id
