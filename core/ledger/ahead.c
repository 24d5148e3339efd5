/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead - where a document's keys are is asked for before it is entered
 *
 * All the keys it will be looked for by, and those it has itself, which are
 * written there when it leaves. What is open has small indexes. And, when a run
 * begins, where all else will be added.
 */
#include "room.h"

#define DIGITS 8 /* of a key, in its index */

static void
ask(pl_ledger *l, enum pl_same same, const char *key)
{
	static const char *const indexes[] = {
		[PL_SAME_FILE] = "entry_file_gone",
		[PL_SAME_PART] = "entry_part_gone",
		[PL_SAME_FACTS] = "entry_facts_gone",
		[PL_SAME_SEQUENCE] = "entry_sequence_gone",
	};
	char digits[DIGITS + 1];

	if (key == NULL)
		return;
	g_strlcpy(digits, key, sizeof(digits));
	l->db->driver->ahead(l->db, indexes[same], digits);
}

void
pl_document_ahead(pl_ledger *l, const pl_document *d)
{
	for (int same = PL_SAME_FILE; same <= PL_SAME_SEQUENCE; same++) {
		g_autofree char *key = pl_document_key(d, (enum pl_same)same);

		ask(l, (enum pl_same)same, key);
	}
	for (guint i = 0; i < d->files->len; i++) {
		g_autofree char *key = pl_file_key(d->files->pdata[i]);

		ask(l, d->files->len > 1 ? PL_SAME_FILE : PL_SAME_PART, key);
	}
}

void
pl_ledger_ahead(pl_ledger *l)
{
	l->db->driver->ends(l->db);
}

void
pl_document_arrived(pl_ledger *l, gboolean all)
{
	l->db->driver->arrived(l->db, all);
}
