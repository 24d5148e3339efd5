/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * adopt - e-mails of a history that a restored ledger does not know
 *
 * Put back from a backup, the ledger has lost what was sent since. The e-mails
 * themselves carry what is needed to take them in again (X-Postledger-Contents,
 * proven by its MAC; entries keep their numbers over a restore, and new ones
 * get none of those that were given in between). Such an e-mail may come by on
 * its way out of a queue, or a notice of its delivery may come back.
 *
 * Nobody knows whether it is its first time: so it passes, as offered, and its
 * documents are kept from leaving in another e-mail. The run looks for proof
 * that the MTA has it; without one the documents are held for a person. It is
 * dropped only where everything in it has been sent again since.
 */
#include <string.h>

#include "batch.h"

gboolean
pl_batch_is_beyond(const struct pl_batch *b, unsigned number)
{
	gboolean open = b->finished == 0 || b->state == PL_BATCH_CANCELLED;

	if (b->report != 0 || !open)
		return FALSE;
	return number > b->attempt ||
	       (b->adopted != 0 && b->state == PL_BATCH_CANCELLED &&
		   number == b->attempt);
}

/* Two gateways may share a secret, but not the name of a ledger. */
static gboolean
is_ours(pl_ledger *l, const struct pl_passing *p)
{
	g_autofree char *begin =
	    g_strdup_printf("<b.%" G_GINT64_FORMAT ".%s-", p->batch, l->id);

	return p->contents != NULL && p->message_id != NULL &&
	       p->contents->batch == p->batch &&
	       g_str_has_prefix(p->message_id, begin);
}

/* ---- documents --------------------------------------------------------- */

static gboolean
take_one(pl_ledger *l, const struct pl_batch *b, gint64 entry, GError **error)
{
	g_auto(pl_entry_brief) is = { 0 };

	if (!pl_entry_brief_get(l, entry, &is, error))
		return FALSE;
	if (is.state != PL_WAITING && is.state != PL_HELD)
		return TRUE;
	return pl_db_do(l->db, PL_SQL_ENTRY_SENDING,
		   V(v_int(entry), v_int(b->id), v_int(g_get_real_time())),
		   error) &&
	       pl_tally_move(l, is.journal, is.state, is.code, PL_SENDING,
		   is.code, error);
}

gboolean
pl_batch_take(pl_ledger *l, const struct pl_batch *b, GError **error)
{
	g_autoptr(GArray) entries = pl_batch_entry_ids(l, b->id, error);

	for (guint i = 0; entries != NULL && i < entries->len; i++)
		if (!take_one(l, b, g_array_index(entries, gint64, i), error))
			return FALSE;
	return entries != NULL;
}

/* The entry of what is carried, by its number and what it is, else by what it
 * is: it may have come again. 0: none; -1: error. */
static gint64
entry_of(pl_ledger *l, const char *journal, const struct pl_carried *one,
    GError **error)
{
	gint64 id = 0;
	int found = pl_db_number(l->db, PL_SQL_CARRIED_ENTRY,
	    V(v_int(one->entry), v_text(journal), v_text(one->key)), &id,
	    error);

	if (found == 0 && strcmp(one->key, "-") != 0)
		found = pl_db_number(l->db, PL_SQL_CARRIED_SAME,
		    V(v_text(one->key), v_text(journal)), &id, error);
	return found < 0 ? -1 : found == 0 ? 0 : id;
}

static gboolean
add_one(pl_ledger *l, const struct pl_batch *b, guint seq,
    const struct pl_carried *one, GError **error)
{
	gint64 entry = entry_of(l, b->journal, one, error);

	if (entry < 0)
		return FALSE;
	if (entry > 0)
		return pl_db_do(l->db, PL_SQL_BATCH_ENTRY_ADD,
		    V(v_int(b->id), v_int(seq), v_int(entry)), error);
	return pl_db_do(l->db, PL_SQL_CARRIED_ADD,
	    V(v_int(b->id), v_int(seq), v_text(b->journal), v_text(one->key)),
	    error);
}

static gboolean
add_all(pl_ledger *l, const struct pl_batch *b, const struct pl_contents *c,
    GError **error)
{
	for (guint i = 0; i < c->carried->len; i++)
		if (!add_one(l, b, i,
			&g_array_index(c->carried, struct pl_carried, i),
			error))
			return FALSE;
	return TRUE;
}

/* ---- what is known of them --------------------------------------------- */

/* How many of its documents are here, and of those in a newer e-mail: one of
 * this history, whose number is higher. */
struct known {
	unsigned here, sent, sending;
	GString *numbers;
};

static void
count_one(struct known *k, gint64 id, const struct pl_batch *b,
    const struct pl_entry_brief *is)
{
	k->here++;
	k->sent += is->state == PL_SENT && is->batch > b->id;
	k->sending += is->state == PL_SENDING && is->batch > b->id;
	g_string_append_printf(k->numbers, "%s%" G_GINT64_FORMAT,
	    k->numbers->len > 0 ? "," : "", id);
}

static gboolean
count(
    pl_ledger *l, const struct pl_batch *b, struct known *k, GError **error)
{
	g_autoptr(GArray) entries = pl_batch_entry_ids(l, b->id, error);

	for (guint i = 0; entries != NULL && i < entries->len; i++) {
		gint64 id = g_array_index(entries, gint64, i);
		g_auto(pl_entry_brief) is = { 0 };

		if (!pl_entry_brief_get(l, id, &is, error))
			return FALSE;
		count_one(k, id, b, &is);
	}
	return entries != NULL;
}

/* All of it left in other e-mails, which were answered. */
static gboolean
is_sent_again(const struct pl_batch *b, const struct known *k)
{
	return b->documents > 0 && k->sent == b->documents;
}

static gboolean
tell(pl_ledger *l, const struct pl_batch *b, const struct pl_passing *p,
    const struct known *k, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct pl_problem problem = { .batch = b->id,
		.code = (char *)"PL-507",
		.journal = b->journal };

	g_string_printf(text,
	    "E-mail %" G_GINT64_FORMAT ".%u, of which the restored ledger knew "
	    "nothing, %s%s. It carries %u document%s",
	    b->id, p->attempt,
	    p->queue_id != NULL ? "came by as "
				: "was sent, since something came back to it",
	    p->queue_id != NULL ? p->queue_id : "", b->documents,
	    b->documents == 1 ? "" : "s");
	if (k->here > 0)
		g_string_append_printf(text, ", known as %s %s",
		    k->here == 1 ? "entry" : "entries", k->numbers->str);
	if (k->sent + k->sending > 0)
		g_string_append_printf(text,
		    "; left in another e-mail since: %u", k->sent + k->sending);
	if (is_sent_again(b, k))
		g_string_append(text, ", so it was dropped");
	if (k->here < b->documents)
		g_string_append_printf(text,
		    "; not read, or not there, when the backup was made: %u. "
		    "What is found of these, or comes again, counts as sent "
		    "by it",
		    b->documents - k->here);
	problem.text = text->str;
	return pl_problem_put(l, &problem, error);
}

static gboolean
note_adopted(pl_ledger *l, const struct pl_batch *b,
    const struct pl_passing *p, const struct known *k, GError **error)
{
	g_autofree char *detail = g_strdup_printf(
	    "id=%s attempt=%u queue_id=%s documents=%u entries=%s",
	    p->message_id, p->attempt, p->queue_id != NULL ? p->queue_id : "",
	    b->documents, k->numbers->str);

	return pl_batch_note(l, b, "adopted", detail, error) &&
	       tell(l, b, p, k, error);
}

/* ---- adopting ---------------------------------------------------------- */

static gboolean
make(pl_ledger *l, const struct pl_passing *p, struct pl_batch *b,
    GError **error)
{
	b->id = p->batch;
	b->journal = g_strdup(p->contents->journal);
	b->documents = p->contents->documents;
	return pl_ledger_wake_late(l, error) &&
	       pl_db_do(l->db, PL_SQL_BATCH_ADOPT,
		   V(v_int(b->id), v_text(b->journal), v_raw(p->message_id),
		       v_text(p->deliver_to), v_text(p->sender),
		       v_int(b->documents), v_int(g_get_real_time())),
		   error) &&
	       add_all(l, b, p->contents, error);
}

/* An attempt that was not seen to come by may have; else it is over. */
static gboolean
end_present(pl_ledger *l, const struct pl_batch *b, GError **error)
{
	enum pl_attempt_state state =
	    b->offered != 0 ? PL_ATTEMPT_UNKNOWN : PL_ATTEMPT_FENCED;

	return !pl_batch_is_open(b) ||
	       pl_db_do(l->db, PL_SQL_ATTEMPT_STATE,
		   V(v_int(b->id), v_int(b->attempt), v_int(state),
		       v_int(g_get_real_time())),
		   error);
}

static gboolean
set_offered(pl_ledger *l, const struct pl_batch *b, const struct pl_passing *p,
    GError **error)
{
	gint64 now = g_get_real_time();

	if (p->attempt != b->attempt &&
	    (!end_present(l, b, error) ||
		!pl_db_do(l->db, PL_SQL_ATTEMPT_ADD,
		    V(v_int(b->id), v_int(p->attempt), v_int(now)), error)))
		return FALSE;
	return pl_db_do(l->db, PL_SQL_BATCH_ATTEMPT,
		   V(v_int(b->id), v_int(p->attempt), v_int(0)), error) &&
	       pl_db_do(l->db, PL_SQL_ATTEMPT_OFFER,
		   V(v_int(b->id), v_int(p->attempt), v_int(now),
		       v_text(p->queue_id)),
		   error) &&
	       pl_db_do(l->db, PL_SQL_BATCH_ADOPTED, V(v_int(b->id), v_int(now)),
		   error);
}

/* What comes by again then is stale like any other. */
static gboolean
leave_out(pl_ledger *l, const struct pl_batch *b, GError **error)
{
	return pl_db_do(l->db, PL_SQL_BATCH_ADOPTED, V(v_int(b->id), v_int(0)),
		   error) &&
	       pl_batch_put(l, b, PL_BATCH_CANCELLED, error);
}

static gboolean
take_in(pl_ledger *l, const struct pl_passing *p, struct pl_batch *b,
    enum pl_offer *offer, GError **error)
{
	g_autoptr(GString) numbers = g_string_new(NULL);
	struct known k = { .numbers = numbers };
	gboolean again;

	if (!count(l, b, &k, error))
		return FALSE;
	again = is_sent_again(b, &k);
	*offer = again ? PL_OFFER_STALE : PL_OFFER_ADOPTED;
	return set_offered(l, b, p, error) &&
	       (again ? leave_out(l, b, error) : pl_batch_take(l, b, error)) &&
	       note_adopted(l, b, p, &k, error);
}

static gboolean
adopt(pl_ledger *l, const struct pl_passing *p, enum pl_offer *offer,
    GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_new();
	int found = pl_batch_look(l, p->batch, b, error);

	*offer = PL_OFFER_UNKNOWN;
	if (found < 0)
		return FALSE;
	if (!is_ours(l, p) ||
	    (found > 0 && (g_strcmp0(b->message_id, p->message_id) != 0 ||
			      !pl_batch_is_beyond(b, p->attempt))))
		return TRUE;
	return (found > 0 || make(l, p, b, error)) &&
	       take_in(l, p, b, offer, error);
}

gboolean
pl_batch_adopt(pl_ledger *l, const struct pl_passing *passing,
    enum pl_offer *offer, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, adopt(l, passing, offer, error), error);
}

static gboolean
claim(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);

	return b != NULL && (b->state != PL_BATCH_SUBMITTING ||
				pl_batch_take(l, b, error));
}

gboolean
pl_batch_claim(pl_ledger *l, gint64 batch, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, claim(l, batch, error), error);
}

/* ---- what could not be known ------------------------------------------- */

static gboolean
doubt(pl_ledger *l, gint64 id, const char *words, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);

	if (b == NULL)
		return FALSE;
	if (b->adopted == 0 || b->finished != 0)
		return pl_batch_refuse(b, error);
	if (pl_batch_is_open(b) &&
	    !pl_db_do(l->db, PL_SQL_ATTEMPT_STATE,
		V(v_int(id), v_int(b->attempt), v_int(PL_ATTEMPT_UNKNOWN),
		    v_int(g_get_real_time())),
		error))
		return FALSE;
	return pl_batch_settle(l, b, PL_HELD, "PL-507", words, error) &&
	       pl_batch_put(l, b, PL_BATCH_CANCELLED, error) &&
	       pl_batch_note(l, b, "doubted", words, error);
}

gboolean
pl_batch_doubt(pl_ledger *l, gint64 batch, const char *words, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, doubt(l, batch, words, error), error);
}

/* ---- documents that get their entry later ------------------------------- */

static gboolean
settle_late(
    pl_ledger *l, const struct pl_batch *b, gint64 entry, GError **error)
{
	if (!take_one(l, b, entry, error))
		return FALSE;
	switch (b->state) {
	case PL_BATCH_PLANNED:
	case PL_BATCH_SUBMITTING:
		return TRUE;
	case PL_BATCH_SENT:
		return pl_batch_settle(l, b, PL_SENT, NULL, NULL, error);
	case PL_BATCH_CANCELLED:
		return pl_batch_settle(l, b, PL_HELD, "PL-507",
		    "it was in an e-mail made before the ledger was put back "
		    "from a backup; whether that was sent is not known",
		    error);
	default:
		return pl_batch_settle(l, b, PL_HELD, "PL-302",
		    "the e-mail it was in, before the ledger was put back from "
		    "a backup, did not arrive",
		    error);
	}
}

static gboolean
join(pl_ledger *l, gint64 entry, gint64 batch, gint64 seq, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, batch, error);
	g_autofree char *detail =
	    g_strdup_printf("entries=%" G_GINT64_FORMAT, entry);

	return b != NULL &&
	       pl_db_do(l->db, PL_SQL_CARRIED_DROP, V(v_int(batch), v_int(seq)),
		   error) &&
	       pl_db_do(l->db, PL_SQL_BATCH_ENTRY_ADD,
		   V(v_int(batch), v_int(seq), v_int(entry)), error) &&
	       settle_late(l, b, entry, error) &&
	       pl_batch_note(l, b, "joined", detail, error);
}

static gboolean
find_and_join(pl_ledger *l, gint64 entry, const char *journal,
    const char *key, GError **error)
{
	g_autofree char *digits = g_strndup(key, PL_CARRIED_KEY);
	g_autoptr(pl_rows) rows = pl_db_query(l->db, PL_SQL_CARRIED_BY,
	    V(v_text(digits), v_text(journal)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	gint64 batch, seq;

	if (found <= 0)
		return found == 0;
	batch = pl_rows_int(rows, 0);
	seq = pl_rows_int(rows, 1);
	g_clear_pointer(&rows, pl_rows_end);
	return join(l, entry, batch, seq, error);
}

gboolean
pl_batch_join(pl_ledger *l, gint64 entry, const char *journal,
    const char *key, GError **error)
{
	struct pl_work work;

	return key == NULL ||
	       (pl_work_begin(&work, l, error) &&
		   pl_work_end(&work,
		       find_and_join(l, entry, journal, key, error), error));
}
