/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attach - where postledgerd hangs in a Postfix
 */
#ifndef POSTLEDGER_CLI_ATTACH_H
#define POSTLEDGER_CLI_ATTACH_H

#include "check.h"
#include "postfix.h"

/* How a milter in a list of Postfix relates to our socket. */
enum pl_match {
	PL_MATCH_OTHER,
	PL_MATCH_CHROOT, /* ours, but for the chroot it would be reached */
	PL_MATCH_OURS,
};

/* What a list of milters (smtpd_milters of a service, or non_smtpd_milters)
 * says of us. */
struct pl_place {
	enum pl_match match;
	char *address; /* as written, without braces */
	gboolean last;
	char *action;   /* default_action in its braces, or NULL */
	char *protocol; /* the same */
};
void pl_place_clear(struct pl_place *place);

/* Finds us in LIST, read by a process that is chrooted or not. */
void pl_place_find(struct pl_place *place, const pl_check *check,
    const pl_postfix *postfix, const char *list, gboolean chroot);
/* The socket as Postfix should write it, and LIST with it at the end.
 * g_free(). */
char *pl_place_wanted(const pl_check *check, const pl_postfix *postfix);
char *pl_place_corrected(
    const pl_check *check, const pl_postfix *postfix, const char *list);

/* The smtpd of master.cf that a transport ("smtp:[127.0.0.1]:10025") leads to
 * on this host, or NULL. */
const struct pl_service *pl_attach_target(
    const pl_postfix *postfix, const char *transport);
/* Does "smtp://host:port" lead to it? Also NULL. */
const struct pl_service *pl_attach_submission(
    const pl_postfix *postfix, const char *url);
/* Does the service listen on loopback by its name? */
gboolean pl_attach_loopback(const struct pl_service *service);
gboolean pl_attach_is_smtpd(const struct pl_service *service);

/* What is known of one smtpd of master.cf. */
struct pl_entrance {
	const struct pl_service *service;
	struct pl_place place;
	gboolean overrides; /* smtpd_milters of its own */
	gboolean off;       /* receive_override_options = no_milters */
	gboolean hop;       /* transport_maps lead intake mail to it */
	gboolean own;       /* on loopback, and `submission` leads to it */
};

struct pl_attached {
	pl_check *check;
	pl_postfix *postfix;
	GArray *entrances;
	unsigned addresses, by_hop; /* intake addresses */
	unsigned inline_entrances;
	gboolean unknown; /* a lookup table could not be asked */
};

struct pl_entrance *pl_attached_entrance_of(
    struct pl_attached *attached, const struct pl_service *service);
/* The smtpd on this host that mail for ADDRESS is led to, or NULL. */
struct pl_entrance *pl_attached_hop_of(
    struct pl_attached *attached, const char *address);

/* The parts of the check of Postfix. */
void pl_check_entrances(const struct pl_attached *v);
void pl_check_chroot(const struct pl_attached *v, const struct pl_place *place,
    const char *where, gboolean chroot);
void pl_check_local(const struct pl_attached *v);
void pl_check_loops(struct pl_attached *v);
void pl_check_hop_clients(const struct pl_attached *v);
void pl_check_submission(struct pl_attached *v);
void pl_check_returns(struct pl_attached *v);
void pl_check_sizes(const struct pl_attached *v);
void pl_check_place(pl_check *check, const pl_postfix *postfix,
    const struct pl_place *place, const char *where, const char *list,
    const char *action, const char *protocol);
void pl_check_access(pl_check *check, const pl_postfix *postfix);

#endif
