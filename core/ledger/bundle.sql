-- name: bundle_messages
SELECT id, arrived, origin, queue_id, sender, message_id, size, header_sha256,
	body_sha256
FROM message ORDER BY id
-- name: bundle_documents
SELECT e.id, e.journal, e.state, e.code, e.batch, e.message, d.kind, d.number,
	d.date, d.seller_id, d.currency, d.total, d.account, d.sequence,
	d.doc_offset, d.doc_length, f.filename, f.size, f.sha256
FROM entry e
JOIN document d ON d.id = e.document
JOIN file f ON f.document = d.id
ORDER BY e.id, f.seq
-- name: bundle_batches
SELECT b.id, b.journal, b.message_id, b.deliver_to, b.state, a.number, a.state,
	a.started, a.ended, a.queue_id, a.mta_id, a.reply
FROM batch b LEFT JOIN attempt a ON a.batch = b.id
ORDER BY b.id, a.number
-- name: bundle_batch_entries
SELECT batch, seq, entry FROM batch_entry ORDER BY batch, seq
