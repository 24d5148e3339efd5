/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup - the configuration in force, and what is derived from it
 *
 * Constant once made. Each message holds a reference to the setup it began
 * under, so a reload never affects a message under way.
 */
#ifndef MILTER_SETUP_H
#define MILTER_SETUP_H

#include "postledger/config.h"

/* An address from which batches leave. */
struct pl_sender {
	const char *address; /* plain, as configured */
	gboolean fixed;      /* some journal uses it as its fixed return path */
};

typedef struct pl_setup {
	pl_config *config;
	const struct pl_gateway *gateway;
	pl_secret *secret;
	GHashTable *senders; /* normalised address ▸ struct pl_sender */
} pl_setup;

/* Takes over CONFIG; reads the secret. */
pl_setup *pl_setup_new(pl_config *config, GError **error);
pl_setup *pl_setup_ref(pl_setup *setup);
void pl_setup_unref(pl_setup *setup); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_setup, pl_setup_unref)

/* The one in force, for new messages: put takes over SETUP, take gives a
 * reference. From any thread. */
void pl_live_put(pl_setup *setup);
pl_setup *pl_live_take(void);

/* Reads FILE and puts it in force; says so in the log. FALSE: it is bad, the
 * log says why, and the one before stays. */
gboolean pl_reload(const char *file);
/* A thread that reloads FILE at each SIGUSR1, which must be blocked. Whoever
 * calls it holds the lock of the daemon: the digest of the configuration in
 * force is left beside it, now and at each reload. */
void pl_reload_listen(const char *file);

#endif
