-- What was captured, with the hashes as facts and as the history has them.
-- name: message_hashes
SELECT m.id, m.store_row, m.header_sha256, m.body_sha256, e.detail
FROM message m LEFT JOIN event e ON e.message = m.id
	AND e.what IN ('captured', 'returned')
WHERE m.store = $1 AND m.pruned = 0 ORDER BY m.store_row
