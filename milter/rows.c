/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows - the rows of messages that are still coming in
 *
 * Every pl_incoming that has a row is in the table of open ones, with the
 * rounds of syncs in which the row was made and last written. A failure loses
 * what was written in the present round, and nothing else.
 */
#include "sink.h"

/* Nothing since the last sync exists any more: see the essay. */
void
pl_sink_lose(pl_sink *s)
{
	GHashTableIter iter;
	gpointer key;

	pl_bytes_rollback(s->ledger);
	s->written = 0;
	s->sealed = FALSE;
	g_hash_table_iter_init(&iter, s->open);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		pl_incoming *in = key;

		if (in->touched != s->round)
			continue;
		g_atomic_int_set(&in->lost, TRUE);
		if (in->born == s->round) {
			in->begun = FALSE;
			g_hash_table_iter_remove(&iter);
		}
	}
}

gboolean
pl_sink_sync(pl_sink *s, GError **error)
{
	gint64 begun = g_get_monotonic_time();
	gboolean good = pl_bytes_sync(s->ledger, error);

	s->slow = g_get_monotonic_time() - begun >=
		  s->limits.slow * G_TIME_SPAN_MILLISECOND;
	if (!good)
		return FALSE;
	s->written = 0;
	s->sealed = FALSE;
	s->round++;
	return TRUE;
}

static gboolean
begin_bytes(pl_sink *s, pl_incoming *in, GError **error)
{
	if (!pl_bytes_create(s->ledger, "milter", in->arrived, &in->id, error))
		return FALSE;
	in->begun = TRUE;
	in->born = s->round;
	g_hash_table_add(s->open, in);
	return TRUE;
}

gboolean
pl_sink_write(pl_sink *s, const struct pl_request *r, GError **error)
{
	pl_incoming *in = r->in;

	s->written += r->length;
	if (!in->begun && !begin_bytes(s, in, error))
		return FALSE;
	in->touched = s->round;
	if (r->length > 0 &&
	    !pl_bytes_append(s->ledger, &in->id, r->bytes, r->length, error))
		return FALSE;
	if (r->kind != PL_REQUEST_SEAL)
		return TRUE;
	s->sealed = TRUE;
	return pl_bytes_seal(
	    s->ledger, &in->id, r->message, r->journals, error);
}

void
pl_sink_forget(pl_sink *s, pl_incoming *in)
{
	g_atomic_int_set(&in->lost, TRUE);
	g_hash_table_remove(s->open, in);
	if (in->begun) {
		in->begun = FALSE;
		pl_bytes_drop(s->ledger, &in->id);
	}
}
