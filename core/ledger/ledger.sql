-- name: meta_get
SELECT value FROM meta WHERE name = $1
-- name: meta_named
SELECT count(*) FROM meta WHERE name = 'ledger'
-- name: meta_put
INSERT INTO meta (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: tally_add
INSERT INTO tally (journal, state, coded, n) VALUES ($1, $2, $3, $4)
ON CONFLICT (journal, state, coded) DO UPDATE SET n = tally.n + excluded.n
-- name: tally_of
SELECT state, coded, n FROM tally WHERE journal = $1
-- name: tally_journals
SELECT DISTINCT journal FROM tally ORDER BY journal

-- name: standing_get
SELECT journal, enabled, start_date, rules, activated, activating, served,
	expires, reminded
FROM standing WHERE journal = $1
-- name: standing_put
INSERT INTO standing (journal, enabled, start_date, rules, activated,
	activating, served, expires, reminded)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (journal) DO UPDATE SET enabled = excluded.enabled,
	start_date = excluded.start_date, rules = excluded.rules,
	activated = excluded.activated, activating = excluded.activating,
	served = excluded.served, expires = excluded.expires,
	reminded = excluded.reminded
-- name: tally_wrong
SELECT coalesce(t.journal, e.journal)
FROM (SELECT journal, state, code IS NOT NULL AS coded, count(*) AS n
	FROM entry GROUP BY journal, state, code IS NOT NULL) e
FULL OUTER JOIN (SELECT journal, state, coded, n FROM tally WHERE n <> 0) t
	ON t.journal = e.journal AND t.state = e.state AND t.coded = e.coded
WHERE t.n IS NULL OR e.n IS NULL OR t.n <> e.n
LIMIT 1
