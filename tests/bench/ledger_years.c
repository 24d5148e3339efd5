/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_years - writes the ledger of a gateway that ran for ten years
 *
 * Twenty journals: sixteen of invoices, four of the statements of 200 accounts.
 * Each message has its documents, goes to one journal and left in one e-mail;
 * one in fifty is a duplicate, some are held, superseded or archived. The
 * events are those that the real way would have written, so that "audit
 * verify" and "check" pass. Rows are written by statements of its own, without
 * indexes, log or sync: the ledger's own calls would take hours. The indexes,
 * as the schema has them, are built at the end.
 *
 *   ledger_years FOLDER [ENTRIES [MESSAGES [END [DAYS [KB]]]]]
 *
 * END: seconds since the epoch. KB: so large are the messages of the first two
 * months; the others are as small as may be.
 */
#include "years.h"

struct mail {
	gint64 id, arrived, run, sent;
	unsigned journal; /* from 0 */
	char name[16], domain[32], queue[16], message_id[48], from[48];
	char day[11];
	gboolean statements;
};

static void
close_store(struct years *y)
{
	if (y->store != NULL)
		g_hash_table_remove(y->l->writers, y->store->name);
	y->store = NULL;
}

static void
open_store(struct years *y, const char *month)
{
	GError *e = NULL;

	if (y->store == NULL)
		y->store = pl_store_writer(y->l, month, &e);
	check(y->store != NULL, month, e ? e->message : "");
}

/* As small as may be, but in the months in which others are to be dropped. */
static gsize
write_text(const struct years *y, const struct mail *m, char text[], gsize *head)
{
	static const char text_part[] = "Enclosed.\r\n";
	gsize n = (gsize)g_snprintf(text, 512,
	    "From: %s\r\nTo: %s@compta.example\r\nSubject: Documents "
	    "%" G_GINT64_FORMAT "\r\nMessage-ID: %s\r\n\r\n",
	    m->from, m->name, m->id, m->message_id);
	gsize more = m->arrived < y->start + 62 * DAY ? y->large : 0;

	*head = n;
	memset(text + n, 'x', more);
	strcpy(text + n + more, text_part);
	return n + more + strlen(text_part);
}

/* One piece and its seal. */
static void
insert_bytes(struct years *y, const char *text, gsize n)
{
	guint64 piece = y->store->end;
	const struct pl_seal seal = { n, 1, &piece, NULL };

	check(pl_record_add(y->store, PL_RECORD_PIECE, text, n, NULL) &&
		  y->store->end == (guint64)y->store_row &&
		  pl_seal_add(y->store, &seal, NULL) &&
		  y->store->end == y->store_end,
	    y->month, "bytes");
}

static gint64
store_bytes(struct years *y, const struct mail *m, char month[16],
    char header[65], char body[65])
{
	static char text[PL_CHUNK];
	gsize head, n = write_text(y, m, text, &head);

	header[0] = body[0] = '\0';
	if (y->message != NULL || y->history != NULL) {
		sum_of(y, text, head, header);
		sum_of(y, text + head, n - head, body);
	}
	pl_store_name("milter", m->arrived, month);
	if (strcmp(y->month, month) != 0) {
		g_strlcpy(y->month, month, sizeof(y->month));
		y->store_end = PL_STORE_HEAD;
		close_store(y);
	}
	y->store_row = (gint64)(y->store_end + PL_MARK + n);
	y->store_end += PL_MARK + n + PL_MARK + PL_SEAL_LEAST;
	if (y->message != NULL) {
		open_store(y, month);
		insert_bytes(y, text, n);
	}
	return (gint64)n;
}

static void
add_message(struct years *y, const struct mail *m)
{
	char month[16], header[65], body[65], subject[48], to[48], detail[512];
	gint64 size = store_bytes(y, m, month, header, body);

	g_snprintf(
	    subject, sizeof(subject), "Documents %" G_GINT64_FORMAT, m->id);
	g_snprintf(to, sizeof(to), "%s@compta.example", m->name);
	put(y->message, "iisiissssssssss", m->id, m->arrived, month,
	    y->store_row, size, m->queue, m->from, "192.0.2.7", "erp.example",
	    m->message_id, header, body, subject, m->from, m->day);
	put(y->recipient, "isss", m->id, to, to, "compta.example");
	g_snprintf(detail, sizeof(detail),
	    "origin=milter queue_id=%s journals=%s size=%" G_GINT64_FORMAT
	    " bytes=%s:%" G_GINT64_FORMAT " header_sha256=%s body_sha256=%s",
	    m->queue, m->name, size, month, y->store_row, header, body);
	note(y, m->arrived, "captured", NULL, m->id, 0, 0, 0, 0, detail);
	note(y, m->sent - 2000000, "indexed", NULL, m->id, 0, 0, 0, 0, NULL);
}

/* ---- documents and entries ----------------------------------------------- */

/* One in fifty is a duplicate, one in 200 superseded, one in 200 archived; of
 * those of the last month one in 500 is held: somebody looks at them. */
static enum pl_state
state_for(struct years *y, const struct mail *m)
{
	guint64 n = dice(y) % 1000;

	if (y->entry > 100 && n < 20)
		return PL_DUPLICATE;
	if (y->entry > 100 && n < 25)
		return PL_SUPERSEDED;
	if (n < 30)
		return PL_ARCHIVED;
	if (n < 32 && m->arrived > y->end - 30 * DAY)
		return PL_HELD;
	return PL_SENT;
}

struct paper {
	enum pl_state state;
	gint64 id, original;
	char number[32], account[24], chain[32], filename[40], total[24];
	char opening[24], closing[24], sha[65];
	char file_key[33], facts_key[33], sequence_key[33];
};

static void
fill_statement(struct years *y, const struct mail *m, struct paper *p)
{
	/* each account has its journal, and one statement after the other */
	gint64 nth = m->id / JOURNALS * (y->entries / y->messages + 1) +
		     p->id % (y->entries / y->messages + 1);
	unsigned per = ACCOUNTS / STATEMENT_JOURNALS;
	unsigned account =
	    (m->journal - (JOURNALS - STATEMENT_JOURNALS)) * per +
	    (unsigned)(nth % per);

	g_snprintf(p->account, sizeof(p->account), "BE%02u%012u",
	    10 + account % 80, account);
	g_snprintf(p->chain, sizeof(p->chain), "%s EUR", p->account);
	g_snprintf(p->number, sizeof(p->number), "%03u",
	    (unsigned)(nth / per % 999 + 1));
	g_snprintf(
	    p->opening, sizeof(p->opening), "%u.00", (unsigned)(nth / per));
	g_snprintf(
	    p->closing, sizeof(p->closing), "%u.00", (unsigned)(nth / per + 1));
	g_snprintf(p->filename, sizeof(p->filename),
	    "statement-%" G_GINT64_FORMAT ".cod", p->id);
	hex(y, p->sequence_key, 32);
}

static void
add_document(struct years *y, const struct mail *m, const struct paper *p)
{
	gboolean s = m->statements;
	char seller[16], name[32];
	unsigned who = (unsigned)(p->id % 5000);

	g_snprintf(seller, sizeof(seller), "BE%010u", 400000000u + who);
	g_snprintf(name, sizeof(name), "Supplier %u SA", who);
	put(y->document, "iiissssssssssssssssssssss", p->id, m->id,
	    (gint64)(s ? PL_KIND_STATEMENT : PL_KIND_INVOICE),
	    s ? NULL : p->number, m->day, s ? NULL : seller, s ? NULL : name,
	    s ? NULL : "BE0123456789", s ? NULL : "Compta SA", "EUR",
	    s ? NULL : p->total, s ? p->account : NULL, s ? p->number : NULL,
	    s ? p->opening : NULL, s ? p->closing : NULL, s ? m->day : NULL,
	    s ? m->day : NULL, p->filename, s ? "8" : "1", s ? "coda" : "pdf",
	    p->file_key, p->facts_key, s ? p->sequence_key : NULL, "20000",
	    s ? "12" : "0");
	put(y->file, "iiissss", p->id, m->id, p->id, p->filename,
	    s ? "text/plain" : "application/pdf", s ? "coda" : "pdf", p->sha);
}

static const char *const codes[PL_STATES] = { [PL_HELD] = "PL-110" };

static void
add_entry(struct years *y, const struct mail *m, const struct paper *p)
{
	gboolean s = m->statements;
	const char *code = codes[p->state];
	char detail[256], number[40] = "";
	gint64 changed = p->state == PL_SENT ? m->sent : m->sent - 2000000;

	if (p->original != 0)
		g_snprintf(number, sizeof(number),
		    " original=%" G_GINT64_FORMAT, p->original);
	put(y->row, "iiinsisninissssi", p->id, p->id, m->id,
	    p->state == PL_SENT ? y->batch + 1 : (gint64)0, m->name,
	    (gint64)p->state, code, p->original, changed, m->arrived, m->run,
	    m->from, p->file_key, p->facts_key, s ? p->sequence_key : NULL,
	    (gint64)0);
	if (s)
		put(y->statement, "sssiiiissssss", m->name, p->chain, m->day,
		    p->id, (gint64)p->state, m->arrived, changed, code,
		    p->account, p->number, p->opening, p->closing, m->day);
	g_snprintf(detail, sizeof(detail), "state=%s%s%s%s files=%s",
	    pl_state_name(p->state == PL_SENT ? PL_WAITING : p->state),
	    code ? " code=" : "", code ? code : "", number, p->sha);
	note(y, m->sent - 2000000, "entered", m->name, m->id, p->id, p->id, 0,
	    0, detail);
	y->tally[m->journal][p->state][code != NULL]++;
}

static void
add_paper(struct years *y, const struct mail *m, GArray *sent)
{
	struct paper p = { .state = state_for(y, m), .id = ++y->entry };

	if (p.state == PL_DUPLICATE || p.state == PL_SUPERSEDED)
		p.original = p.id - 1 - (gint64)(dice(y) % 50);
	g_snprintf(p.number, sizeof(p.number), "F-%" G_GINT64_FORMAT, p.id);
	g_snprintf(p.filename, sizeof(p.filename), "%s.pdf", p.number);
	g_snprintf(p.total, sizeof(p.total), "%u.%02u",
	    (unsigned)(dice(y) % 100000), (unsigned)(p.id % 100));
	hex(y, p.sha, 64);
	hex(y, p.file_key, 32);
	hex(y, p.facts_key, 32);
	if (m->statements)
		fill_statement(y, m, &p);
	add_document(y, m, &p);
	add_entry(y, m, &p);
	if (p.state == PL_SENT)
		g_array_append_val(sent, p.id);
}

/* ---- e-mails and runs ---------------------------------------------------- */

static void
add_batch(struct years *y, const struct mail *m, const GArray *sent)
{
	char id[64], to[48], mta[16];
	g_autoptr(GString) detail = g_string_new(NULL);
	gint64 b = ++y->batch, at = m->sent;

	g_snprintf(
	    id, sizeof(id), "<b.%" G_GINT64_FORMAT ".years@gw.example>", b);
	g_snprintf(to, sizeof(to), "acme-%s@in.accounting.example", m->name);
	g_snprintf(mta, sizeof(mta), "5Y%010" G_GINT64_MODIFIER "x", b);
	put(y->batches, "iisssiiii", b, m->run, m->name, id, to,
	    (gint64)sent->len, at - 1000000, at, m->run);
	put(y->attempt, "iiiisss", b, at - 900000, at - 500000, at, mta,
	    "250 2.0.0 Ok: queued", mta);
	g_string_printf(detail, "id=%s", id);
	for (guint i = 0; i < sent->len; i++) {
		gint64 entry = g_array_index(sent, gint64, i);

		put(y->batch_entry, "iii", b, (gint64)i, entry);
		g_string_append_printf(detail, "%s%" G_GINT64_FORMAT,
		    i == 0 ? " entries=" : ",", entry);
	}
	note(y, at - 1000000, "planned", m->name, 0, 0, 0, b, m->run,
	    detail->str);
	note(y, at - 900000, "submitting", m->name, 0, 0, 0, b, m->run,
	    "attempt=1");
	g_string_printf(detail, "attempt=1 queue_id=%s", mta);
	note(y, at - 500000, "offered", m->name, 0, 0, 0, b, 0, detail->str);
	g_string_printf(detail,
	    "attempt=1 size=20000 mta_id=%s reply=250 2.0.0 Ok: queued", mta);
	note(y, at, "sent", m->name, 0, 0, 0, b, m->run, detail->str);
}

/* One a day. */
static gint64
run_at(struct years *y, gint64 at)
{
	gint64 run = 1 + (at - y->start) / DAY;

	while (y->run < run) {
		gint64 started = y->start + ++y->run * DAY;

		put(y->runs, "iii", y->run, started, started + 60000000);
		put(y->report, "iiss", y->run, y->run, "accounting@example.com",
		    "postledger: 2740 sent");
	}
	return run;
}

/* This pass writes nothing of documents. */
static gboolean
of_mails(const struct years *y)
{
	return y->message || y->recipient || y->runs || y->report;
}

static void
add_mail(struct years *y, gint64 id)
{
	g_autoptr(GArray) sent = g_array_new(FALSE, FALSE, sizeof(gint64));
	gint64 upto =
	    (gint64)((double)y->entries * (double)id / (double)y->messages +
		     0.5);
	struct mail m = {
		.id = id,
		.arrived =
		    y->start + (gint64)((double)(y->end - y->start) *
					(double)id / (double)(y->messages + 1)),
		.journal = (unsigned)(id % JOURNALS),
	};
	g_autoptr(GDateTime) when =
	    g_date_time_new_from_unix_utc(m.arrived / G_TIME_SPAN_SECOND);
	g_autofree char *day = g_date_time_format(when, "%Y-%m-%d");

	m.statements = m.journal >= JOURNALS - STATEMENT_JOURNALS;
	m.sent = m.arrived + 30 * G_TIME_SPAN_SECOND;
	m.run = run_at(y, m.arrived);
	g_strlcpy(m.day, day, sizeof(m.day));
	g_snprintf(m.name, sizeof(m.name), "journal%02u", m.journal + 1);
	g_snprintf(
	    m.queue, sizeof(m.queue), "4Y%010" G_GINT64_MODIFIER "x", id);
	g_snprintf(
	    m.from, sizeof(m.from), "erp%u@shop.example", (unsigned)(id % 97));
	g_snprintf(m.message_id, sizeof(m.message_id),
	    "<%" G_GINT64_FORMAT "@shop.example>", id);
	add_message(y, &m);
	while (!of_mails(y) && y->entry < upto)
		add_paper(y, &m, sent);
	if (sent->len > 0)
		add_batch(y, &m, sent);
}

/* ---- around it ----------------------------------------------------------- */

/* The indexes and triggers of the schema, to be made again. */
static GPtrArray *
drop_indexes(pl_db *db)
{
	GPtrArray *made = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) drops = g_ptr_array_new_with_free_func(g_free);
	sqlite3_stmt *s = prepare(db,
	    "SELECT sql, 'DROP ' || type || ' ' || name FROM sqlite_schema"
	    " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
	    " AND tbl_name NOT IN ('problem', 'notice', 'written',"
	    " 'carried')"
	    " ORDER BY rowid");

	while (sqlite3_step(s) == SQLITE_ROW) {
		g_ptr_array_add(
		    made, g_strdup((const char *)sqlite3_column_text(s, 0)));
		g_ptr_array_add(
		    drops, g_strdup((const char *)sqlite3_column_text(s, 1)));
	}
	sqlite3_finalize(s);
	for (guint i = 0; i < drops->len; i++)
		script(db, drops->pdata[i]);
	return made;
}

/* The tables are written one after the other, each in a pass over all mails:
 * so each lies in one piece, and an index of it is made by reading on. */
static const struct pass {
	const char *table, *sql;
	gsize statement;
} passes[] = {
	{ "message",
	    "INSERT INTO message (id, arrived, store, store_row, size, chunks,"
	    " origin, queue_id, sender, client_addr, helo, message_id,"
	    " header_sha256, body_sha256, indexed, subject, header_from, date)"
	    " VALUES (?, ?, ?, ?, ?, 1, 'milter', ?, ?, ?, ?, ?, ?, ?, 1, ?, ?,"
	    " ?)",
	    offsetof(struct years, message) },
	{ "recipient", "INSERT INTO recipient VALUES (?, 0, ?, ?, ?)",
	    offsetof(struct years, recipient) },
	{ "document",
	    "INSERT INTO document (id, message, kind, number, date, seller_id,"
	    " seller_name, buyer_id, buyer_name, currency, total, account,"
	    " sequence, opening_balance, closing_balance, period_from,"
	    " period_to, filename, formats, format, file_key, facts_key,"
	    " sequence_key, size, lines, doc_offset, doc_length) VALUES (?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?, 0, 0)",
	    offsetof(struct years, document) },
	{ "file",
	    "INSERT INTO file (id, message, document, seq, filename,"
	    " media_type, format, size, sha256)"
	    " VALUES (?, ?, ?, 0, ?, ?, ?, 20000, ?)",
	    offsetof(struct years, file) },
	{ "entry",
	    "INSERT INTO entry (id, document, message, batch, journal, state,"
	    " code, original, changed, arrived, told, sender, file_key,"
	    " facts_key, sequence_key, released, stands)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	    " ?14, ?15, ?16, CASE WHEN ?1 % 4 = 0 THEN NULL"
	    " WHEN ?6 IN (0, 1) THEN 0 WHEN ?6 IN (2, 3, 4) THEN 1 END)",
	    offsetof(struct years, row) },
	{ "statement",
	    "INSERT INTO statement (journal, chain, day, entry, state,"
	    " arrived, changed, code, account, sequence, opening_balance,"
	    " closing_balance, period_from, released, currency, format)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'EUR',"
	    " 'coda')",
	    offsetof(struct years, statement) },
	{ "run",
	    "INSERT INTO run (id, started, ended, config, now, who)"
	    " VALUES (?, ?, ?, 'years', 0, 'uid=998 postledger')",
	    offsetof(struct years, runs) },
	{ "report",
	    "INSERT INTO report (id, run, address, subject, text, html)"
	    " VALUES (?, ?, ?, ?, 'All is well.', '<p>All is well.</p>')",
	    offsetof(struct years, report) },
	{ "batch",
	    "INSERT INTO batch (id, run, journal, message_id, deliver_to,"
	    " documents, created, finished, told, sender, state, zip, attempt)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'postledger@gw.example', 2, 0,"
	    " 1)",
	    offsetof(struct years, batches) },
	{ "attempt",
	    "INSERT INTO attempt (batch, number, state, started, offered,"
	    " ended, queue_id, reply, mta_id, size)"
	    " VALUES (?, 1, 2, ?, ?, ?, ?, ?, ?, 20000)",
	    offsetof(struct years, attempt) },
	{ "batch_entry", "INSERT INTO batch_entry VALUES (?, ?, ?)",
	    offsetof(struct years, batch_entry) },
	{ "event",
	    "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?)",
	    offsetof(struct years, history) },
};

/* Those of TABLE. */
static void
make_indexes(pl_db *db, const GPtrArray *made, const char *table)
{
	g_autofree char *on = g_strdup_printf(" ON %s (", table);
	g_autofree char *before = g_strdup_printf(" ON %s\n", table);

	for (guint i = 0; i < made->len; i++)
		if (strstr(made->pdata[i], on) != NULL ||
		    strstr(made->pdata[i], before) != NULL)
			script(db, made->pdata[i]);
}

static void
write_table(struct years *y, const struct pass *pass, const GPtrArray *made)
{
	pl_db *db = y->l->db;
	sqlite3_stmt **s = (sqlite3_stmt **)((char *)y + pass->statement);
	gint64 begun = g_get_monotonic_time(), written;

	y->entry = y->batch = y->run = y->store_row = 0;
	y->event = 1;
	y->seed = 1;
	y->month[0] = '\0';
	memset(y->tally, 0, sizeof(y->tally));
	script(db, "BEGIN IMMEDIATE");
	*s = prepare(db, pass->sql);
	for (gint64 i = 1; i <= y->messages; i++)
		add_mail(y, i);
	sqlite3_finalize(*s);
	*s = NULL;
	script(db, "COMMIT");
	close_store(y);
	written = g_get_monotonic_time();
	make_indexes(db, made, pass->table);
	fprintf(stderr, "%-12s %6.1f s, its indexes %6.1f s\n", pass->table,
	    (double)(written - begun) / 1e6,
	    (double)(g_get_monotonic_time() - written) / 1e6);
}

/* An index that is built has no room in its pages: each key that comes later
 * would split one. In an index that grew there is: so a fourth of the keys comes
 * when it is there. */
static const char grown[] =
    "UPDATE entry SET stands = CASE WHEN state IN (0, 1) THEN 0"
    " WHEN state IN (2, 3, 4) THEN 1 END WHERE id % 4 = 0;"
    "PRAGMA ignore_check_constraints = OFF;";

/* What triggers keep beside entries and statements. */
static const char beside[] =
    "INSERT INTO open_entry SELECT * FROM entry_that_is_open;"
    "INSERT INTO account SELECT s.*, NULL"
    " FROM (SELECT DISTINCT journal, chain FROM statement) c"
    " JOIN statement s ON s.entry = (SELECT n.entry FROM statement n"
    "  WHERE n.journal = c.journal AND n.chain = c.chain"
    "  AND n.state NOT IN (5, 6)"
    "  ORDER BY n.day DESC, length(n.sequence) DESC, n.sequence DESC,"
    "  n.entry DESC LIMIT 1);";

static void
finish(struct years *y)
{
	pl_db *db = y->l->db;
	sqlite3_stmt *s = prepare(db, "INSERT INTO tally VALUES (?, ?, ?, ?)");
	char name[16];

	for (unsigned j = 0; j < JOURNALS; j++) {
		g_snprintf(name, sizeof(name), "journal%02u", j + 1);
		for (unsigned i = 0; i < 2 * PL_STATES; i++)
			if (y->tally[j][i / 2][i % 2] > 0)
				put(s, "siii", name, (gint64)(i / 2),
				    (gint64)(i % 2), y->tally[j][i / 2][i % 2]);
	}
	sqlite3_finalize(s);
	s = prepare(db, "UPDATE chain SET events = ?, head = ? WHERE one = 1");
	put(s, "is", y->event, y->head);
	sqlite3_finalize(s);
	script(db, grown);
	script(db, beside);
}

/* From the "created" of a new ledger on. */
static void
read_end(struct years *y)
{
	g_autofree char *head = pl_event_head(y->l, NULL);

	check(head != NULL, "chain", "no end");
	g_strlcpy(y->head, head, sizeof(y->head));
}

int
main(int argc, char **argv)
{
	gint64 days = argc > 5 ? g_ascii_strtoll(argv[5], NULL, 10) : 3650;
	struct years y = { .seed = 1 };
	g_autofree char *url = NULL;
	g_autoptr(GPtrArray) made = NULL;
	GError *e = NULL;

	if (argc < 2)
		return fprintf(stderr,
			   "usage: %s FOLDER [ENTRIES [MESSAGES [END "
			   "[DAYS [KB]]]]]\n",
			   argv[0]),
		       64;
	y.entries = argc > 2 ? g_ascii_strtoll(argv[2], NULL, 10) : 10000000;
	y.messages = argc > 3 ? g_ascii_strtoll(argv[3], NULL, 10)
			      : MAX(y.entries / 10, 1);
	y.end = argc > 4
		    ? g_ascii_strtoll(argv[4], NULL, 10) * G_TIME_SPAN_SECOND
		    : g_get_real_time();
	y.start = y.end - days * DAY;
	y.large = argc > 6 ? MIN(strtoul(argv[6], NULL, 10), 200) * 1024 : 0;
	url = g_strdup_printf("sqlite:%s/ledger.db", argv[1]);
	y.l = pl_ledger_open(url, NULL, PL_LEDGER_WRITE, &e);
	check(y.l != NULL, url, e ? e->message : "");
	y.sum = EVP_MD_CTX_new();
	EVP_DigestInit_ex2(y.sum, EVP_sha256(), NULL);
	read_end(&y);
	script(y.l->db,
	    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	    "PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1500000;"
	    "PRAGMA ignore_check_constraints = ON;");
	made = drop_indexes(y.l->db);
	for (unsigned i = 0; i < G_N_ELEMENTS(passes); i++)
		write_table(&y, &passes[i], made);
	finish(&y);
	EVP_MD_CTX_free(y.sum);
	pl_ledger_close(y.l);
	return 0;
}
