/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply - what the MTA says, line by line
 */
#ifndef PL_RUN_REPLY_H
#define PL_RUN_REPLY_H

#include <glib.h>

struct pl_reply {
	GString *text; /* all lines, joined by LF */
	unsigned code; /* of the last line, once it is complete; else 0 */
};
void pl_reply_reset(struct pl_reply *reply);
/* One line with its end, or a piece of one. */
void pl_reply_add(struct pl_reply *reply, const char *line, gsize length);

/* The queue id in a whole reply: "queued as ID", "id=ID", "ID Message accepted",
 * else its text without codes; NULL if there is none. g_free(). */
char *pl_reply_queue_id(const char *text);

#endif
