-- name: run_add
INSERT INTO run (started, config, now, who) VALUES ($1, $2, $3, $4)
RETURNING id
-- name: run_config
SELECT config FROM run ORDER BY id DESC LIMIT 1
-- name: run_end
UPDATE run SET ended = $2, messages = $3, documents = $4, sent = $5,
	mails = $6, problems = $7
WHERE id = $1
-- name: run_get
SELECT id, started, ended, config, now, who, messages, documents, sent, mails,
	problems
FROM run WHERE id = $1
-- name: run_last
SELECT max(id) FROM run

-- name: report_add
INSERT INTO report (run, batch, address, subject, text, html, forward)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id
-- name: report_batch
UPDATE report SET batch = $2 WHERE id = $1
-- name: report_get
SELECT id, run, address, subject, text, html, batch, forward
FROM report WHERE id = $1
-- name: report_of
SELECT id, run, address, subject, text, html, batch, forward
FROM report WHERE run = $1 AND forward IS NULL ORDER BY id
-- name: report_csv_add
INSERT INTO report_csv (report, lines) VALUES ($1, $2)
-- name: report_csv
SELECT lines FROM report_csv WHERE report = $1 ORDER BY id
-- name: report_newest
SELECT max(run) FROM report WHERE forward IS NULL

-- name: problem_add
INSERT INTO problem (at, message, document, entry, batch, journal, code,
	filename, text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id
-- name: problem_select
SELECT p.id, p.at, p.message, p.document, p.entry, p.batch, p.journal, p.code,
	p.filename, p.text, m.sender, m.header_from, m.subject, m.date,
	m.message_id
FROM problem p LEFT JOIN message m ON m.id = p.message
-- name: problem_untold after problem_select
WHERE p.told IN (0, $1) ORDER BY p.id
-- name: problem_of after problem_select
WHERE p.message = $1 ORDER BY p.id
-- name: problem_exists
SELECT count(*) FROM problem WHERE entry = $1 AND code = $2
-- name: problem_waits_of_entry
SELECT count(*) FROM problem
WHERE entry = $1 AND code = $2 AND told = 0 AND coalesce(text, '') = $3
-- name: problem_waits_of_batch
SELECT count(*) FROM problem
WHERE batch = $1 AND code = $2 AND told = 0 AND coalesce(text, '') = $3
-- name: problem_tell
UPDATE problem SET told = $1 WHERE told = 0 AND journal = $2
-- name: problem_tell_none
UPDATE problem SET told = $1 WHERE told = 0 AND (journal IS NULL
	OR journal = '')
