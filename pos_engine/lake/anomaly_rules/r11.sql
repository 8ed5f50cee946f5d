-- R11 ways around the proof: numbers of cards typed by hand, cards that a stranger keeps, two people
-- who vouch, and hours in which faces failed again and again.
WITH typed AS (
    SELECT s.shop, SUM(c.n) AS n FROM given_cards c JOIN shops s ON s.shop_id = c.shop_id
    WHERE c.kind IN ('TYPED', 'HELD_BY_OTHER') GROUP BY s.shop
), vouched AS (
    SELECT shop, COUNT(*) AS n FROM bought WHERE method = 'SUPERVISED' GROUP BY shop
), retried AS (
    SELECT shop, COUNT(*) AS n
    FROM (SELECT shop, till, day, hour(moment) AS hour FROM tried
          WHERE method = 'FACE' AND failed GROUP BY ALL HAVING COUNT(*) > 6) each_hour
    GROUP BY shop
)
SELECT z.shop, CAST(COALESCE(t.n, 0) + COALESCE(v.n, 0) + COALESCE(r.n, 0) AS BIGINT) AS k, z.n,
       LEAST(1, k / z.n) AS value
FROM sizes z
LEFT JOIN typed t ON t.shop = z.shop
LEFT JOIN vouched v ON v.shop = z.shop
LEFT JOIN retried r ON r.shop = z.shop;

-- evidence
SELECT purchase AS id, 'dibayar dengan penjaminan dua petugas' AS note
FROM bought WHERE shop = $shop AND method = 'SUPERVISED'
UNION ALL
SELECT attempt AS id, 'wajah gagal' AS note
FROM tried WHERE shop = $shop AND method = 'FACE' AND failed
ORDER BY note, id
