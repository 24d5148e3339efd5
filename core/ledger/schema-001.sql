-- The facts, version 1. Times are microseconds, dates ISO 8601, NULL is "none".
-- Identifiers are never used again, hence AUTOINCREMENT. TEXT marked "raw" is
-- kept byte for byte and may not be UTF-8 (BYTEA in PostgreSQL).

CREATE TABLE meta (
	name TEXT PRIMARY KEY NOT NULL,
	value TEXT NOT NULL
) STRICT;

-- The files of message bytes: what stands before `swept` is known.
CREATE TABLE store (
	name TEXT PRIMARY KEY NOT NULL,
	swept INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- again: one that came before has the same Message-ID and body; noted as it
-- comes, when that page of the index is read anyway. pruned: when its bytes were
-- dropped, 0: they are kept.
CREATE TABLE message (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	arrived INTEGER NOT NULL,
	store TEXT NOT NULL,
	store_row INTEGER NOT NULL,
	size INTEGER NOT NULL,
	chunks INTEGER NOT NULL,
	origin TEXT NOT NULL,
	queue_id TEXT,
	sender TEXT, -- raw
	client_addr TEXT,
	client_name TEXT,
	helo TEXT,
	auth_user TEXT,
	tls TEXT,
	message_id TEXT, -- raw
	header_sha256 TEXT,
	body_sha256 TEXT,
	again INTEGER NOT NULL DEFAULT 0,
	indexed INTEGER NOT NULL DEFAULT 0,
	subject TEXT,
	header_from TEXT,
	date TEXT,
	same_as INTEGER REFERENCES message (id),
	return_batch INTEGER,
	return_attempt INTEGER,
	pruned INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Those whose bytes are kept: what was pruned costs nobody anything any more.
CREATE UNIQUE INDEX message_store ON message (store, store_row)
	WHERE pruned = 0;
-- Random, and written with each message: as short as may be.
CREATE INDEX message_same ON message (substr(body_sha256, 1, 16), message_id)
	WHERE message_id IS NOT NULL;
CREATE INDEX message_unindexed ON message (id) WHERE indexed = 0;
-- What came back to the return path of a batch, which may be unknown here.
CREATE INDEX message_return ON message (return_batch)
	WHERE return_batch IS NOT NULL;

CREATE TABLE recipient (
	message INTEGER NOT NULL REFERENCES message (id),
	seq INTEGER NOT NULL,
	address TEXT NOT NULL, -- raw
	normal TEXT NOT NULL, -- raw
	domain TEXT NOT NULL, -- raw
	PRIMARY KEY (message, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_normal ON recipient (normal, message);
CREATE INDEX recipient_domain ON recipient (domain, message);

-- filename, format, formats and size are those of its files, for lists. The
-- keys say what other documents are the same, however they are written.
CREATE TABLE document (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	message INTEGER NOT NULL REFERENCES message (id),
	kind INTEGER NOT NULL,
	number TEXT,
	date TEXT,
	seller_id TEXT,
	seller_name TEXT,
	buyer_id TEXT,
	buyer_name TEXT,
	currency TEXT,
	total TEXT,
	payment_reference TEXT,
	account TEXT,
	sequence TEXT,
	opening_balance TEXT,
	closing_balance TEXT,
	period_from TEXT,
	period_to TEXT,
	lines INTEGER NOT NULL,
	doc_offset INTEGER NOT NULL,
	doc_length INTEGER NOT NULL,
	filename TEXT,
	formats INTEGER NOT NULL,
	size INTEGER NOT NULL,
	format TEXT,
	file_key TEXT,
	part_key TEXT,
	facts_key TEXT,
	sequence_key TEXT,
	page TEXT,
	problem TEXT
) STRICT;
CREATE INDEX document_message ON document (message);

-- A file of a document, or one that was ignored (document NULL) with reason.
CREATE TABLE file (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	message INTEGER NOT NULL REFERENCES message (id),
	document INTEGER REFERENCES document (id),
	seq INTEGER NOT NULL,
	filename TEXT,
	media_type TEXT,
	format TEXT,
	size INTEGER NOT NULL,
	sha256 TEXT,
	reason TEXT,
	spot INTEGER NOT NULL DEFAULT 0,
	spot_length INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX file_document ON file (document, seq)
	WHERE document IS NOT NULL;
CREATE INDEX file_ignored ON file (message, id) WHERE document IS NULL;

CREATE TABLE run (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	started INTEGER NOT NULL,
	ended INTEGER NOT NULL DEFAULT 0,
	config TEXT NOT NULL,
	now INTEGER NOT NULL,
	who TEXT NOT NULL,
	messages INTEGER NOT NULL DEFAULT 0,
	documents INTEGER NOT NULL DEFAULT 0,
	sent INTEGER NOT NULL DEFAULT 0,
	mails INTEGER NOT NULL DEFAULT 0,
	problems INTEGER NOT NULL DEFAULT 0
) STRICT;

-- forward: it passes on this message, an answer to a batch.
CREATE TABLE report (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	run INTEGER REFERENCES run (id),
	forward INTEGER REFERENCES message (id),
	batch INTEGER,
	address TEXT,
	subject TEXT,
	text TEXT,
	html TEXT
) STRICT;
CREATE INDEX report_run ON report (run);

-- The CSV of a report: whole lines of it, some 64 KB in each piece.
CREATE TABLE report_csv (
	id INTEGER PRIMARY KEY,
	report INTEGER NOT NULL REFERENCES report (id),
	lines TEXT NOT NULL
) STRICT;
CREATE INDEX report_csv_report ON report_csv (report);

-- told: the run whose report told it, 0 for none yet (here, in entry and in
-- problem). attempt is the number of the last one. adopted: when it turned out
-- that it has a history that is not in this ledger (put back from a backup).
CREATE TABLE batch (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	run INTEGER REFERENCES run (id),
	report INTEGER REFERENCES report (id),
	journal TEXT NOT NULL,
	message_id TEXT, -- raw
	deliver_to TEXT,
	sender TEXT,
	state INTEGER NOT NULL,
	zip INTEGER NOT NULL,
	zip_name TEXT,
	documents INTEGER NOT NULL,
	created INTEGER NOT NULL,
	finished INTEGER NOT NULL DEFAULT 0,
	attempt INTEGER NOT NULL DEFAULT 0,
	maybe_twice INTEGER NOT NULL DEFAULT 0,
	told INTEGER NOT NULL DEFAULT 0,
	adopted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX batch_unfinished ON batch (id) WHERE finished = 0;
-- E-mails with reports are told in none, for ever.
CREATE INDEX batch_told ON batch (told, id)
	WHERE finished > 0 AND report IS NULL;
CREATE INDEX batch_journal ON batch (journal, state, finished);

CREATE TABLE attempt (
	batch INTEGER NOT NULL REFERENCES batch (id),
	number INTEGER NOT NULL,
	state INTEGER NOT NULL,
	started INTEGER NOT NULL,
	offered INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0,
	queue_id TEXT,
	reply TEXT,
	mta_id TEXT,
	size INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (batch, number)
) STRICT, WITHOUT ROWID;
-- The newest e-mail that was sent: did it pass the daemon?
CREATE INDEX attempt_sent ON attempt (ended, batch) WHERE state = 2;

-- What a returned message says of one recipient of an attempt.
CREATE TABLE notice (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	message INTEGER NOT NULL REFERENCES message (id),
	batch INTEGER NOT NULL REFERENCES batch (id),
	attempt INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	at INTEGER NOT NULL,
	recipient TEXT,
	remote TEXT,
	words TEXT,
	told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX notice_batch ON notice (batch, id);
CREATE INDEX notice_told ON notice (told, id);

-- arrived, message and sender are the message's, the keys the document's, for
-- the indexes. stands: what counts for documents that come later: 0 open, 1
-- sent or archived, NULL: gone nowhere. It is written only when it becomes
-- another one, so that a change of state leaves the indexes of keys alone.
CREATE TABLE entry (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	document INTEGER NOT NULL REFERENCES document (id),
	message INTEGER NOT NULL REFERENCES message (id),
	batch INTEGER REFERENCES batch (id),
	journal TEXT NOT NULL,
	state INTEGER NOT NULL,
	code TEXT,
	note TEXT,
	original INTEGER REFERENCES entry (id),
	released INTEGER NOT NULL DEFAULT 0,
	changed INTEGER NOT NULL,
	arrived INTEGER NOT NULL,
	sender TEXT, -- raw
	told INTEGER NOT NULL DEFAULT 0,
	file_key TEXT,
	part_key TEXT,
	facts_key TEXT,
	sequence_key TEXT,
	stands INTEGER CHECK (stands IS CASE WHEN state IN (0, 1) THEN 0
		WHEN state IN (2, 3, 4) THEN 1 END)
) STRICT;
CREATE UNIQUE INDEX entry_document ON entry (document, journal);
CREATE INDEX entry_message ON entry (message, file_key);
-- Keys are random: in an index of ten years each has a page for itself. So what
-- is open has indexes of its own, which stay small, and a key goes into the
-- large one once, when its document leaves. Its first 8 digits do: who looks for
-- it compares all of it.
CREATE INDEX entry_file_open ON entry (substr(file_key, 1, 8))
	WHERE file_key IS NOT NULL AND stands = 0;
CREATE INDEX entry_file_gone ON entry (substr(file_key, 1, 8))
	WHERE file_key IS NOT NULL AND stands = 1;
CREATE INDEX entry_part_open ON entry (substr(part_key, 1, 8))
	WHERE part_key IS NOT NULL AND stands = 0;
CREATE INDEX entry_part_gone ON entry (substr(part_key, 1, 8))
	WHERE part_key IS NOT NULL AND stands = 1;
CREATE INDEX entry_facts_open ON entry (substr(facts_key, 1, 8))
	WHERE facts_key IS NOT NULL AND stands = 0;
CREATE INDEX entry_facts_gone ON entry (substr(facts_key, 1, 8))
	WHERE facts_key IS NOT NULL AND stands = 1;
CREATE INDEX entry_sequence_open ON entry (substr(sequence_key, 1, 8))
	WHERE sequence_key IS NOT NULL AND stands = 0;
CREATE INDEX entry_sequence_gone ON entry (substr(sequence_key, 1, 8))
	WHERE sequence_key IS NOT NULL AND stands = 1;
CREATE INDEX entry_original ON entry (original) WHERE original IS NOT NULL;
CREATE INDEX entry_state ON entry (journal, state, arrived, id);
CREATE INDEX entry_arrived ON entry (arrived, id);
CREATE INDEX entry_told ON entry (told, journal, state);
CREATE INDEX entry_sender ON entry (journal, sender) WHERE state IN (0, 1);

-- What is open (waiting, held), whole: who decides on it, or shows it, reads it
-- in one piece and not from pages all over the years. entry_that_is_open is
-- what has to stand in it; entry_opened and entry_moved see to that. What it has
-- of message and document does not change once they have entries.
CREATE TABLE open_entry (
	journal TEXT NOT NULL,
	arrived INTEGER NOT NULL,
	id INTEGER NOT NULL REFERENCES entry (id),
	document INTEGER NOT NULL,
	message INTEGER NOT NULL,
	batch INTEGER,
	state INTEGER NOT NULL,
	code TEXT,
	note TEXT,
	original INTEGER,
	released INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	number TEXT,
	date TEXT,
	seller_id TEXT,
	seller_name TEXT,
	buyer_id TEXT,
	currency TEXT,
	total TEXT,
	account TEXT,
	sequence TEXT,
	filename TEXT,
	formats INTEGER NOT NULL,
	size INTEGER NOT NULL,
	doc_offset INTEGER NOT NULL,
	doc_length INTEGER NOT NULL,
	format TEXT,
	opening_balance TEXT,
	closing_balance TEXT,
	msg_date TEXT,
	sender TEXT, -- raw
	header_from TEXT,
	subject TEXT,
	auth_user TEXT,
	client_addr TEXT,
	message_id TEXT, -- raw
	PRIMARY KEY (journal, arrived, id)
) STRICT, WITHOUT ROWID;
CREATE VIEW entry_that_is_open AS
SELECT e.journal, e.arrived, e.id, e.document, e.message, e.batch, e.state,
	e.code, e.note, e.original, e.released, e.changed, d.kind, d.number,
	d.date, d.seller_id, d.seller_name, d.buyer_id, d.currency, d.total,
	d.account, d.sequence, d.filename, d.formats, d.size, d.doc_offset,
	d.doc_length, d.format, d.opening_balance, d.closing_balance,
	m.date AS msg_date, m.sender, m.header_from, m.subject, m.auth_user,
	m.client_addr, m.message_id
FROM entry e
JOIN document d ON d.id = e.document
JOIN message m ON m.id = e.message
WHERE e.state IN (0, 1);
CREATE TRIGGER entry_opened AFTER INSERT ON entry
WHEN NEW.state IN (0, 1)
BEGIN
	INSERT INTO open_entry
	SELECT * FROM entry_that_is_open WHERE id = NEW.id;
END;
CREATE TRIGGER entry_moved
AFTER UPDATE OF state, code, note, original, released, changed, batch ON entry
WHEN OLD.state IN (0, 1) OR NEW.state IN (0, 1)
BEGIN
	DELETE FROM open_entry
	WHERE journal = OLD.journal AND arrived = OLD.arrived AND id = OLD.id;
	INSERT INTO open_entry
	SELECT * FROM entry_that_is_open WHERE id = NEW.id;
END;

-- Entries of bank statements by account and currency ("chain") and day, with
-- what they are shown by and what their neighbours are compared with: it is the
-- entry's and the document's, so that a chain is read in one piece.
CREATE TABLE statement (
	journal TEXT NOT NULL,
	chain TEXT NOT NULL,
	day TEXT NOT NULL,
	entry INTEGER NOT NULL REFERENCES entry (id),
	state INTEGER NOT NULL,
	arrived INTEGER NOT NULL,
	released INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	code TEXT,
	account TEXT NOT NULL,
	currency TEXT,
	sequence TEXT,
	opening_balance TEXT,
	closing_balance TEXT,
	period_from TEXT,
	format TEXT,
	PRIMARY KEY (journal, chain, day, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_entry ON statement (entry);
CREATE TRIGGER entry_statement AFTER UPDATE OF state, released, code ON entry
WHEN NEW.state <> OLD.state OR NEW.released <> OLD.released
	OR NEW.code IS DISTINCT FROM OLD.code
BEGIN
	UPDATE statement SET state = NEW.state, released = NEW.released,
		changed = NEW.changed, code = NEW.code
	WHERE entry = NEW.id;
END;

-- The newest statement of each chain, by its day (and number), in whatever state
-- but duplicate or superseded, as its line says. learnt: how often the account
-- speaks, in the words of a run, until another statement of it counts.
CREATE TABLE account (
	journal TEXT NOT NULL,
	chain TEXT NOT NULL,
	day TEXT NOT NULL,
	entry INTEGER NOT NULL REFERENCES entry (id),
	state INTEGER NOT NULL,
	arrived INTEGER NOT NULL,
	released INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	code TEXT,
	account TEXT NOT NULL,
	currency TEXT,
	sequence TEXT,
	opening_balance TEXT,
	closing_balance TEXT,
	period_from TEXT,
	format TEXT,
	learnt TEXT,
	PRIMARY KEY (journal, chain)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER statement_came AFTER INSERT ON statement
WHEN NEW.state NOT IN (5, 6)
BEGIN
	DELETE FROM account WHERE journal = NEW.journal AND chain = NEW.chain;
	INSERT INTO account
	SELECT *, NULL FROM statement
	WHERE journal = NEW.journal AND chain = NEW.chain
		AND state NOT IN (5, 6)
	ORDER BY day DESC, coalesce(length(sequence), 0) DESC,
		coalesce(sequence, '') DESC, entry DESC LIMIT 1;
END;
CREATE TRIGGER statement_moved AFTER UPDATE ON statement
WHEN NEW.state NOT IN (5, 6) AND OLD.state NOT IN (5, 6)
BEGIN
	UPDATE account SET state = NEW.state, released = NEW.released,
		changed = NEW.changed, code = NEW.code
	WHERE journal = NEW.journal AND chain = NEW.chain AND entry = NEW.entry;
END;
CREATE TRIGGER statement_counts AFTER UPDATE ON statement
WHEN (NEW.state IN (5, 6)) <> (OLD.state IN (5, 6))
BEGIN
	DELETE FROM account WHERE journal = NEW.journal AND chain = NEW.chain;
	INSERT INTO account
	SELECT *, NULL FROM statement
	WHERE journal = NEW.journal AND chain = NEW.chain
		AND state NOT IN (5, 6)
	ORDER BY day DESC, coalesce(length(sequence), 0) DESC,
		coalesce(sequence, '') DESC, entry DESC LIMIT 1;
END;

-- The documents of a batch in their order, also after entry.batch moved on.
CREATE TABLE batch_entry (
	batch INTEGER NOT NULL REFERENCES batch (id),
	seq INTEGER NOT NULL,
	entry INTEGER NOT NULL REFERENCES entry (id),
	PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_entry_entry ON batch_entry (entry, batch);

-- Documents of adopted batches that this ledger does not have, by the first
-- digits of their file_key: should they come again, they were sent already.
CREATE TABLE carried (
	batch INTEGER NOT NULL REFERENCES batch (id),
	seq INTEGER NOT NULL,
	journal TEXT NOT NULL,
	key TEXT NOT NULL,
	PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX carried_key ON carried (key, journal);

-- The files of a batch that goes into folders, with their final names, from
-- before the first of them is there. entry NULL: of several (a ZIP).
CREATE TABLE written (
	batch INTEGER NOT NULL REFERENCES batch (id),
	seq INTEGER NOT NULL,
	entry INTEGER REFERENCES entry (id),
	path TEXT NOT NULL, -- raw
	size INTEGER NOT NULL,
	PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX written_entry ON written (entry, batch) WHERE entry IS NOT NULL;

-- How many entries a journal has in a state, with and without a code: kept
-- with every change, so that nobody has to count ten million rows.
CREATE TABLE tally (
	journal TEXT NOT NULL,
	state INTEGER NOT NULL,
	coded INTEGER NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (journal, state, coded)
) STRICT, WITHOUT ROWID;

CREATE TABLE standing (
	journal TEXT PRIMARY KEY NOT NULL,
	enabled INTEGER NOT NULL,
	start_date TEXT,
	rules TEXT,
	activated INTEGER NOT NULL,
	activating INTEGER NOT NULL,
	served INTEGER NOT NULL,
	expires TEXT,
	reminded INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE problem (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	message INTEGER REFERENCES message (id),
	document INTEGER REFERENCES document (id),
	entry INTEGER REFERENCES entry (id),
	batch INTEGER REFERENCES batch (id),
	journal TEXT,
	code TEXT NOT NULL,
	filename TEXT,
	text TEXT,
	told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX problem_told ON problem (told, id);
CREATE INDEX problem_message ON problem (message) WHERE message IS NOT NULL;
CREATE INDEX problem_entry ON problem (entry, code) WHERE entry IS NOT NULL;
CREATE INDEX problem_batch ON problem (batch) WHERE batch IS NOT NULL;
-- Accounts without a journal: shown as long as nobody takes them.
CREATE INDEX problem_account ON problem (document) WHERE code = 'PL-203';

-- The history. No references: nothing may ever have to touch a line again.
CREATE TABLE event (
	id INTEGER PRIMARY KEY NOT NULL,
	at INTEGER NOT NULL,
	who TEXT NOT NULL,
	what TEXT NOT NULL,
	reason TEXT,
	journal TEXT,
	message INTEGER,
	document INTEGER,
	entry INTEGER,
	batch INTEGER,
	run INTEGER,
	detail TEXT,
	previous TEXT NOT NULL,
	hash TEXT NOT NULL
) STRICT;
CREATE INDEX event_message ON event (message) WHERE message IS NOT NULL;
CREATE INDEX event_document ON event (document) WHERE document IS NOT NULL;
CREATE INDEX event_entry ON event (entry) WHERE entry IS NOT NULL;
CREATE INDEX event_batch ON event (batch) WHERE batch IS NOT NULL;
CREATE TRIGGER event_update BEFORE UPDATE ON event
BEGIN
	SELECT RAISE(ABORT, 'events are never changed');
END;
CREATE TRIGGER event_delete BEFORE DELETE ON event
BEGIN
	SELECT RAISE(ABORT, 'events are never removed');
END;

-- Where the chain ends, apart from the chain: shows when its end was cut off.
CREATE TABLE chain (
	one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
	events INTEGER NOT NULL,
	head TEXT NOT NULL
) STRICT;
INSERT INTO chain (one, events, head) VALUES (1, 0,
	'0000000000000000000000000000000000000000000000000000000000000000');
