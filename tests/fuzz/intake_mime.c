/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a message: walked, told, sent over the wire and back; every
 * file that is told comes out again with its hash. */
#include <stdint.h>
#include <string.h>

#include "room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct pl_limits limits = {
	.depth = 8, .parts = 100, .unpacked = 4 << 20, .ratio = 100
};

static void
comes_out(const struct pl_source *source, const struct pl_file *file)
{
	g_autoptr(GBytes) bytes =
	    pl_extract(&limits, source, file->sha256, NULL);

	if (bytes == NULL || g_bytes_get_size(bytes) != file->size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
	const struct pl_source source = pl_source_memory(bytes);

	pl_child_warm();
	g_autoptr(pl_findings) f = pl_inspect(&limits, &source, NULL, NULL);
	if (f->documents->len + f->problems->len == 0)
		abort();
	g_autoptr(GBytes) wire = pl_wire_pack(f);
	g_autoptr(pl_findings) same = pl_wire_unpack(wire);
	if (same == NULL || same->documents->len != f->documents->len ||
	    same->ignored->len != f->ignored->len)
		abort();
	for (guint i = 0; i < f->documents->len; i++) {
		const pl_document *d = f->documents->pdata[i];
		for (guint k = 0; k < d->files->len; k++)
			comes_out(&source, d->files->pdata[k]);
	}
	if (f->ignored->len > 0)
		comes_out(&source, f->ignored->pdata[f->ignored->len - 1]);
	return 0;
}
