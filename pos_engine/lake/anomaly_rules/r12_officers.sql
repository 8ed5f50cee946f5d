-- R12 by officer: faces that she enrolled, used within 72 hours and replaced again within 30 days.
WITH again AS (
    SELECT family, what, changed_at, officer, replaces,
           LEAD(changed_at) OVER (PARTITION BY family, what ORDER BY changed_at) AS next_at
    FROM given_changes
), events AS (
    SELECT DISTINCT c.officer, b.family, c.changed_at
    FROM again c JOIN bought b ON b.family = hash(c.family)
    WHERE c.what = 'FACE' AND c.officer <> ''
      AND c.replaces AND c.next_at <= c.changed_at + INTERVAL 30 DAY
      AND b.moment BETWEEN c.changed_at AND c.changed_at + INTERVAL 72 HOUR AND b.moment <= c.next_at
)
SELECT officer AS subject_id, COUNT(*) AS k FROM events GROUP BY officer;

-- evidence
WITH again AS (
    SELECT family, what, changed_at, officer, replaces,
           LEAD(changed_at) OVER (PARTITION BY family, what ORDER BY changed_at) AS next_at
    FROM given_changes
)
SELECT DISTINCT b.purchase AS id, 'wajah didaftarkan ' || strftime(c.changed_at, '%d-%m-%Y')
       || ', diganti ' || strftime(c.next_at, '%d-%m-%Y') AS note
FROM again c JOIN bought b ON b.family = hash(c.family)
WHERE c.officer = $subject AND c.what = 'FACE'
  AND c.replaces AND c.next_at <= c.changed_at + INTERVAL 30 DAY
  AND b.moment BETWEEN c.changed_at AND c.changed_at + INTERVAL 72 HOUR AND b.moment <= c.next_at
ORDER BY note, id
