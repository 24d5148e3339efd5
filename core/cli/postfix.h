/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postfix - main.cf, master.cf and lookup tables, as Postfix's own programs
 * tell them
 *
 * Nothing is parsed that postconf and postmap can say: values come expanded,
 * overrides apart. No shell is called.
 */
#ifndef POSTLEDGER_CLI_POSTFIX_H
#define POSTLEDGER_CLI_POSTFIX_H

#include <gio/gio.h>

typedef struct pl_postfix pl_postfix;

/* One line of master.cf. */
struct pl_service {
	char *name, *type, *command;
	gboolean chroot;
	GHashTable *overrides; /* name ▸ value, of -o */
};

/* DIR: the folder of main.cf, NULL for that of the installed Postfix. */
pl_postfix *pl_postfix_read(const char *dir, GError **error);
void pl_postfix_free(pl_postfix *postfix); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_postfix, pl_postfix_free)

const char *pl_postfix_dir(const pl_postfix *postfix);
/* The value in main.cf or its default; "" for one that is not read. */
const char *pl_postfix_get(const pl_postfix *postfix, const char *name);
/* The value in force for a service. */
const char *pl_postfix_of(const pl_postfix *postfix,
    const struct pl_service *service, const char *name);
/* struct pl_service, in the order of master.cf. */
const GPtrArray *pl_postfix_services(const pl_postfix *postfix);
/* The service NAME/TYPE, or NULL. */
const struct pl_service *pl_postfix_service(
    const pl_postfix *postfix, const char *name, const char *type);

/* Does the list of domains NAME ("relay_domains") hold DOMAIN? FALSE also
 * when a table cannot be asked (UNKNOWN is set). */
gboolean pl_postfix_lists(const pl_postfix *postfix, const char *name,
    const char *domain, gboolean *unknown);

/* Words of a list, apart at commas and blanks that are outside of braces. */
char **pl_postfix_words(const char *list);

/* What transport_maps say of ADDRESS ("smtp:[127.0.0.1]:10025"), g_free();
 * NULL when nothing, or when a table cannot be asked (UNKNOWN is set). */
char *pl_postfix_transport(
    const pl_postfix *postfix, const char *address, gboolean *unknown);

#endif
