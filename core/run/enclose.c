/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * enclose - an e-mail that passes on an answer, as it came
 *
 * The answer is foreign and goes out byte for byte, so nobody may know the
 * boundaries beforehand: whoever did could end his part and begin one of ours.
 * They are made from the Message-ID, which has a random part.
 */
#include <string.h>

#include "compose.h"
#include "letter.h"

static gboolean
put_message(pl_spool *spool, pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_bytes) bytes = pl_bytes_open(l, id, error);
	g_autofree char *buffer = g_malloc(PL_CHUNK);
	guint64 at = 0;
	gssize n = 0;

	while (bytes != NULL &&
	       (n = pl_bytes_pread(bytes, at, buffer, PL_CHUNK, error)) > 0) {
		if (!pl_spool_write(spool, buffer, (gsize)n, error))
			return FALSE;
		at += (guint64)n;
	}
	return bytes != NULL && n == 0;
}

pl_spool *
pl_compose_forward(const struct pl_composer *c, const pl_batch *batch,
    const struct pl_report_row *row, GError **error)
{
	char token[PL_SHA256_HEX + 1];
	struct pl_letter letter = pl_compose_letter(c, batch);
	g_autoptr(pl_spool) spool = pl_spool_new(0);

	letter.subject = row->subject;
	letter.token = token;
	pl_sha256_hex(batch->message_id, strlen(batch->message_id), token);
	token[16] = '\0';
	if (!pl_letter_head(spool, &letter, error) ||
	    !pl_letter_text(spool, &letter, "plain", row->text, error) ||
	    !pl_letter_message(spool, &letter, error) ||
	    !put_message(spool, c->ledger, row->forward, error) ||
	    !pl_letter_end(spool, &letter, error) ||
	    !pl_spool_finish(spool, error))
		return NULL;
	return g_steal_pointer(&spool);
}
