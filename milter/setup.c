/* SPDX-License-Identifier: BSD-2-Clause */
/* setup - see setup.h */
#include "setup.h"

static GMutex live_lock;
static pl_setup *live;

static void
add_sender(pl_setup *s, const char *address, gboolean fixed)
{
	g_autofree char *key = pl_address_normalise(address);
	struct pl_sender *sender = g_hash_table_lookup(s->senders, key);

	if (sender == NULL) {
		sender = g_new0(struct pl_sender, 1);
		sender->address = address;
		g_hash_table_insert(s->senders, g_steal_pointer(&key), sender);
	}
	sender->fixed |= fixed;
}

/* Reports leave from the gateway's sender, batches from their journal's. */
static void
add_senders(pl_setup *s)
{
	const struct pl_gateway *g = s->gateway;

	s->senders =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	add_sender(s, g->sender, g->return_path_fixed);
	for (unsigned i = 0; i < pl_config_journals(s->config); i++) {
		const struct pl_journal *j = pl_config_journal(s->config, i);

		add_sender(s, j->sender, j->return_path_fixed);
	}
}

pl_setup *
pl_setup_new(pl_config *config, GError **error)
{
	g_autoptr(pl_setup) s = g_atomic_rc_box_new0(pl_setup);

	s->config = config;
	s->gateway = pl_config_gateway(config);
	add_senders(s);
	s->secret = pl_secret_read(s->gateway->secret_file, error);
	return s->secret != NULL ? g_steal_pointer(&s) : NULL;
}

static void
clear(gpointer data)
{
	pl_setup *s = data;

	g_hash_table_destroy(s->senders);
	pl_secret_free(s->secret);
	pl_config_unref(s->config);
}

pl_setup *
pl_setup_ref(pl_setup *setup)
{
	return g_atomic_rc_box_acquire(setup);
}

void
pl_setup_unref(pl_setup *setup)
{
	if (setup != NULL)
		g_atomic_rc_box_release_full(setup, clear);
}

void
pl_live_put(pl_setup *setup)
{
	g_mutex_lock(&live_lock);
	pl_setup *before = live;
	live = setup;
	g_mutex_unlock(&live_lock);
	pl_setup_unref(before);
}

pl_setup *
pl_live_take(void)
{
	g_mutex_lock(&live_lock);
	pl_setup *setup = pl_setup_ref(live);
	g_mutex_unlock(&live_lock);
	return setup;
}
