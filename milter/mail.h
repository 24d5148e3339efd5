/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mail - one message between MAIL FROM and its end
 *
 * Who sent it, to whom, what is ours of it. One object per message, owned by
 * its session.
 */
#ifndef MILTER_MAIL_H
#define MILTER_MAIL_H

#include "capture.h"
#include "own.h"
#include "setup.h"

typedef struct pl_mail {
	pl_setup *setup; /* the one in force at MAIL FROM */
	char *sender;    /* as received */
	enum pl_own candidate;
	struct pl_keyed keyed;
	gboolean own; /* proven: a batch of ours */
	struct pl_stamp stamp;
	unsigned others; /* recipients that are none of our business */
	/* char *, as received; NULL while there is none */
	GPtrArray *intake;   /* to be captured */
	GPtrArray *barred;   /* of clients who may not, see pl_mail_take() */
	GPtrArray *all;      /* of a candidate */
	GPtrArray *journals; /* const char *: names, each once */
	pl_capture *capture; /* NULL before DATA */
} pl_mail;

/* Takes over SETUP. */
pl_mail *pl_mail_new(pl_setup *setup, const char *sender);
void pl_mail_free(pl_mail *mail); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_mail, pl_mail_free)

/* Who hands it over. NULL where not known. */
struct pl_client {
	const char *address, *auth;
};

enum pl_taken {
	PL_TAKEN,        /* or none of our business */
	PL_TAKEN_BARRED, /* refuse: this client may not */
	PL_TAKEN_UNABLE, /* defer: the ledger takes nothing now */
};
/* The journals of RECIPIENT, as received; NULL if it is none of our business,
 * and all is said about it. */
const GPtrArray *pl_mail_match(pl_mail *mail, const char *recipient);
/*
 * Decides over RECIPIENT, which is an intake address of JOURNALS. Nothing is
 * refused here where the whole message would suffer: of local mail (its
 * addresses come without <>), where Postfix cannot refuse one recipient, and of
 * mail that may be our own batch, which is known only after its header. Such
 * barred recipients are kept apart until the end.
 */
enum pl_taken pl_mail_take(pl_mail *mail, const char *recipient,
    const GPtrArray *journals, const struct pl_client *client, gboolean able);

/* Is there anything to do for us once the content comes? */
gboolean pl_mail_concerns_us(const pl_mail *mail);
/* Comma separated names of the journals. g_free(). */
char *pl_mail_journals(const pl_mail *mail);

#endif
