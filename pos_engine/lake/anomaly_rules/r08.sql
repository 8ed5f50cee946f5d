-- R8 one face, many families: a face was found, and within three minutes another family pays by
-- something else at that till, while the family of the face buys nothing that day. Counted by face.
WITH seen AS (
    SELECT a.shop, a.attempt, a.family AS face, b.family AS payer
    FROM (SELECT * FROM tried WHERE method = 'FACE' AND family IS NOT NULL AND NOT failed) a
    ASOF JOIN bought b ON a.till = b.till AND a.moment <= b.moment
    WHERE b.method <> 'FACE' AND b.family <> a.family
      AND date_diff('second', a.moment, b.moment) <= 180
      AND NOT EXISTS (SELECT 1 FROM bought own
                      WHERE own.family = a.family AND own.shop = a.shop AND own.day = a.day)
), faces AS (
    SELECT shop, face, COUNT(DISTINCT payer) AS payers FROM seen GROUP BY shop, face
)
SELECT s.shop, COALESCE(SUM(f.payers) FILTER (f.payers >= 2), 0) AS k, ANY_VALUE(s.families) AS n,
       COALESCE(MAX(f.payers), 0) AS value
FROM sizes s LEFT JOIN faces f ON f.shop = s.shop GROUP BY s.shop;

-- evidence
SELECT a.attempt AS id, 'wajah ini dikenal, lalu keluarga lain yang membayar' AS note
FROM (SELECT * FROM tried
      WHERE shop = $shop AND method = 'FACE' AND family IS NOT NULL AND NOT failed) a
ASOF JOIN (SELECT * FROM bought WHERE shop = $shop) b ON a.till = b.till AND a.moment <= b.moment
WHERE b.method <> 'FACE' AND b.family <> a.family AND date_diff('second', a.moment, b.moment) <= 180
  AND NOT EXISTS (SELECT 1 FROM bought own
                  WHERE own.shop = $shop AND own.family = a.family AND own.day = a.day)
ORDER BY a.family, a.moment
