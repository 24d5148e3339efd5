-- name: document_add
INSERT INTO document (message, kind, number, date, seller_id, seller_name,
	buyer_id, buyer_name, currency, total, payment_reference, account,
	sequence, opening_balance, closing_balance, period_from, period_to,
	lines, doc_offset, doc_length, filename, formats, size,
	format, file_key, part_key, facts_key, sequence_key, page, problem)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
	$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
RETURNING id
-- name: document_get
SELECT id, message, kind, number, date, seller_id, seller_name, buyer_id,
	buyer_name, currency, total, payment_reference, account, sequence,
	opening_balance, closing_balance, period_from, period_to, lines,
	doc_offset, doc_length, page, problem
FROM document WHERE id = $1
-- name: document_of
SELECT id FROM document WHERE message = $1 ORDER BY id
-- name: file_add
INSERT INTO file (message, document, seq, filename, media_type, format, size,
	sha256, reason, spot, spot_length)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING id
-- name: file_of
SELECT id, filename, media_type, format, size, sha256, reason, spot,
	spot_length
FROM file WHERE document = $1 ORDER BY seq
-- name: file_ignored
SELECT id, filename, media_type, format, size, sha256, reason, spot,
	spot_length
FROM file WHERE message = $1 AND document IS NULL ORDER BY id
-- name: file_hashes
SELECT sha256 FROM file WHERE document = $1 AND sha256 IS NOT NULL ORDER BY seq
