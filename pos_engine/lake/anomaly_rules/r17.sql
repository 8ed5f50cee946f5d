-- R17 cards back to back: runs of five families and more that pay by card less than a minute apart.
WITH steps AS (
    SELECT shop, till, purchase, family, moment,
           COALESCE(date_diff('second', LAG(moment) OVER each_till, moment) >= 60, TRUE) AS fresh
    FROM bought WHERE method = 'KKS'
    WINDOW each_till AS (PARTITION BY till ORDER BY moment, purchase)
), runs AS (
    SELECT shop, till, family, SUM(fresh::INT) OVER (PARTITION BY till ORDER BY moment, purchase) AS run
    FROM steps
), long_runs AS (
    SELECT shop, COUNT(*) AS n FROM runs GROUP BY shop, till, run HAVING COUNT(DISTINCT family) >= 5
)
SELECT z.shop, COALESCE(SUM(r.n), 0)::BIGINT AS k, ANY_VALUE(z.n) AS n, k / ANY_VALUE(z.n) AS value
FROM sizes z LEFT JOIN long_runs r ON r.shop = z.shop GROUP BY z.shop;

-- evidence
WITH steps AS (
    SELECT till, purchase, family, moment,
           COALESCE(date_diff('second', LAG(moment) OVER each_till, moment) >= 60, TRUE) AS fresh
    FROM bought WHERE method = 'KKS' AND shop = $shop
    WINDOW each_till AS (PARTITION BY till ORDER BY moment, purchase)
), runs AS (
    SELECT *, SUM(fresh::INT) OVER (PARTITION BY till ORDER BY moment, purchase) AS run FROM steps
)
SELECT purchase AS id, 'bagian dari ' || COUNT(*) OVER (PARTITION BY till, run) || ' kartu beruntun'
       AS note
FROM runs
QUALIFY COUNT(DISTINCT family) OVER (PARTITION BY till, run) >= 5
ORDER BY till, moment, id
