-- R18 delegates buy for many of the shop's families.
SELECT shop, COUNT(DISTINCT family) FILTER (method = 'DELEGATE') AS k,
       COUNT(DISTINCT family) AS n, k / n AS value
FROM bought GROUP BY shop;

-- evidence
SELECT purchase AS id, 'dibeli oleh wakil' AS note
FROM bought WHERE shop = $shop AND method = 'DELEGATE' ORDER BY moment, id
