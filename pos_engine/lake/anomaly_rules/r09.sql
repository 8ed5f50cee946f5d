-- R9 all on one day: the share of the shop's busiest day, less the share that its neighbours of the
-- kecamatan had that day (of the regency where it is the only one): payout day is everybody's.
WITH days AS (
    SELECT s.shop, s.district, s.regency, b.day, COUNT(*) AS n
    FROM bought b JOIN shops s ON s.shop = b.shop GROUP BY ALL
), shared AS (
    SELECT shop, day, n,
           SUM(n) OVER (PARTITION BY shop) AS shop_n,
           SUM(n) OVER (PARTITION BY district, day) - n AS district_day,
           SUM(n) OVER (PARTITION BY district) - SUM(n) OVER (PARTITION BY shop) AS district_n,
           SUM(n) OVER (PARTITION BY regency, day) - n AS regency_day,
           SUM(n) OVER (PARTITION BY regency) - SUM(n) OVER (PARTITION BY shop) AS regency_n
    FROM days
), excess AS (
    SELECT shop, n, shop_n, n / shop_n - COALESCE(district_day / NULLIF(district_n, 0),
               regency_day / NULLIF(regency_n, 0), 0) AS value
    FROM shared
)
SELECT shop, CAST(arg_max(n, value) AS BIGINT) AS k, CAST(ANY_VALUE(shop_n) AS BIGINT) AS n,
       GREATEST(MAX(value), 0) AS value
FROM excess GROUP BY shop;

-- evidence
SELECT purchase AS id, 'hari ' || strftime(day, '%d-%m-%Y') AS note
FROM bought
WHERE shop = $shop AND day = (SELECT day FROM bought WHERE shop = $shop
                              GROUP BY day ORDER BY COUNT(*) DESC, day LIMIT 1)
ORDER BY moment, id
