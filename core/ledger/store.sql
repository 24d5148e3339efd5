-- Statements on the monthly files.
-- name: store_last
SELECT coalesce(max(id), 0) FROM message
-- name: store_create
INSERT INTO message (id, arrived, size, chunks, sealed)
VALUES ($1, $2, 0, 0, 0)
-- name: store_append
INSERT INTO chunk (id, bytes) VALUES ($1, $2)
-- name: store_coming
SELECT id FROM message WHERE id = $1 AND sealed = 0
-- name: store_chunks
SELECT count(*) FROM chunk WHERE id >= $1 AND id < $2
-- name: store_seal
UPDATE message SET size = $2, chunks = $3, sealed = 1
WHERE id = $1 AND sealed = 0
-- name: store_drop
UPDATE message SET size = 0, chunks = 0, sealed = -1 WHERE id = $1
-- name: store_drop_chunks
DELETE FROM chunk WHERE id >= $1 AND id < $2
-- name: store_chunk
SELECT bytes FROM chunk WHERE id = $1
-- name: store_end
INSERT INTO message (id, arrived, size, chunks, sealed)
VALUES ($1, 0, 0, 0, -1) ON CONFLICT (id) DO NOTHING
-- name: store_opened
SELECT count(*) FROM message WHERE sealed = 0
-- name: store_rows
SELECT id, sealed, size, chunks FROM message WHERE sealed >= 0 ORDER BY id
