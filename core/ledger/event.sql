-- name: chain_get
SELECT c.events, c.head, e.at
FROM chain c LEFT JOIN event e ON e.id = c.events WHERE c.one = 1
-- name: chain_put
UPDATE chain SET events = $1, head = $2 WHERE one = 1
-- name: event_add
INSERT INTO event (id, at, who, what, reason, journal, message, document,
	entry, batch, run, detail, previous, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
-- name: event_select
SELECT id, at, who, what, reason, journal, message, document, entry, batch,
	run, detail, previous, hash
FROM event
-- name: event_all
SELECT e.id, e.at, e.who, e.what, e.reason, e.journal, e.message, e.document,
	e.entry, e.batch, e.run, e.detail, e.previous, e.hash, c.events, c.head
FROM chain c LEFT JOIN event e ON 1 = 1
WHERE c.one = 1 ORDER BY e.id
-- name: event_of_message after event_select
WHERE message = $1
	OR document IN (SELECT id FROM document WHERE message = $1)
	OR entry IN (SELECT id FROM entry WHERE message = $1)
	OR batch IN (SELECT batch FROM batch_entry WHERE entry IN
		(SELECT id FROM entry WHERE message = $1))
ORDER BY id
-- name: event_of_document after event_select
WHERE document = $1
	OR entry IN (SELECT id FROM entry WHERE document = $1)
	OR batch IN (SELECT batch FROM batch_entry WHERE entry IN
		(SELECT id FROM entry WHERE document = $1))
ORDER BY id
-- name: event_of_entry after event_select
WHERE entry = $1
	OR batch IN (SELECT batch FROM batch_entry WHERE entry = $1)
ORDER BY id
-- name: event_of_batch after event_select
WHERE batch = $1 ORDER BY id
-- name: event_last_at
SELECT at FROM event WHERE id = (SELECT max(id) FROM event)
-- name: event_end
SELECT e.id, e.at, e.who, e.what, e.reason, e.journal, e.message, e.document,
	e.entry, e.batch, e.run, e.detail, e.previous, e.hash, c.events
FROM chain c LEFT JOIN event e ON e.id = (SELECT max(id) FROM event)
WHERE c.one = 1
