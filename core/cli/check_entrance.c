/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_entrance - every smtpd of master.cf: does mail pass us there?
 */
#include "attach.h"

#include <string.h>

static char *
name_of(const struct pl_entrance *e)
{
	return e->overrides
		   ? g_strdup_printf("smtpd_milters of %s/%s in master.cf",
			 e->service->name, e->service->type)
		   : g_strdup("smtpd_milters in main.cf");
}

/* What to write, and where, so that this smtpd has us. */
static char *
correction(const struct pl_attached *v, const struct pl_entrance *e)
{
	g_autofree char *list = pl_place_corrected(v->check, v->postfix,
	    pl_postfix_of(v->postfix, e->service, "smtpd_milters"));
	if (e->overrides || e->hop)
		return g_strdup_printf(
		    "postconf -c %s -P '%s/%s/smtpd_milters=%s'",
		    pl_postfix_dir(v->postfix), e->service->name,
		    e->service->type, list);
	return g_strdup_printf("postconf -c %s -e 'smtpd_milters = %s'",
	    pl_postfix_dir(v->postfix), list);
}

void
pl_check_chroot(const struct pl_attached *v, const struct pl_place *place,
    const char *where, gboolean chroot)
{
	g_autofree char *wanted = pl_place_wanted(v->check, v->postfix);
	g_autofree char *todo =
	    *wanted == 'u' && wanted[5] != '/'
		? g_strdup_printf(
		      "Write it relative to the queue directory, which "
		      "is right everywhere: %s",
		      wanted)
		: g_strdup_printf("Put the socket below %s, or set the chroot "
				  "column of that service in master.cf to n",
		      pl_postfix_get(v->postfix, "queue_directory"));
	pl_check_fail(v->check, "PL-407", todo,
	    "%s: %s is %s for this process, which is %schrooted to %s, and "
	    "is not the socket %s",
	    where, place->address, chroot ? "outside" : "elsewhere",
	    chroot ? "" : "not ", pl_postfix_get(v->postfix, "queue_directory"),
	    v->check->socket.path);
}

/* An smtpd that does not have us. Those on loopback take mail back from a
 * content filter as a rule: it was seen before. */
static void
check_missing(const struct pl_attached *v, const struct pl_entrance *e)
{
	g_autofree char *todo = correction(v, e);
	const struct pl_service *s = e->service;
	if (e->hop)
		pl_check_fail(v->check, "PL-404", todo,
		    "transport_maps lead intake mail to %s/%s, which does "
		    "not have postledgerd as a milter",
		    s->name, s->type);
	else if (v->inline_entrances == 0)
		return;
	else if (e->off && e->place.match == PL_MATCH_OURS)
		pl_check_fail(v->check, "PL-412",
		    "Remove no_milters from receive_override_options.",
		    "%s/%s: receive_override_options = no_milters switches "
		    "postledgerd off",
		    s->name, s->type);
	else if (pl_attach_loopback(s))
		pl_check_note(v->check,
		    "%s/%s in master.cf, on loopback, "
		    "does not pass postledgerd: right where it takes mail "
		    "back from a content filter",
		    s->name, s->type);
	else if (e->overrides)
		pl_check_fail(v->check, "PL-412", todo,
		    "%s/%s in master.cf has smtpd_milters of its own, without "
		    "postledgerd: intake mail that comes in there is not "
		    "captured",
		    s->name, s->type);
	else
		pl_check_warn(v->check, "PL-404", todo,
		    "%s/%s does not have postledgerd as a milter: intake mail "
		    "that comes in there is not captured",
		    s->name, s->type);
}

static void
check_entrance(const struct pl_attached *v, const struct pl_entrance *e)
{
	const struct pl_service *s = e->service;
	g_autofree char *where = name_of(e);
	if (e->place.match == PL_MATCH_CHROOT) {
		pl_check_chroot(v, &e->place, where, s->chroot);
		return;
	}
	if (e->place.match == PL_MATCH_OTHER || e->off) {
		check_missing(v, e);
		return;
	}
	pl_check_place(v->check, v->postfix, &e->place, where,
	    pl_postfix_of(v->postfix, s, "smtpd_milters"),
	    pl_postfix_of(v->postfix, s, "milter_default_action"),
	    pl_postfix_of(v->postfix, s, "milter_protocol"));
}

/* Those that have the list of main.cf differ in nothing but their chroot:
 * one of each kind is told. */
void
pl_check_entrances(const struct pl_attached *v)
{
	gboolean told[2][2] = { { FALSE } };
	for (unsigned i = 0; i < v->entrances->len; i++) {
		const struct pl_entrance *e =
		    &g_array_index(v->entrances, struct pl_entrance, i);
		gboolean plain = !e->hop && !e->off && !e->overrides &&
				 e->place.match != PL_MATCH_OTHER &&
				 !g_hash_table_contains(e->service->overrides,
				     "milter_default_action") &&
				 !g_hash_table_contains(
				     e->service->overrides, "milter_protocol");
		gboolean *once = &told[e->service->chroot]
				      [e->place.match == PL_MATCH_CHROOT];
		if (plain && *once)
			continue;
		*once |= plain;
		check_entrance(v, e);
	}
}
