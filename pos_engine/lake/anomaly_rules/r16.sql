-- R16 packages sold whole: eight families and more with the same basket of two goods and more
-- within an hour of one day.
SELECT z.shop, COALESCE(SUM(c.m), 0)::BIGINT AS k, ANY_VALUE(z.n) AS n, k / ANY_VALUE(z.n) AS value
FROM sizes z
LEFT JOIN (SELECT shop, COUNT(*) AS m FROM bought WHERE lines >= 2
           GROUP BY shop, basket, day, hour(moment) HAVING COUNT(DISTINCT family) >= 8) c
ON c.shop = z.shop GROUP BY z.shop;

-- evidence
SELECT b.purchase AS id, 'paket yang sama, jam ' || hour(b.moment) AS note
FROM bought b
JOIN (SELECT basket, day, hour(moment) AS hour FROM bought WHERE shop = $shop AND lines >= 2
      GROUP BY ALL HAVING COUNT(DISTINCT family) >= 8) c
ON c.basket = b.basket AND c.day = b.day AND c.hour = hour(b.moment)
WHERE b.shop = $shop ORDER BY b.moment, id
