/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * submit - e-mails over SMTP to the local MTA
 *
 * One connection for many e-mails. What counts is the MTA's own reply line,
 * never a library's error number. Whatever goes wrong before the final dot is
 * "deferred": the MTA took nothing. Without a reply after it, it is "unknown".
 *
 * The protocol is spoken here. libcurl, which did it before, looks at each byte
 * of a message for dots (a twentieth of a run), and shows only in its debug
 * output how far it is. libesmtp 1.1.0 is not fit: when a write times out it
 * drops that piece of the message and goes on with the next.
 */
#ifndef PL_RUN_SUBMIT_H
#define PL_RUN_SUBMIT_H

#include "dialog.h"
#include "spool.h"

typedef struct pl_submit pl_submit;

/* SUBMISSION is smtp://host:port; nothing is connected yet. */
pl_submit *pl_submit_new(const char *submission);
void pl_submit_free(pl_submit *submit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_submit, pl_submit_free)

struct pl_envelope {
	const char *from, *to;
	const char *stamp; /* header lines before the spool's, with CR LF */
	const pl_spool *spool;
	struct pl_gate *gate; /* NULL: nobody looks on */
};
struct pl_answer {
	enum pl_attempt_state state; /* sent, deferred, refused, unknown */
	char *reply;   /* the whole reply; in brackets: what went wrong */
	char *mta_id;  /* queue id, or NULL */
	guint64 size;  /* bytes of the message */
	gboolean down; /* the MTA takes nothing now: leave it alone */
};
void pl_answer_clear(struct pl_answer *answer);
void pl_submit_send(pl_submit *submit, const struct pl_envelope *envelope,
    struct pl_answer *answer);

/* The same in steps. All but the dot: the MTA has taken nothing yet. FALSE: it
 * will not, and answers why. The envelope must stay until the answer. */
gboolean pl_submit_hand(pl_submit *submit, const struct pl_envelope *envelope);
/* From now on it may have it. */
void pl_submit_dot(pl_submit *submit);
/* Waits for it; what has no dot yet never gets one. */
void pl_submit_answer(pl_submit *submit, struct pl_answer *answer);

/* Sends one command line (without CR LF) outside of any e-mail; REPLY is the
 * MTA's (g_free()). FALSE: it did not answer (PL_RUN_UNAVAILABLE). */
gboolean pl_submit_command(pl_submit *submit, const char *command,
    unsigned *code, char **reply, GError **error);
/* What it announced in its answer to EHLO. */
guint64 pl_submit_size(const pl_submit *submit);
gboolean pl_submit_dsn(const pl_submit *submit);
const char *pl_submit_greeting(const pl_submit *submit);

#endif
