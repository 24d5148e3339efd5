/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_lines - the lines of a statement, from the stored message
 *
 * The ledger keeps the facts of a statement and how many lines it has. The
 * lines themselves are read again from the stored message, by the reader's
 * child: they are foreign, and this program does not look into them. Without
 * the message's bytes the facts remain.
 */
#include "show.h"

#include "postledger/intake.h"

static gboolean
same_file(const pl_document *a, const pl_document *b)
{
	const struct pl_file *first, *second;

	if (a->files->len == 0 || b->files->len == 0)
		return FALSE;
	first = g_ptr_array_index(a->files, 0);
	second = g_ptr_array_index(b->files, 0);
	return g_strcmp0(first->sha256, second->sha256) == 0;
}

static gboolean
same_statement(const pl_document *a, const pl_document *b)
{
	return a->kind == b->kind && same_file(a, b) &&
	       a->offset == b->offset && a->length == b->length &&
	       a->lines == b->lines && g_strcmp0(a->account, b->account) == 0 &&
	       g_strcmp0(a->sequence, b->sequence) == 0 &&
	       g_strcmp0(a->from, b->from) == 0 &&
	       g_strcmp0(a->to, b->to) == 0 &&
	       g_strcmp0(a->opening_balance, b->opening_balance) == 0 &&
	       g_strcmp0(a->closing_balance, b->closing_balance) == 0;
}

static pl_findings *
read_message(struct pl_cli *cli, gint64 message, GError **error)
{
	g_autoptr(pl_bytes) bytes = pl_bytes_open(cli->ledger, message, error);
	if (bytes == NULL)
		return NULL;
	struct pl_source source = pl_source_of(bytes);
	const struct pl_limits limits = pl_limits_of(cli->config);
	g_autoptr(pl_reader) reader = pl_reader_new(&limits);
	return pl_reader_inspect(reader, &source, NULL, error);
}

char *
pl_show_read_lines(struct pl_cli *cli, pl_document *d)
{
	g_autoptr(GError) error = NULL;

	if (d->kind != PL_KIND_STATEMENT || d->lines == 0)
		return NULL;
	g_autoptr(pl_findings) found = read_message(cli, d->message, &error);
	if (g_error_matches(error, PL_LEDGER_ERROR, PL_LEDGER_ABSENT))
		return g_strdup("not shown: the bytes of the message are no "
				"longer kept, the facts above are");
	if (found == NULL)
		return g_strdup_printf("not shown: %s", error->message);
	for (unsigned i = 0; i < found->documents->len; i++) {
		pl_document *same = g_ptr_array_index(found->documents, i);
		if (!same_statement(d, same))
			continue;
		d->transactions = g_steal_pointer(&same->transactions);
		if (d->transactions != NULL)
			return NULL;
	}
	return g_strdup("not shown: they are too many, or this version reads "
			"the message in another way (export has the file)");
}
