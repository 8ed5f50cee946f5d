-- R14 abuse of selling without signal: three times as much as the neighbours on the same days, or
-- sales that came more than 72 hours late. Shops that DINSOS declared remote are left out.
WITH days AS (
    SELECT s.shop, s.regency, b.day, COUNT(*) AS n, COUNT(*) FILTER (b.offline) AS offline,
           COUNT(*) FILTER (b.offline AND b.late_h > 72) AS late
    FROM bought b JOIN shops s ON s.shop = b.shop GROUP BY ALL
), beside AS (
    SELECT shop, n, offline, late, SUM(n) OVER around - n AS around_n,
           SUM(offline) OVER around - offline AS around_offline
    FROM days WINDOW around AS (PARTITION BY regency, day)
), shares AS (
    SELECT shop, SUM(n) AS n, SUM(offline) AS offline, SUM(late) AS late,
           SUM(n * COALESCE(around_offline / NULLIF(around_n, 0), 0)) / SUM(n) AS around
    FROM beside GROUP BY shop
)
SELECT c.shop, CAST(c.offline AS BIGINT) AS k, CAST(c.n AS BIGINT) AS n,
       IF(s.remote, 0, GREATEST(c.offline / c.n - 3 * c.around, 3 * c.late / c.n, 0)) AS value
FROM shares c JOIN shops s ON s.shop = c.shop;

-- evidence
SELECT purchase AS id, IF(late_h > 72, 'tanpa sinyal, dikirim ' || late_h || ' jam kemudian',
       'tanpa sinyal') AS note
FROM bought WHERE shop = $shop AND offline ORDER BY late_h DESC, moment, id
