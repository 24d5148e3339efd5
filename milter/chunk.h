/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chunk - buffers of PL_CHUNK bytes, used again
 *
 * Each message of more than a few KB needs one. New ones cost more than all
 * that is done with them: the system gives their pages one by one, and zeroed.
 */
#ifndef MILTER_CHUNK_H
#define MILTER_CHUNK_H

#include <glib.h>

/* From any thread. What is in it is undefined. */
guint8 *pl_chunk_take(void);
void pl_chunk_give(guint8 *chunk); /* NULL is fine */

#endif
