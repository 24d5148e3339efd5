-- name: stale_count
SELECT count(*) FROM event WHERE batch = $1 AND what = 'stale'
-- name: forged_count
SELECT count(*) FROM event WHERE batch = $1 AND what = 'forged'
-- name: return_count
SELECT count(*) FROM message WHERE return_batch = $1
-- name: return_unread
SELECT id FROM message WHERE indexed = 0 AND return_batch IS NOT NULL
ORDER BY id LIMIT $1
-- name: return_suspects
SELECT id FROM message WHERE indexed = 0 AND return_batch IS NULL
	AND sender = '' AND id > $1
ORDER BY id LIMIT $2
-- name: return_mark
UPDATE message SET return_batch = $2, return_attempt = $3
WHERE id = $1 AND indexed = 0
-- name: return_attempts
SELECT state FROM attempt WHERE batch = $1 AND number = $2
-- name: notice_add
INSERT INTO notice (message, batch, attempt, kind, at, recipient, remote, words)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id
-- name: notice_select
SELECT n.id, n.message, n.batch, n.attempt, n.kind, n.at, n.recipient,
	n.remote, n.words, b.journal
FROM notice n JOIN batch b ON b.id = n.batch
-- name: notice_of after notice_select
WHERE n.batch = $1 ORDER BY n.id
-- name: notice_untold after notice_select
WHERE n.told = 0 ORDER BY n.id
-- name: notice_tell
UPDATE notice SET told = $1
WHERE told = 0 AND batch IN (SELECT id FROM batch WHERE journal = $2)
-- name: notice_delivered
SELECT id FROM notice WHERE batch = $1 AND attempt <> $2 AND kind = 2 LIMIT 1
