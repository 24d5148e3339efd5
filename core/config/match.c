/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match - the journals of an intake address
 *
 * Two tables, made once: whole addresses and the domains of *@domain. A look-up
 * folds the address on the stack and asks them at most three times: as it
 * stands, without its +extension, by its domain. The first that answers is the
 * most specific one and decides alone, as with Postfix's tables.
 */
#include <string.h>

#include "private.h"

static void
add(GHashTable *table, const char *key, struct pl_journal *journal)
{
	GPtrArray *array = g_hash_table_lookup(table, key);

	if (array == NULL) {
		array = g_ptr_array_new();
		g_hash_table_insert(table, g_strdup(key), array);
	}
	if (!g_ptr_array_find(array, journal, NULL))
		g_ptr_array_add(array, journal);
}

void
pl_config_index(pl_config *config)
{
	for (unsigned i = 0; i < config->journals->len; i++) {
		struct pl_journal *j = g_ptr_array_index(config->journals, i);

		for (unsigned k = 0; k < j->addresses->len; k++) {
			g_autofree char *folded = pl_address_normalise(
			    g_ptr_array_index(j->addresses, k));

			if (g_str_has_prefix(folded, "*@"))
				add(config->domains, folded + 2, j);
			else
				add(config->exact, folded, j);
		}
	}
}

static const GPtrArray *
look_up(const pl_config *c, const char *address, char *buffer)
{
	size_t domain = pl_address_fold(address, buffer);
	const GPtrArray *found = g_hash_table_lookup(c->exact, buffer);

	if (found == NULL &&
	    pl_address_strip(buffer, &domain, c->gateway.delimiter))
		found = g_hash_table_lookup(c->exact, buffer);
	if (found == NULL && domain > 0)
		found = g_hash_table_lookup(c->domains, buffer + domain);
	return found;
}

const GPtrArray *
pl_config_match(const pl_config *config, const char *address)
{
	g_autofree char *long_one = NULL;
	char buffer[512];
	size_t size = strlen(address) + 1;

	if (size > sizeof(buffer))
		long_one = g_malloc(size);
	return look_up(config, address, long_one != NULL ? long_one : buffer);
}
