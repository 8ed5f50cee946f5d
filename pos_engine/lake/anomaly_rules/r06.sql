-- R6 outside hours, by the shop's own clock. In Ramadan families shop before dawn and late.
SELECT shop, COUNT(*) FILTER (IF(fasting, hour(moment) BETWEEN 0 AND 1, hour(moment) < 5 OR hour(moment) >= 21))
       AS k, COUNT(*) AS n, k / n AS value
FROM (SELECT b.shop, b.moment, EXISTS (SELECT 1 FROM seasons e WHERE e.kind = 'RAMADAN'
             AND b.day BETWEEN e.first_day AND e.last_day) AS fasting FROM bought b) each_purchase
GROUP BY shop;

-- evidence
SELECT purchase AS id, 'pukul ' || strftime(moment, '%H.%M') AS note
FROM bought b
WHERE shop = $shop AND IF(EXISTS (SELECT 1 FROM seasons e WHERE e.kind = 'RAMADAN'
          AND b.day BETWEEN e.first_day AND e.last_day),
      hour(moment) BETWEEN 0 AND 1, hour(moment) < 5 OR hour(moment) >= 21)
ORDER BY moment, id
