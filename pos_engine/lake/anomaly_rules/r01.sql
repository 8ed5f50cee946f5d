-- R1 rapid consecutive purchases: another family within 45 seconds at the same till.
WITH steps AS (
    SELECT shop, purchase, family, moment, date_diff('second', LAG(moment) OVER each_till, moment) AS gap,
           LAG(family) OVER each_till AS family_before
    FROM bought WINDOW each_till AS (PARTITION BY till ORDER BY moment, purchase)
)
SELECT shop, COUNT(*) FILTER (gap < 45 AND family <> family_before) AS k, COUNT(*) AS n,
       k / n AS value
FROM steps GROUP BY shop;

-- evidence
WITH steps AS (
    SELECT purchase, family, date_diff('second', LAG(moment) OVER each_till, moment) AS gap,
           LAG(family) OVER each_till AS family_before
    FROM bought WHERE shop = $shop
    WINDOW each_till AS (PARTITION BY till ORDER BY moment, purchase)
)
SELECT purchase AS id, gap || ' detik sesudah keluarga lain' AS note
FROM steps WHERE gap < 45 AND family <> family_before ORDER BY gap, id
