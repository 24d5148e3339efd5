/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shrink - gives the disk back what the logs no longer need
 *
 * A log keeps its size when a transaction is undone. After a message that did
 * not fit it may hold all the space there was, so that nobody would ever see
 * room again. Waits for readers at most as long as for any lock; what cannot
 * be done now is left for the next time.
 */
#include "room.h"

void
pl_ledger_shrink(pl_ledger *l)
{
	GHashTableIter iter;
	struct pl_store *store;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&store))
		if (!store->writing)
			store->db->driver->shrink(store->db);
	if (!l->open && l->use == PL_LEDGER_WRITE)
		l->db->driver->shrink(l->db);
}
