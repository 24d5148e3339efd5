-- Bank statements by journal, account and day. A row of a chain is an entry
-- with what its neighbours are compared with.
-- name: statement_facts
SELECT d.account, d.currency, coalesce(d.period_to, d.date, m.date)
FROM document d JOIN message m ON m.id = d.message
WHERE d.id = $1 AND d.kind = 2 AND d.account IS NOT NULL
-- name: statement_add
INSERT INTO statement (journal, chain, day, entry, state, arrived, released,
	changed, code, account, currency, sequence, opening_balance,
	closing_balance, period_from, format)
SELECT $1, $2, $3, e.id, e.state, e.arrived, e.released, e.changed, e.code,
	d.account, d.currency, d.sequence, d.opening_balance, d.closing_balance,
	d.period_from, d.format
FROM entry e JOIN document d ON d.id = e.document WHERE e.id = $4
-- name: statement_open
SELECT s.entry, s.state, s.arrived, s.released, s.changed, s.code, s.chain,
	s.day, s.account, s.currency, s.sequence, s.opening_balance,
	s.closing_balance, s.period_from, s.format, e.original, e.batch
FROM entry e JOIN statement s ON s.entry = e.id
WHERE e.journal = $1 AND e.state IN (0, 1, 3)
ORDER BY s.chain, s.day, s.entry
-- name: statement_open_of
SELECT s.entry, s.state, s.arrived, s.released, s.changed, s.code, s.chain,
	s.day, s.account, s.currency, s.sequence, s.opening_balance,
	s.closing_balance, s.period_from, s.format, e.original, e.batch
FROM statement s JOIN entry e ON e.id = s.entry
WHERE s.journal = $1 AND s.chain = $2 AND s.state IN (0, 1, 3)
ORDER BY s.day, s.entry
-- name: statement_select
SELECT s.entry, s.state, s.arrived, s.released, s.changed, s.code, s.chain,
	s.day, s.account, s.currency, s.sequence, s.opening_balance,
	s.closing_balance, s.period_from, s.format
FROM statement s
-- name: statement_on after statement_select
WHERE s.journal = $1 AND s.chain = $2 AND s.day = $3 AND s.state IN (2, 4)
ORDER BY s.entry LIMIT $4
-- name: statement_before after statement_select
WHERE s.journal = $1 AND s.chain = $2 AND s.day > $3 AND s.day < $4
	AND s.state IN (2, 4)
ORDER BY s.day DESC, s.entry DESC LIMIT $5
-- name: statement_after after statement_select
WHERE s.journal = $1 AND s.chain = $2 AND s.day > $3 AND s.day < $4
	AND s.state IN (2, 4)
ORDER BY s.day, s.entry LIMIT $5
-- name: statement_newest
SELECT entry, state, arrived, released, changed, code, chain, day, account,
	currency, sequence, opening_balance, closing_balance, period_from,
	format, learnt
FROM account WHERE journal = $1 ORDER BY chain
-- name: statement_learnt
UPDATE account SET learnt = $4 WHERE journal = $1 AND chain = $2 AND entry = $3
-- name: statement_days
SELECT entry, arrived, day FROM statement
WHERE journal = $1 AND chain = $2 AND state NOT IN (5, 6)
ORDER BY day DESC, entry DESC LIMIT $3
-- name: statement_strays
SELECT d.account, d.currency, coalesce(d.period_to, d.date)
FROM problem p JOIN document d ON d.id = p.document
WHERE p.code = 'PL-203' AND d.account IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.document = d.id)
ORDER BY p.document
-- name: statement_wrong
SELECT s.journal FROM statement s JOIN entry e ON e.id = s.entry
WHERE s.state <> e.state OR s.released <> e.released
	OR s.code IS DISTINCT FROM e.code LIMIT 1
-- name: account_wrong
SELECT a.journal FROM account a LEFT JOIN statement s ON s.journal = a.journal
	AND s.chain = a.chain AND s.day = a.day AND s.entry = a.entry
WHERE s.entry IS NULL OR s.state IN (5, 6)
	OR (s.state, s.arrived, s.released, s.changed, s.account)
		<> (a.state, a.arrived, a.released, a.changed, a.account)
	OR s.code IS DISTINCT FROM a.code
	OR s.currency IS DISTINCT FROM a.currency
	OR s.sequence IS DISTINCT FROM a.sequence
	OR s.opening_balance IS DISTINCT FROM a.opening_balance
	OR s.closing_balance IS DISTINCT FROM a.closing_balance
	OR s.period_from IS DISTINCT FROM a.period_from
	OR s.format IS DISTINCT FROM a.format
	OR EXISTS (SELECT 1 FROM statement n
		WHERE n.journal = a.journal AND n.chain = a.chain
			AND n.day >= a.day AND n.state NOT IN (5, 6)
			AND (n.day, coalesce(length(n.sequence), 0),
				coalesce(n.sequence, ''), n.entry)
			> (a.day, coalesce(length(a.sequence), 0),
				coalesce(a.sequence, ''), a.entry))
UNION ALL
SELECT s.journal FROM statement s
WHERE s.state NOT IN (5, 6) AND NOT EXISTS (SELECT 1 FROM account a
	WHERE a.journal = s.journal AND a.chain = s.chain)
LIMIT 1
-- name: statement_note
UPDATE entry SET code = $2, note = $3 WHERE id = $1
