/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extract - one file out of a message: the same walk, in search of one hash
 *
 * An archive may have a thousand files, which are asked for one after the
 * other: to find each from the start would unpack all of it for each. So the
 * walk goes on a little behind the file, and what comes there is kept for the
 * next questions about the same message.
 */
#include "room.h"

#include <string.h>

#define KEPT_MOST (16u << 20) /* bytes */

/* ---- what is kept ------------------------------------------------------ */

struct pl_kept {
	gint64 message;    /* 0: none */
	GHashTable *files; /* SHA-256 ▸ GBytes */
	gsize size;
};

pl_kept *
pl_kept_new(void)
{
	pl_kept *kept = g_new0(pl_kept, 1);

	kept->files = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	return kept;
}

void
pl_kept_free(pl_kept *kept)
{
	if (kept == NULL)
		return;
	g_hash_table_unref(kept->files);
	g_free(kept);
}

static void
forget(pl_kept *kept)
{
	g_hash_table_remove_all(kept->files);
	kept->size = 0;
}

void
pl_kept_only(pl_kept *kept, gint64 message)
{
	if (message == 0 || kept->message != message)
		forget(kept);
	kept->message = message;
}

/* FALSE: there is no room for it. */
static gboolean
keep(pl_kept *kept, const char *hex, const guint8 *bytes, gsize length)
{
	if (length > KEPT_MOST - kept->size)
		return FALSE;
	kept->size += length;
	g_hash_table_replace(
	    kept->files, g_strdup(hex), g_bytes_new(bytes, length));
	return TRUE;
}

/* ---- the search -------------------------------------------------------- */

struct search {
	const char *sha256;
	GBytes *found;
	pl_kept *kept; /* NULL: nothing is */
};

/* The container was seen before what is in it. */
static gboolean
look_for(struct pl_walk *walk, const struct pl_seen *seen, const guint8 *bytes,
    gsize length, gboolean container)
{
	struct search *s = walk->user;
	char hex[PL_SHA256_HEX + 1];

	(void)seen;
	pl_sha256_hex(bytes, length, hex);
	if (s->found != NULL)
		return container || keep(s->kept, hex, bytes, length);
	if (strcmp(hex, s->sha256) != 0)
		return TRUE;
	s->found = g_bytes_new(bytes, length);
	return s->kept != NULL && walk->packed > 0 && length <= KEPT_MOST;
}

static GBytes *
search(const struct pl_limits *limits, const struct pl_source *source,
    struct search *s, GError **error)
{
	struct pl_walk walk = {
		.limits = limits,
		.visit = look_for,
		.user = s,
	};

	pl_walk_message(&walk, source, NULL);
	g_free(walk.limit);
	if (s->found != NULL) {
		g_clear_error(&walk.error);
		return s->found;
	}
	if (walk.error != NULL)
		g_propagate_error(error, walk.error);
	else
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_ABSENT,
		    "the message has no file with SHA-256 %s", s->sha256);
	return NULL;
}

GBytes *
pl_extract(const struct pl_limits *limits, const struct pl_source *source,
    const char *sha256, GError **error)
{
	struct search s = { sha256, NULL, NULL };

	return search(limits, source, &s, error);
}

GBytes *
pl_extract_keeping(const struct pl_limits *limits,
    const struct pl_source *source, const char *sha256, pl_kept *kept,
    GError **error)
{
	struct search s = { sha256, NULL, source->message != 0 ? kept : NULL };
	GBytes *there;

	pl_kept_only(kept, source->message);
	there = g_hash_table_lookup(kept->files, sha256);
	if (there != NULL)
		return g_bytes_ref(there);
	forget(kept);
	return search(limits, source, &s, error);
}
