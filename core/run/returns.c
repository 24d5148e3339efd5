/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * returns - what came back to the return paths of our e-mails
 *
 * A message is read by the child, outside of any transaction; then all that
 * follows from it is one transaction. Whatever a message says, an entry that
 * has gone on since is left alone (pl_batch_bounce()).
 *
 * Loops: an answer is passed on only if it answers documents, never if it
 * answers a report or something passed on, and never if a machine wrote it
 * that answers whatever comes.
 */
#include <string.h>
#include <syslog.h>

#include "crash.h"
#include "returns.h"

#define PAGE 50
#define WORDS_MAX 300 /* characters */

typedef struct coming {
	struct pl_pass *pass;
	pl_message *m;
	pl_returned *r; /* NULL: it cannot be read */
	pl_batch *batch;
	char *why; /* it cannot be read */
} coming;

static void
coming_clear(coming *c)
{
	pl_message_free(c->m);
	pl_returned_free(c->r);
	pl_batch_free(c->batch);
	g_free(c->why);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(coming, coming_clear)

/* ---- notices ----------------------------------------------------------- */

static gboolean
one_of(const char *word, const char *const *words)
{
	return word != NULL && g_strv_contains(words, word);
}

/* The action decides: "failed" is for good, whatever the status says. */
static enum pl_notice_kind
kind_of(const struct pl_dsn_recipient *one)
{
	static const char *const good[] = { "delivered", "relayed", "expanded",
		NULL };
	char class = one->status != NULL ? one->status[0] : '\0';

	if (g_strcmp0(one->action, "failed") == 0)
		return PL_NOTICE_FAILED;
	if (g_strcmp0(one->action, "delayed") == 0)
		return PL_NOTICE_DELAYED;
	if (one_of(one->action, good))
		return PL_NOTICE_DELIVERED;
	return class == '5'   ? PL_NOTICE_FAILED
	       : class == '4' ? PL_NOTICE_DELAYED
	       : class == '2' ? PL_NOTICE_DELIVERED
			      : PL_NOTICE_UNCLEAR;
}

/* When it happened; a clock that cannot be right is not believed. */
static gint64
time_of(const coming *c, const char *date)
{
	g_autoptr(GDateTime) told =
	    date != NULL ? g_date_time_new_from_iso8601(date, NULL) : NULL;
	gint64 at = told != NULL   ? g_date_time_to_unix(told) * G_USEC_PER_SEC
		    : c->r != NULL ? c->r->date
				   : 0;
	gint64 least = c->batch->created - G_TIME_SPAN_DAY;

	return at < least || at > c->m->arrived + G_TIME_SPAN_DAY
		   ? c->m->arrived
		   : at;
}

static gboolean
add(const coming *c, enum pl_notice_kind kind, const char *recipient,
    const char *remote, const char *words, const char *date, GError **error)
{
	g_autofree char *clean = pl_text_clean(words, WORDS_MAX);
	g_autofree char *to = pl_text_clean(recipient, WORDS_MAX);
	g_autofree char *by = pl_text_clean(remote, WORDS_MAX);
	struct pl_notice n = {
		.message = c->m->id,
		.batch = c->batch->id,
		.attempt = c->m->return_attempt,
		.kind = kind,
		.at = time_of(c, date),
		.recipient = recipient != NULL ? to : NULL,
		.remote = remote != NULL ? by : NULL,
		.words = words != NULL ? clean : NULL,
	};
	g_autofree char *name =
	    g_strdup_printf("%" G_GINT64_FORMAT ".%u", c->batch->id, n.attempt);

	pl_log(kind == PL_NOTICE_DELIVERED ? LOG_INFO : LOG_WARNING,
	    c->m->queue_id, "notice", "batch", name, "kind",
	    pl_notice_name(kind), "to", n.recipient, "by", n.remote, "words",
	    n.words, NULL);
	return pl_notice_add(c->pass->ledger, &n, error);
}

/* "acme@x: mx.x said: 550 5.1.1 no such user" */
static void
add_words(GString *words, const struct pl_dsn_recipient *one)
{
	g_string_append_printf(words, "%s%s%s%s%s%s",
	    words->len > 0 ? "; " : "",
	    one->recipient != NULL ? one->recipient : "",
	    one->recipient != NULL ? ": " : "",
	    one->remote != NULL ? one->remote : "",
	    one->remote != NULL ? " said: " : "",
	    one->diagnostic != NULL ? one->diagnostic
	    : one->status != NULL   ? one->status
				    : "no reason was given");
}

/* FAILED gets the words of those that came back for good. */
static gboolean
add_all(const coming *c, GString *failed, GError **error)
{
	const GPtrArray *all = c->r->dsn->recipients;

	for (guint i = 0; i < all->len; i++) {
		const struct pl_dsn_recipient *one = all->pdata[i];
		enum pl_notice_kind kind = kind_of(one);

		if (kind == PL_NOTICE_FAILED)
			add_words(failed, one);
		if (!add(c, kind, one->recipient, one->remote,
			one->diagnostic != NULL ? one->diagnostic : one->status,
			one->date, error))
			return FALSE;
	}
	return all->len > 0 ||
	       add(c, PL_NOTICE_UNCLEAR, NULL, NULL, c->r->text, NULL, error);
}

/* ---- what follows ------------------------------------------------------ */

static gboolean
tell(const coming *c, const char *code, const char *text, GError **error)
{
	const pl_batch *b = c->batch;
	struct pl_problem p = { .code = (char *)(guintptr)code,
		.text = (char *)(guintptr)text,
		.batch = b != NULL ? b->id : 0,
		.journal = b != NULL && b->report == 0 ? b->journal : NULL };

	c->pass->result->problems++;
	return pl_problem_add(c->pass->ledger, &p, error);
}

static gboolean
tell_bounce(const coming *c, const char *words, GError **error)
{
	const pl_batch *b = c->batch;
	g_autofree char *report = NULL;

	if (b->report == 0)
		return tell(c, "PL-302", words, error);
	if (b->forward != 0)
		report =
		    g_strdup_printf("an answer that was passed on to %s: %s",
			b->deliver_to, words);
	else
		report = g_strdup_printf("the report of run %" G_GINT64_FORMAT
					 " to %s: %s",
		    b->run, b->deliver_to, words);
	return tell(c, "PL-306", report, error);
}

static gboolean
bounce(const coming *c, const char *foreign, GError **error)
{
	g_autofree char *words = pl_text_clean(foreign, WORDS_MAX);
	gboolean bounced;

	return pl_batch_bounce(c->pass->ledger, c->batch->id,
		   c->m->return_attempt, words, &bounced, error) &&
	       (!bounced || tell_bounce(c, words, error));
}

static gboolean
prove(const coming *c, GError **error)
{
	g_autofree char *words = g_strdup_printf(
	    "[proven: message %" G_GINT64_FORMAT " came back]", c->m->id);

	return pl_batch_prove(
	    c->pass->ledger, c->batch->id, c->m->return_attempt, words, error);
}

/* A notice has no sender. One for machines is one whoever sent it. */
static gboolean
is_notice(const coming *c)
{
	const char *sender = c->m->sender;

	return sender == NULL || *sender == '\0' ||
	       strcmp(sender, "#@[]") == 0 || c->r->machine;
}

static gboolean
take_notice(const coming *c, GError **error)
{
	g_autoptr(GString) failed = g_string_new(NULL);

	if (!c->r->machine && c->r->automatic &&
	    c->r->dsn->recipients->len == 0)
		return add(c, PL_NOTICE_AUTOMATIC, c->r->from, NULL, c->r->text,
		    NULL, error);
	return add_all(c, failed, error) &&
	       (failed->len == 0 || bounce(c, failed->str, error));
}

static gboolean
take_answer(const coming *c, GError **error)
{
	g_autofree char *words = g_strdup_printf("%s: %s",
	    c->r->subject != NULL ? c->r->subject : "(no subject)",
	    c->r->text != NULL ? c->r->text : "");
	const char *from = c->r->from != NULL ? c->r->from : c->m->sender;
	gboolean machine = c->r->automatic;

	if (!add(c, machine ? PL_NOTICE_AUTOMATIC : PL_NOTICE_ANSWER, from,
		NULL, words, NULL, error))
		return FALSE;
	return machine || c->batch->report != 0 ||
	       pl_pass_forward(c->pass, c->m, c->batch,
		   c->r->text != NULL ? c->r->text : "", error);
}

/* The ledger was put back from a backup, or two gateways share a secret. */
static gboolean
take_unknown(const coming *c, GError **error)
{
	g_autofree char *text =
	    g_strdup_printf("Something came back to e-mail %" G_GINT64_FORMAT
			    ", which this ledger does not know: %s",
		c->m->return_batch,
		c->r == NULL            ? c->why
		: c->r->subject != NULL ? c->r->subject
					: "");
	g_autofree char *clean = pl_text_clean(text, WORDS_MAX);

	return tell(c, "PL-302", clean, error);
}

static gboolean
take(const coming *c, GError **error)
{
	if (c->batch == NULL)
		return take_unknown(c, error);
	if (!prove(c, error))
		return FALSE;
	if (c->r == NULL)
		return add(
		    c, PL_NOTICE_UNCLEAR, NULL, NULL, c->why, NULL, error);
	return is_notice(c) ? take_notice(c, error) : take_answer(c, error);
}

/* ---- reading ----------------------------------------------------------- */

/* What spoils one message does not end the run. */
static gboolean
is_its_own(const GError *error)
{
	if (error->domain == PL_INTAKE_ERROR)
		return error->code == PL_INTAKE_CHILD ||
		       error->code == PL_INTAKE_LIMIT;
	return error->domain == PL_LEDGER_ERROR &&
	       (error->code == PL_LEDGER_ABSENT ||
		   error->code == PL_LEDGER_DAMAGED);
}

static pl_returned *
read_bytes(struct pl_pass *pass, gint64 id, GError **error)
{
	g_autoptr(pl_bytes) bytes = pl_bytes_open(pass->ledger, id, error);

	if (bytes == NULL)
		return NULL;
	const struct pl_source source = pl_source_of(bytes);
	return pl_reader_returned(pass->reader, &source, error);
}

static gboolean
read_message(coming *c, gint64 id, GError **error)
{
	GError *failed = NULL;

	c->m = pl_message_get(c->pass->ledger, id, error);
	if (c->m == NULL)
		return FALSE;
	c->r = read_bytes(c->pass, id, &failed);
	if (failed == NULL)
		return TRUE;
	if (!is_its_own(failed)) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	c->why = g_strdup(failed->message);
	g_error_free(failed);
	return TRUE;
}

/* NULL without error: there is none of that number. */
static pl_batch *
batch_of(struct pl_pass *pass, gint64 id, GError **error)
{
	GError *failed = NULL;
	pl_batch *b = pl_batch_get(pass->ledger, id, &failed);

	if (g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_ABSENT))
		g_clear_error(&failed);
	if (failed != NULL)
		g_propagate_error(error, failed);
	return b;
}

static gboolean
mark_read(const coming *c, GError **error)
{
	pl_message *m = c->m;

	if (c->r != NULL) {
		m->subject = g_strdup(c->r->subject);
		m->from = g_strdup(c->r->from);
	}
	return pl_message_indexed(c->pass->ledger, m, error);
}

static pl_contents *
contents_of(const coming *c)
{
	return c->r == NULL || c->r->contents == NULL ||
		       c->r->message_id == NULL
		   ? NULL
		   : pl_contents_parse(c->pass->secret, c->r->contents,
			 c->r->message_id);
}

/* After a restore from a backup, what comes back tells what was sent since. */
static gboolean
adopt(coming *c, GError **error)
{
	g_autoptr(pl_contents) contents = contents_of(c);
	const struct pl_journal *j =
	    contents != NULL
		? pl_config_find(c->pass->config, contents->journal)
		: NULL;
	const struct pl_passing passing = { .batch = c->m->return_batch,
		.attempt = c->m->return_attempt,
		.message_id = c->r != NULL ? c->r->message_id : NULL,
		.deliver_to = j != NULL ? j->deliver_to : NULL,
		.sender = j != NULL
			      ? j->sender
			      : pl_config_gateway(c->pass->config)->sender,
		.contents = contents };
	enum pl_offer offer;
	GError *failed = NULL;

	if (contents == NULL)
		return TRUE;
	if (!pl_batch_adopt(c->pass->ledger, &passing, &offer, error))
		return FALSE;
	pl_batch_free(c->batch);
	c->batch = batch_of(c->pass, c->m->return_batch, &failed);
	if (failed != NULL)
		g_propagate_error(error, failed);
	return failed == NULL;
}

static gboolean
take_message(struct pl_pass *pass, gint64 id, GError **error)
{
	g_auto(coming) c = { .pass = pass };
	GError *failed = NULL;

	if (!read_message(&c, id, error))
		return FALSE;
	c.batch = batch_of(pass, c.m->return_batch, &failed);
	if (failed != NULL) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	return pl_ledger_begin(pass->ledger, error) &&
	       pl_ledger_end(pass->ledger,
		   adopt(&c, error) && take(&c, error) && mark_read(&c, error),
		   error);
}

/* ---- a fixed return path ----------------------------------------------- */

/* The batch whose stamp the message carries back, with a good MAC. */
static gboolean
is_stamped(struct pl_pass *pass, const pl_returned *r, struct pl_stamp *stamp)
{
	g_autoptr(pl_batch) b = NULL;
	gint64 id;

	if (r == NULL || r->stamp == NULL || r->message_id == NULL)
		return FALSE;
	id = g_ascii_strtoll(r->stamp, NULL, 10);
	b = id > 0 ? batch_of(pass, id, NULL) : NULL;
	return b != NULL && b->deliver_to != NULL &&
	       pl_stamp_parse(
		   pass->secret, r->stamp, r->message_id, b->deliver_to, stamp);
}

/* With return_path = fixed a bounce may come to an intake address; it is no
 * document then. */
static gboolean
find_fixed(struct pl_pass *pass, GError **error)
{
	g_autoptr(GArray) ids =
	    pl_return_suspects(pass->ledger, 0, G_MAXINT, error);

	for (guint i = 0; ids != NULL && i < ids->len; i++) {
		gint64 id = g_array_index(ids, gint64, i);
		g_autoptr(pl_returned) r = read_bytes(pass, id, NULL);
		struct pl_stamp stamp;

		if (is_stamped(pass, r, &stamp) &&
		    !pl_return_mark(
			pass->ledger, id, stamp.batch, stamp.attempt, error))
			return FALSE;
	}
	return ids != NULL;
}

gboolean
pl_pass_returns(struct pl_pass *pass, GError **error)
{
	if (!find_fixed(pass, error))
		return FALSE;
	while (!pl_pass_halted(pass)) {
		g_autoptr(GArray) ids =
		    pl_return_unread(pass->ledger, PAGE, error);

		if (ids == NULL)
			return FALSE;
		if (ids->len == 0)
			break;
		for (guint i = 0; i < ids->len; i++)
			if (!take_message(
				pass, g_array_index(ids, gint64, i), error))
				return FALSE;
	}
	pl_crash_point("run-returns");
	return TRUE;
}
