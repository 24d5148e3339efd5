/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_place - our place in one list of milters, and the way to the socket
 */
#include "attach.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

static void
check_action(pl_check *check, const char *where, const char *action)
{
	if (strcmp(action, "tempfail") == 0)
		return;
	if (strcmp(action, "accept") == 0)
		pl_check_warn(check, "PL-409", NULL,
		    "%s: milter_default_action is accept: while postledgerd "
		    "is down, mail for intake addresses goes on past it, "
		    "unseen and without a report",
		    where);
	else if (strcmp(action, "quarantine") == 0)
		pl_check_warn(check, "PL-409", NULL,
		    "%s: milter_default_action is quarantine: while "
		    "postledgerd is down, all mail waits in the hold queue "
		    "until a person releases it, past postledgerd",
		    where);
	else
		pl_check_warn(check, "PL-409", NULL,
		    "%s: milter_default_action is %s: while postledgerd is "
		    "down, all mail is refused for good",
		    where, action);
}

static void
check_protocol(pl_check *check, const char *where, const char *protocol)
{
	if (g_ascii_strtoull(protocol, NULL, 10) < 6)
		pl_check_fail(check, "PL-404",
		    "Set milter_protocol = 6, or remove it from main.cf.",
		    "%s: milter_protocol is %s, at least 6 is needed", where,
		    protocol);
}

/* WHERE is words like "smtpd_milters in main.cf". */
void
pl_check_place(pl_check *check, const pl_postfix *postfix,
    const struct pl_place *place, const char *where, const char *list,
    const char *action, const char *protocol)
{
	g_autofree char *corrected = pl_place_corrected(check, postfix, list);
	if (place->match == PL_MATCH_OURS && !place->last) {
		g_autofree char *todo = g_strdup_printf("Write: %s", corrected);
		pl_check_fail(check, "PL-404", todo,
		    "postledgerd is not the last milter of %s: one behind it "
		    "can still change or refuse what was captured",
		    where);
	}
	check_action(
	    check, where, place->action != NULL ? place->action : action);
	check_protocol(
	    check, where, place->protocol != NULL ? place->protocol : protocol);
}

/* ---- may Postfix's user connect? --------------------------------------- */

struct person {
	uid_t uid;
	gid_t groups[64];
	int n;
};

static gboolean
find_person(struct person *who, const char *name)
{
	const struct passwd *pw = getpwnam(name);
	who->n = G_N_ELEMENTS(who->groups);
	if (pw == NULL)
		return FALSE;
	who->uid = pw->pw_uid;
	if (getgrouplist(name, pw->pw_gid, who->groups, &who->n) < 0)
		who->n = G_N_ELEMENTS(who->groups);
	return TRUE;
}

/* BITS is one of the last three of the mode: 1 to pass, 2 to write. */
static gboolean
may(const struct person *who, const struct stat *st, unsigned bits)
{
	if (st->st_uid == who->uid)
		return ((st->st_mode >> 6) & bits) == bits;
	for (int i = 0; i < who->n; i++)
		if (who->groups[i] == st->st_gid)
			return ((st->st_mode >> 3) & bits) == bits;
	return (st->st_mode & bits) == bits;
}

static char *
describe(const struct stat *st)
{
	const struct passwd *pw = getpwuid(st->st_uid);
	const struct group *gr = getgrgid(st->st_gid);
	return g_strdup_printf("%s:%s %04o", pw != NULL ? pw->pw_name : "?",
	    gr != NULL ? gr->gr_name : "?", (unsigned)st->st_mode & 07777);
}

/* The first thing on the way to the socket that keeps WHO out. */
static gboolean
check_way(pl_check *check, const struct person *who, const char *name)
{
	const char *path = check->socket.path;
	for (const char *slash = path; slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		const char *next = strchr(slash + 1, '/');
		g_autofree char *part =
		    next == NULL ? g_strdup(path)
				 : g_strndup(path, (gsize)(next - path));
		struct stat st;
		if (stat(part, &st) < 0) {
			pl_check_note(check,
			    "%s: %s, so the rights on the "
			    "socket are not checked",
			    part, g_strerror(errno));
			return FALSE;
		}
		if (may(who, &st, next == NULL ? 2 : 1))
			continue;
		g_autofree char *rights = describe(&st);
		pl_check_fail(check, "PL-407",
		    next == NULL ? "Set socket_mode = 0660 and put Postfix's "
				   "user into the "
				   "socket's group (or give the folder "
				   "Postfix's group with "
				   "chgrp and chmod g+s), then restart both."
				 : "Let Postfix's user pass the folder: chgrp "
				   "it to a group "
				   "of that user and chmod g+x.",
		    "the user \"%s\" of Postfix cannot %s %s (%s)", name,
		    next == NULL ? "connect to" : "pass", part, rights);
		return FALSE;
	}
	return TRUE;
}

void
pl_check_access(pl_check *check, const pl_postfix *postfix)
{
	const char *name = pl_postfix_get(postfix, "mail_owner");
	struct person who;
	if (check->socket.path == NULL)
		return;
	if (!find_person(&who, name))
		pl_check_note(check,
		    "mail_owner \"%s\" of Postfix is no user "
		    "here, so the rights on the socket are not checked",
		    name);
	else if (check_way(check, &who, name))
		pl_check_good(check,
		    "the user \"%s\" of Postfix can reach "
		    "%s",
		    name, check->socket.path);
}
