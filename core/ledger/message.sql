-- name: message_add
INSERT INTO message (arrived, store, store_row, size, chunks, origin, queue_id,
	sender, client_addr, client_name, helo, auth_user, tls, message_id,
	header_sha256, body_sha256, return_batch, return_attempt, again)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
	$17, $18, $19)
RETURNING id
-- name: recipient_add
INSERT INTO recipient (message, seq, address, normal, domain)
VALUES ($1, $2, $3, $4, $5)
-- name: message_last
SELECT coalesce(max(id), 0) FROM message
-- name: message_get
SELECT id, arrived, store, store_row, size, chunks, origin, queue_id, sender,
	client_addr, client_name, helo, auth_user, tls, message_id,
	header_sha256, body_sha256, indexed, subject, header_from, date,
	same_as, return_batch, return_attempt, pruned, again
FROM message WHERE id = $1
-- name: message_place
SELECT store, store_row, size, chunks, pruned FROM message WHERE id = $1
-- name: message_at
SELECT arrived, sender FROM message WHERE id = $1
-- name: recipient_of
SELECT address FROM recipient WHERE message = $1 ORDER BY seq
-- name: message_unindexed
SELECT id FROM message
WHERE indexed = 0 AND return_batch IS NULL AND id > $1
ORDER BY id LIMIT $2
-- name: message_before
SELECT id FROM message
WHERE substr(body_sha256, 1, 16) = substr($2, 1, 16) AND message_id = $1
	AND +body_sha256 = $2
ORDER BY id LIMIT 1
-- name: message_again_wrong
SELECT m.id FROM message m
WHERE m.again <> EXISTS (SELECT 1 FROM message b
	WHERE substr(b.body_sha256, 1, 16) = substr(m.body_sha256, 1, 16)
		AND b.message_id = m.message_id
		AND +b.body_sha256 = m.body_sha256 AND b.id < m.id)
LIMIT 1
-- name: message_same
SELECT m.id FROM message m
WHERE substr(m.body_sha256, 1, 16) = substr($2, 1, 16) AND m.message_id = $1
	AND +m.body_sha256 = $2 AND m.id < $3
	AND EXISTS (SELECT 1 FROM recipient r
		WHERE r.message = m.id AND r.normal = $4)
ORDER BY m.id LIMIT 1
-- Without same_as: where a line refers to its own table, SQLite writes all of
-- the table's indexes anew.
-- name: message_indexed
UPDATE message SET indexed = 1, subject = $2, header_from = $3, date = $4
WHERE id = $1
-- name: message_copy
UPDATE message SET same_as = $2 WHERE id = $1
-- name: message_untaken
SELECT DISTINCT r.message FROM recipient r
WHERE r.normal = $1 AND r.message > $2
	AND EXISTS (SELECT 1 FROM document d WHERE d.message = r.message
		AND NOT EXISTS (SELECT 1 FROM entry e
			WHERE e.document = d.id AND e.journal = $4))
	AND EXISTS (SELECT 1 FROM message m
		WHERE m.id = r.message AND m.pruned = 0)
ORDER BY r.message LIMIT $3
-- name: message_untaken_of_domain
SELECT DISTINCT r.message FROM recipient r
WHERE r.domain = $1 AND r.message > $2
	AND EXISTS (SELECT 1 FROM document d WHERE d.message = r.message
		AND NOT EXISTS (SELECT 1 FROM entry e
			WHERE e.document = d.id AND e.journal = $4))
	AND EXISTS (SELECT 1 FROM message m
		WHERE m.id = r.message AND m.pruned = 0)
ORDER BY r.message LIMIT $3
-- "+ 0": by the range of addresses, which are few, and then in order; not by
-- all messages in order.
-- name: message_untaken_extended
SELECT DISTINCT r.message FROM recipient r
WHERE r.normal >= $1 AND r.normal < $5 AND r.message + 0 > $2
	AND EXISTS (SELECT 1 FROM document d WHERE d.message = r.message
		AND NOT EXISTS (SELECT 1 FROM entry e
			WHERE e.document = d.id AND e.journal = $4))
	AND EXISTS (SELECT 1 FROM message m
		WHERE m.id = r.message AND m.pruned = 0)
ORDER BY r.message + 0 LIMIT $3
-- name: message_rows
SELECT store_row, size, chunks FROM message
WHERE store = $1 AND store_row >= $2 AND pruned = 0 ORDER BY store_row
-- Those from $2 on whose bytes were dropped. No index has them: they came in
-- after the last one before $2 that is kept.
-- name: message_dropped
SELECT store_row FROM message
WHERE id > coalesce((SELECT k.id FROM message k
		WHERE (k.store, k.store_row) < ($1, $2) AND k.pruned = 0
		ORDER BY k.store DESC, k.store_row DESC LIMIT 1), 0)
	AND store = $1 AND store_row >= $2 AND pruned > 0
ORDER BY store_row
-- name: message_last_row
SELECT store_row FROM message WHERE store = $1 AND pruned = 0
ORDER BY store_row DESC LIMIT 1
-- name: message_stores
SELECT DISTINCT store FROM message WHERE pruned = 0 ORDER BY store
