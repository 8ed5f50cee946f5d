-- R8 in the nation: two families whose enrolled faces are alike as one person's (no twins, as far as
-- officers said) pay by face within half an hour in one shop. `k` counts the days.
SELECT f.pair AS subject_id, COUNT(DISTINCT a.day) AS k
FROM given_faces f
JOIN bought a ON a.family = hash(f.family) AND a.method = 'FACE'
JOIN bought b ON b.family = hash(f.other) AND b.method = 'FACE' AND b.shop = a.shop
    AND ABS(date_diff('second', a.moment, b.moment)) <= 1800
GROUP BY f.pair;

-- evidence
SELECT DISTINCT UNNEST([a.purchase, b.purchase]) AS id,
       'dibayar dengan wajah pada ' || strftime(a.day, '%d-%m-%Y') AS note
FROM given_faces f
JOIN bought a ON a.family = hash(f.family) AND a.method = 'FACE'
JOIN bought b ON b.family = hash(f.other) AND b.method = 'FACE' AND b.shop = a.shop
    AND ABS(date_diff('second', a.moment, b.moment)) <= 1800
WHERE f.pair = $subject ORDER BY note, id
