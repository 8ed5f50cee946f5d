-- R5 round totals, where the shop's own prices are not round.
SELECT b.shop, COUNT(*) FILTER (b.amount % 50000 = 0) AS k, COUNT(*) AS n,
       IF(ANY_VALUE(p.round_prices) < 0.5, k / n, 0) AS value
FROM bought b
JOIN (SELECT shop, COALESCE(SUM(n) FILTER (unit_price % 5000 = 0), 0) / SUM(n) AS round_prices
      FROM priced GROUP BY shop) p ON p.shop = b.shop
GROUP BY b.shop;

-- evidence
SELECT purchase AS id, 'jumlah bulat ' || amount AS note
FROM bought WHERE shop = $shop AND amount % 50000 = 0 ORDER BY moment, id
