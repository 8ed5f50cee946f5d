-- R3 identical amounts: how many families paid the shop's commonest amount of 100,000 and more. Of
-- one good alone equal amounts say nothing: a shop that sells rice has few.
SELECT shop, MAX(m) AS k, SUM(m) AS n, k / n AS value
FROM (SELECT shop, amount, COUNT(DISTINCT family) AS m FROM bought
      WHERE amount >= 100000 AND lines >= 2 GROUP BY shop, amount) each_amount
GROUP BY shop;

-- evidence
SELECT purchase AS id, 'jumlah ' || amount AS note
FROM bought
WHERE shop = $shop AND amount = (
    SELECT amount FROM bought WHERE shop = $shop AND amount >= 100000 AND lines >= 2
    GROUP BY amount ORDER BY COUNT(DISTINCT family) DESC, amount LIMIT 1)
ORDER BY moment, id
