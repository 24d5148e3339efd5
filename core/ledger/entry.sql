-- Fragments of the question "which entries": entry_select, any of the
-- conditions with $# for the next parameter, an order, a limit.
-- name: entry_select
SELECT e.id, e.document, e.message, e.batch, e.journal, e.state, e.code,
	e.note, e.original, e.released, e.changed, d.kind, d.number, d.date,
	d.seller_id, d.seller_name, d.buyer_id, d.currency, d.total, d.account,
	d.sequence, d.filename, d.formats, d.size, d.doc_offset, d.doc_length,
	e.arrived, m.date, m.sender, m.header_from, m.subject, m.auth_user,
	m.client_addr, m.message_id, b.attempt, b.state, b.finished, d.format,
	d.opening_balance, d.closing_balance
FROM entry e
JOIN document d ON d.id = e.document
JOIN message m ON m.id = e.message
LEFT JOIN batch b ON b.id = e.batch
-- Of what waits or is held only: see open_entry.
-- name: entry_open_select
SELECT e.id, e.document, e.message, e.batch, e.journal, e.state, e.code,
	e.note, e.original, e.released, e.changed, e.kind, e.number, e.date,
	e.seller_id, e.seller_name, e.buyer_id, e.currency, e.total, e.account,
	e.sequence, e.filename, e.formats, e.size, e.doc_offset, e.doc_length,
	e.arrived, e.msg_date, e.sender, e.header_from, e.subject, e.auth_user,
	e.client_addr, e.message_id, b.attempt, b.state, b.finished, e.format,
	e.opening_balance, e.closing_balance
FROM open_entry e
LEFT JOIN batch b ON b.id = e.batch
-- name: entry_is
e.id = $#
-- name: entry_journal
e.journal = $#
-- name: entry_any_journal
e.journal IN (SELECT journal FROM tally)
-- name: entry_one_state
e.state = $#
-- name: entry_states
e.state IN ($#, $#, $#, $#, $#, $#, $#)
-- name: entry_since
e.arrived >= $#
-- name: entry_until
e.arrived < $#
-- name: entry_document
e.document = $#
-- name: entry_message
e.message = $#
-- name: entry_batch
e.id IN (SELECT entry FROM batch_entry WHERE batch = $#)
-- name: entry_told
e.told IN (0, $#)
-- "+": else SQLite puts the key in place of the column in substr(), too, and
-- does not see that there is an index.
-- name: entry_file
substr(e.file_key, 1, 8) = substr($#, 1, 8) AND +e.file_key = $#
	AND e.journal = $#
-- name: entry_part
substr(e.part_key, 1, 8) = substr($#, 1, 8) AND +e.part_key = $#
	AND e.journal = $#
-- name: entry_facts
substr(e.facts_key, 1, 8) = substr($#, 1, 8) AND +e.facts_key = $#
	AND e.journal = $#
-- name: entry_sequence
substr(e.sequence_key, 1, 8) = substr($#, 1, 8) AND +e.sequence_key = $#
	AND e.journal = $#
-- name: entry_stands_open
e.stands = 0
-- name: entry_stands_gone
e.stands = 1
-- name: entry_copy
e.message = $# AND e.file_key = $# AND e.journal = $#
-- name: entry_naming
e.original = $#
-- name: entry_sender
e.sender = $# AND e.state IN (0, 1)
-- name: entry_by_arrival
ORDER BY e.arrived, e.id
-- name: entry_newest
ORDER BY e.id DESC
-- name: entry_oldest_first
ORDER BY e.id
-- name: entry_limit
LIMIT $#
-- name: entry_of_batch
JOIN batch_entry be ON be.entry = e.id WHERE be.batch = $# ORDER BY be.seq

-- name: entry_add
INSERT INTO entry (document, message, journal, state, code, note, original,
	changed, arrived, sender, file_key, part_key, facts_key, sequence_key,
	stands)
SELECT d.id, m.id, $2, $3, $4, $5, $6, $7, m.arrived, m.sender, d.file_key,
	d.part_key, d.facts_key, d.sequence_key,
	CASE WHEN $3 IN (0, 1) THEN 0 WHEN $3 IN (2, 3, 4) THEN 1 END
FROM document d JOIN message m ON m.id = d.message
WHERE d.id = $1 AND (m.pruned = 0 OR $3 > 1)
ON CONFLICT (document, journal) DO NOTHING
RETURNING id, message
-- name: entry_exists
SELECT id FROM entry WHERE document = $1 AND journal = $2
-- name: entry_brief
SELECT state, journal, code, batch FROM entry WHERE id = $1
-- name: entry_set
UPDATE entry SET state = $2, code = $3, note = $4, original = $5, batch = $6,
	released = released | $7, changed = $8, told = 0,
	stands = CASE WHEN $2 IN (0, 1) THEN 0 WHEN $2 IN (2, 3, 4) THEN 1 END
WHERE id = $1
-- name: entry_sending
UPDATE entry SET state = 3, batch = $2, changed = $3, told = 0, stands = 1
WHERE id = $1
-- "sending" before, so what counts is the same.
-- name: entry_sent
UPDATE entry SET state = 4, code = NULL, note = NULL, batch = $2, changed = $3,
	told = 0
WHERE id = $1
-- "sending" or "sent" before.
-- name: entry_settle
UPDATE entry SET state = $2, code = $3, note = $4, batch = $5, changed = $6,
	told = 0, stands = 0
WHERE id = $1
-- name: entry_oldest
SELECT arrived FROM open_entry WHERE journal = $1 AND state = $2
ORDER BY arrived LIMIT 1
-- name: entry_last_sent
SELECT finished FROM batch WHERE journal = $1 AND state = 2
ORDER BY finished DESC LIMIT 1
-- name: entry_tell
UPDATE entry SET told = $1 WHERE told = 0 AND journal = $2
-- name: entry_open_wrong
SELECT journal FROM (SELECT * FROM (SELECT * FROM entry_that_is_open
		EXCEPT SELECT * FROM open_entry)
	UNION ALL SELECT * FROM (SELECT * FROM open_entry
		EXCEPT SELECT * FROM entry_that_is_open))
LIMIT 1
