/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a file: ZIP, winmail.dat, S/MIME, an e-mail, a text with
 * uuencoded files. Nothing visited is larger than the limit. */
#include <stdint.h>
#include <stdlib.h>

#include "room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct pl_limits limits = {
	.depth = 8, .parts = 100, .unpacked = 4 << 20, .ratio = 100
};

static gboolean
visit(struct pl_walk *walk, const struct pl_seen *seen, const guint8 *bytes,
    gsize length, gboolean container)
{
	char hex[PL_SHA256_HEX + 1];

	(void)container;
	pl_sha256_hex(bytes, length, hex);
	if (seen->media_type == NULL ||
	    (seen->name != NULL && !g_utf8_validate(seen->name, -1, NULL)))
		abort();
	if (walk->files > 0 && length > limits.unpacked)
		abort();
	return TRUE;
}

static void
problem(struct pl_walk *walk, const char *code, const char *filename,
    const char *text)
{
	(void)walk;
	(void)filename;
	if (code == NULL || text == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pl_seen seen = { .name = "file.p7m",
		.media_type = "application/pkcs7-mime",
		.attached = TRUE };
	struct pl_walk walk = {
		.limits = &limits, .visit = visit, .problem = problem
	};

	pl_child_warm();
	pl_walk_file(&walk, &seen, data, size);
	if (!walk.stop)
		pl_encoded_open(&walk, data, size);
	if (walk.parts > limits.parts + 1)
		abort();
	g_free(walk.limit);
	g_clear_error(&walk.error);
	return 0;
}
