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
	gboolean stale; /* and to be dropped: another attempt took its place */
	unsigned others; /* recipients that are none of our business */
	/* it comes back to an attempt of ours; then nothing else of it is
	 * captured. As received, NULL: it does not */
	char *return_to;
	struct pl_keyed returns;
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
	PL_TAKEN_APART,  /* ask for it in a message of its own */
	PL_TAKEN_BARRED, /* refuse: this client may not */
	PL_TAKEN_UNABLE, /* defer: the ledger takes nothing now */
};
enum pl_returning {
	PL_RETURNING_NO,     /* none of that: see pl_mail_match() */
	PL_RETURNING,        /* to be captured */
	PL_RETURNING_FORGED, /* none of ours, see pl_mail_match() */
	PL_RETURNING_APART,  /* ask for it in a message of its own */
	PL_RETURNING_UNABLE, /* defer: the ledger takes nothing now */
};
/*
 * Is RECIPIENT, as received, a return path of ours? Such a message becomes one
 * of its own, so it goes neither with one for an intake address nor with one
 * for another attempt: the MTA has to hand over those one after the other.
 * Where one recipient cannot be refused (local mail) it is none of our
 * business then.
 */
enum pl_returning pl_mail_return(
    pl_mail *mail, const char *recipient, gboolean able);
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
