-- name: batch_select
SELECT b.id, b.run, b.report, b.journal, b.message_id, b.deliver_to, b.sender,
	b.state, b.zip, b.zip_name, b.documents, b.created, b.finished,
	b.attempt, b.maybe_twice, a.state, a.offered, a.queue_id, a.reply,
	a.mta_id, a.size, r.forward, b.adopted
FROM batch b LEFT JOIN attempt a ON a.batch = b.id AND a.number = b.attempt
	LEFT JOIN report r ON r.id = b.report
-- name: batch_get after batch_select
WHERE b.id = $1
-- name: batch_unfinished after batch_select
WHERE b.finished = 0 ORDER BY b.id
-- name: batch_untold after batch_select
WHERE b.told = 0 AND b.finished > 0 AND b.report IS NULL AND b.state <> 5
ORDER BY b.id
-- name: batch_add
INSERT INTO batch (run, report, journal, message_id, deliver_to, sender, state,
	zip, zip_name, documents, created)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)
RETURNING id
-- name: batch_name
UPDATE batch SET message_id = $2 WHERE id = $1
-- name: batch_entry_add
INSERT INTO batch_entry (batch, seq, entry) VALUES ($1, $2, $3)
-- name: batch_entry_of
SELECT entry FROM batch_entry WHERE batch = $1 ORDER BY seq
-- name: batch_attempt
UPDATE batch SET state = 1, attempt = $2, maybe_twice = maybe_twice | $3
WHERE id = $1
-- name: batch_state
UPDATE batch SET state = $2, finished = $3, told = 0 WHERE id = $1
-- name: batch_tell
UPDATE batch SET told = $1
WHERE told = 0 AND finished > 0 AND report IS NULL AND journal = $2
-- name: attempt_add
INSERT INTO attempt (batch, number, state, started) VALUES ($1, $2, 0, $3)
-- name: attempt_state
UPDATE attempt SET state = $3, ended = $4 WHERE batch = $1 AND number = $2
-- name: attempt_offer
UPDATE attempt SET state = 1, offered = $3, queue_id = $4
WHERE batch = $1 AND number = $2
-- name: attempt_answer
UPDATE attempt SET state = $3, ended = $4, reply = $5, mta_id = $6, size = $7
WHERE batch = $1 AND number = $2
-- name: attempt_at_large
SELECT coalesce(max(a.number), 0) FROM attempt a JOIN batch b ON b.id = a.batch
WHERE a.batch = $1 AND CASE
	WHEN a.offered > 0 THEN a.state IN (1, 6)
	WHEN b.deliver_to LIKE 'dir:%' THEN a.state < 0
	ELSE a.state IN (0, 6) AND NOT coalesce((
		SELECT p.offered > 0 FROM attempt p JOIN batch e ON e.id = p.batch
		WHERE p.state = 2 AND p.ended <= a.started
			AND coalesce(e.deliver_to, '') NOT LIKE 'dir:%'
		ORDER BY p.ended DESC, p.batch DESC LIMIT 1), 0)
	END
-- name: batch_adopt
INSERT INTO batch (id, journal, message_id, deliver_to, sender, state, zip,
	documents, created, adopted)
VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $7)
-- name: batch_adopted
UPDATE batch SET finished = 0, adopted = $2 WHERE id = $1
-- name: batch_restored
UPDATE batch SET adopted = $1 WHERE finished = 0 AND report IS NULL
-- name: carried_add
INSERT INTO carried (batch, seq, journal, key) VALUES ($1, $2, $3, $4)
-- name: carried_by
SELECT batch, seq FROM carried WHERE key = $1 AND journal = $2
ORDER BY batch DESC LIMIT 1
-- name: carried_of
SELECT count(*) FROM carried WHERE batch = $1
-- name: carried_drop
DELETE FROM carried WHERE batch = $1 AND seq = $2
-- name: carried_entry
SELECT id FROM entry
WHERE id = $1 AND journal = $2 AND coalesce(substr(file_key, 1, 16), '-') = $3
-- name: carried_same
SELECT coalesce(
	(SELECT id FROM entry
		WHERE substr(file_key, 1, 8) = substr($1, 1, 8)
			AND substr(file_key, 1, 16) = $1 AND journal = $2
			AND stands = 1
		ORDER BY id LIMIT 1),
	(SELECT id FROM entry
		WHERE substr(file_key, 1, 8) = substr($1, 1, 8)
			AND substr(file_key, 1, 16) = $1 AND journal = $2
			AND stands = 0
		ORDER BY id LIMIT 1))
-- name: written_clear
DELETE FROM written WHERE batch = $1
-- name: written_add
INSERT INTO written (batch, seq, entry, path, size) VALUES ($1, $2, $3, $4, $5)
-- name: written_of
SELECT entry, path, size FROM written WHERE batch = $1 ORDER BY seq
-- name: written_for
SELECT w.path FROM batch_entry be JOIN batch b ON b.id = be.batch
	JOIN written w ON w.batch = be.batch
WHERE be.entry = $1 AND b.state IN (1, 2)
	AND (w.entry = $1 OR w.entry IS NULL)
ORDER BY w.batch, w.seq
