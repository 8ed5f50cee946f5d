-- R7 families of another kecamatan. A till knows no place of its own but its shop's: no GPS.
SELECT b.shop, COUNT(DISTINCT b.family) FILTER (b.away) AS k,
       COUNT(DISTINCT b.family) FILTER (b.known_home) AS n,
       IF(ANY_VALUE(s.remote) OR n = 0, 0, k / n) AS value
FROM bought b JOIN shops s ON s.shop = b.shop GROUP BY b.shop;

-- evidence
SELECT purchase AS id, 'keluarga dari kecamatan lain' AS note
FROM bought WHERE shop = $shop AND away ORDER BY moment, id
