/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extract - one file out of a message: the same walk, in search of one hash
 */
#include "room.h"

#include <string.h>

struct search {
	const char *sha256;
	GBytes *found;
};

static gboolean
look_for(struct pl_walk *walk, const struct pl_seen *seen, const guint8 *bytes,
    gsize length, gboolean container)
{
	struct search *s = walk->user;
	char hex[PL_SHA256_HEX + 1];

	(void)seen, (void)container;
	pl_sha256_hex(bytes, length, hex);
	if (strcmp(hex, s->sha256) != 0)
		return TRUE;
	s->found = g_bytes_new(bytes, length);
	return FALSE;
}

GBytes *
pl_extract(const struct pl_limits *limits, const struct pl_source *source,
    const char *sha256, GError **error)
{
	struct search search = { sha256, NULL };
	struct pl_walk walk = {
		.limits = limits,
		.visit = look_for,
		.user = &search,
	};

	pl_walk_message(&walk, source, NULL);
	g_free(walk.limit);
	if (search.found != NULL) {
		g_clear_error(&walk.error);
		return search.found;
	}
	if (walk.error != NULL)
		g_propagate_error(error, walk.error);
	else
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_ABSENT,
		    "the message has no file with SHA-256 %s", sha256);
	return NULL;
}
