-- R12 a credential that was changed, used within 72 hours and changed again or back within 30 days.
WITH again AS (
    SELECT family, what, changed_at, officer, replaces,
           LEAD(changed_at) OVER (PARTITION BY family, what ORDER BY changed_at) AS next_at
    FROM given_changes
), events AS (
    SELECT DISTINCT b.shop, b.family, c.what, c.changed_at
    FROM again c
    JOIN bought b ON b.family = hash(c.family)
    JOIN shops s ON s.shop = b.shop
    WHERE c.replaces AND c.next_at <= c.changed_at + INTERVAL 30 DAY
      AND b.moment BETWEEN c.changed_at AND c.changed_at + INTERVAL 72 HOUR AND b.moment <= c.next_at
)
SELECT z.shop, COUNT(e.family) AS k, ANY_VALUE(z.families) AS n, k AS value
FROM sizes z LEFT JOIN events e ON e.shop = z.shop GROUP BY z.shop;

-- evidence
WITH again AS (
    SELECT family, what, changed_at, replaces,
           LEAD(changed_at) OVER (PARTITION BY family, what ORDER BY changed_at) AS next_at
    FROM given_changes
)
SELECT DISTINCT b.purchase AS id, CASE c.what WHEN 'FACE' THEN 'wajah' WHEN 'CARD' THEN 'kartu'
       ELSE 'nomor telepon' END || ' diganti ' || strftime(c.changed_at, '%d-%m-%Y')
       || ', diganti lagi ' || strftime(c.next_at, '%d-%m-%Y') AS note
FROM again c JOIN bought b ON b.family = hash(c.family)
WHERE b.shop = $shop AND c.replaces AND c.next_at <= c.changed_at + INTERVAL 30 DAY
  AND b.moment BETWEEN c.changed_at AND c.changed_at + INTERVAL 72 HOUR AND b.moment <= c.next_at
ORDER BY note, id
