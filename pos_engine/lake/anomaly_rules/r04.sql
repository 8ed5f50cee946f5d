-- R4 identical baskets of three lines and more: families with the shop's commonest one.
SELECT c.shop, MAX(c.m) AS k, ANY_VALUE(s.families) AS n, MAX(c.m) / ANY_VALUE(s.families) AS value
FROM (SELECT shop, basket, COUNT(DISTINCT family) AS m FROM bought
      WHERE lines >= 3 GROUP BY shop, basket) c
JOIN sizes s ON s.shop = c.shop GROUP BY c.shop;

-- evidence
SELECT purchase AS id, 'isi belanja sama, ' || lines || ' barang' AS note
FROM bought
WHERE shop = $shop AND basket = (
    SELECT basket FROM bought WHERE shop = $shop AND lines >= 3
    GROUP BY basket ORDER BY COUNT(DISTINCT family) DESC, basket LIMIT 1)
ORDER BY moment, id
