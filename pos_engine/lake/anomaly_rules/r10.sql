-- R10 amounts that hardly differ and are high (as WIC looks for them): how much less they vary than
-- those of the regency's shops; nothing unless their mean is among the regency's highest quarter. Purchases of one good alone are
-- left out.
WITH spread AS (
    SELECT b.shop, ANY_VALUE(s.regency) AS regency, COUNT(*) AS n, AVG(b.amount) AS mean,
           stddev_samp(b.amount) / AVG(b.amount) AS varies
    FROM bought b JOIN shops s ON s.shop = b.shop WHERE b.lines >= 2 GROUP BY b.shop
), usual AS (
    SELECT regency, MEDIAN(varies) AS varies, quantile_cont(mean, 0.75) AS high
    FROM spread WHERE n >= 30 GROUP BY regency HAVING COUNT(*) >= 4
)
SELECT c.shop, c.n AS k, c.n,
       IF(c.mean >= u.high AND u.varies > 0, GREATEST(0, 1 - c.varies / u.varies), 0) AS value
FROM spread c JOIN usual u ON u.regency = c.regency;

-- evidence
SELECT purchase AS id, 'jumlah ' || amount AS note
FROM bought WHERE shop = $shop
ORDER BY ABS(amount - (SELECT MEDIAN(amount) FROM bought WHERE shop = $shop)), moment
