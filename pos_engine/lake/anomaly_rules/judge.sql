-- One rule over its subjects: how far each stands above its peers, now and in all months together.
-- Given: measured(subject_id, period, region, district, regency, province, band, k, n, value).
-- Peers are the smallest place with enough of them, of one volume: kecamatan, regency, province.
-- `noise` is how far honest shops lie apart: what the peers show (without letting bad ones show it),
-- chance in so many purchases, and what the rule allows beside.
WITH pooled AS (
    SELECT subject_id, COUNT(*) AS periods, SUM(k) AS k, SUM(n) AS n,
           IF($alone, SUM(value), SUM(value * n) / GREATEST(SUM(n), 1)) AS value
    FROM measured GROUP BY subject_id
), placed AS (
    SELECT m.subject_id, m.region, m.k AS k_now, m.n AS n_now, m.value AS value_now,
           q.periods, q.k, q.n, q.value,
           [m.district || '/' || m.band, m.regency || '/' || m.band, m.province || '/' || m.band, '']
               AS keys
    FROM measured m JOIN pooled q ON q.subject_id = m.subject_id WHERE m.period = $period
), keyed AS (
    SELECT *, UNNEST(keys) AS key, UNNEST([1, 2, 3, 4]) AS level FROM placed
    WHERE n_now >= $least_n / 2
), peers AS (
    SELECT level, key, COUNT(*) AS peers, MEDIAN(value_now) AS middle_now, MEDIAN(value) AS middle,
           GREATEST(1.4826 * MAD(value_now), (quantile_cont(value_now, 0.9) - MEDIAN(value_now))
                    / 1.2816) AS apart_now,
           GREATEST(1.4826 * MAD(value), (quantile_cont(value, 0.9) - MEDIAN(value)) / 1.2816)
               AS apart
    FROM keyed GROUP BY level, key HAVING COUNT(*) > $least_peers
), beside AS (
    SELECT k.subject_id, p.* FROM keyed k JOIN peers p ON p.level = k.level AND p.key = k.key
    QUALIFY ROW_NUMBER() OVER (PARTITION BY k.subject_id ORDER BY p.level) = 1
), compared AS (
    SELECT s.*, COALESCE(b.peers, 0) AS peers, COALESCE(split_part(b.key, '/', 1), '') AS peers_of,
           IF($alone, 0, COALESCE(b.middle_now, 0)) AS middle_now,
           IF($alone, 0, COALESCE(b.middle, 0)) AS middle,
           SQRT(POW(GREATEST(COALESCE(b.apart_now, 0), chance(b.middle_now, s.n_now)), 2)
                + POW($wide, 2)) AS noise_now,
           SQRT(POW(GREATEST(COALESCE(b.apart, 0), chance(b.middle, s.n)), 2) + POW($wide, 2))
               AS noise
    FROM placed s LEFT JOIN beside b ON b.subject_id = s.subject_id
), bounded AS (
    SELECT *,
           IF($alone, $start, GREATEST($start, middle_now + $start / 2)) AS bound_now,
           IF($alone, $floor, GREATEST($floor, middle + $far * noise)) AS bound,
           periods >= $months AS known
    FROM compared
), judged AS (
    SELECT *,
           value_now >= bound_now AND k_now >= $least_k AND n_now >= $least_n AS by_now,
           known AND value >= bound AND k >= $least_k AND n >= $least_n AS by_months
    FROM bounded
)
SELECT subject_id, region, periods, by_now OR by_months AS found,
       CAST(IF(by_now, k_now, k) AS BIGINT) AS k, CAST(IF(by_now, n_now, n) AS BIGINT) AS n,
       IF(by_now, value_now, value) AS value, IF(by_now, bound_now, bound) AS bound,
       IF(by_now, middle_now, middle) AS middle, peers, peers_of,
       LEAST($score_max, GREATEST(0, (value_now - middle_now) / noise_now,
                                  IF(known, (value - middle) / noise, 0))) AS score
FROM judged
