-- What is noted of the monthly files: up to where nothing is left to be looked
-- at.
-- name: store_noted
SELECT swept FROM store WHERE name = $1
-- name: store_note
INSERT INTO store (name, swept) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET swept = excluded.swept
-- name: store_forget
DELETE FROM store WHERE name = $1
