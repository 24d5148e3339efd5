-- Dropping message bytes. A row of prune_look is a message whose bytes are
-- kept, and whether everything in it was settled before $3.
-- name: prune_look
SELECT m.id, m.store_row, m.size, m.indexed = 1 AND m.arrived < $3
	AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.message = m.id
		AND (e.state IN (0, 1, 3) OR e.changed >= $3))
	AND NOT EXISTS (SELECT 1 FROM batch b JOIN report r ON r.id = b.report
		WHERE b.finished = 0 AND r.forward = m.id)
FROM message m WHERE m.store = $1 AND m.store_row > $2 AND m.pruned = 0
ORDER BY m.store_row LIMIT $4
-- name: prune_mark
UPDATE message SET pruned = $2 WHERE id = $1
-- name: prune_kept
SELECT 1 FROM message WHERE store = $1 AND pruned = 0 LIMIT 1
-- name: pruned_of_entry
SELECT m.pruned FROM entry e JOIN message m ON m.id = e.message
WHERE e.id = $1 AND m.pruned > 0
-- name: pruned_of_document
SELECT m.pruned FROM document d JOIN message m ON m.id = d.message
WHERE d.id = $1 AND m.pruned > 0
