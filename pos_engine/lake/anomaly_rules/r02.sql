-- R2 whole balance drained: families, not purchases, or honest shoppers who come twice hide it.
SELECT shop, COUNT(*) FILTER (drained) AS k, COUNT(*) AS n, k / n AS value
FROM (SELECT shop, family,
             COALESCE(BOOL_OR(amount >= 0.98 * before AND before >= 150000), FALSE) AS drained
      FROM bought GROUP BY shop, family) each_family
GROUP BY shop;

-- evidence
SELECT purchase AS id, 'saldo ' || before || ', dibelanjakan ' || amount AS note
FROM bought WHERE shop = $shop AND amount >= 0.98 * before AND before >= 150000 ORDER BY moment, id
