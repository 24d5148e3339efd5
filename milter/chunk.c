/* SPDX-License-Identifier: BSD-2-Clause */
/* chunk - see chunk.h */
#include "chunk.h"

#include "postledger/ledger.h"

#define KEPT 32 /* 8 MB: one for each of the sessions of a busy MTA */

static GMutex lock;
static guint8 *kept[KEPT];
static unsigned n;

guint8 *
pl_chunk_take(void)
{
	guint8 *chunk = NULL;

	g_mutex_lock(&lock);
	if (n > 0)
		chunk = kept[--n];
	g_mutex_unlock(&lock);
	return chunk != NULL ? chunk : g_malloc(PL_CHUNK);
}

void
pl_chunk_give(guint8 *chunk)
{
	g_mutex_lock(&lock);
	if (chunk != NULL && n < KEPT) {
		kept[n++] = chunk;
		chunk = NULL;
	}
	g_mutex_unlock(&lock);
	g_free(chunk);
}
