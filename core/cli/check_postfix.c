/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_postfix - how postledgerd is attached, and what is wrong with it
 *
 * Two ways are right. In line: the last milter of smtpd_milters and of
 * non_smtpd_milters. Hop: transport_maps lead the intake domain to an smtpd
 * on loopback that has the milter. The transport of each intake address tells
 * which is meant; both at once are fine, too.
 */
#include "attach.h"

#include <string.h>

static void
clear_entrance(gpointer data)
{
	struct pl_entrance *e = data;
	pl_place_clear(&e->place);
}

static void
find_entrances(struct pl_attached *v)
{
	const GPtrArray *services = pl_postfix_services(v->postfix);
	v->entrances = g_array_new(FALSE, TRUE, sizeof(struct pl_entrance));
	g_array_set_clear_func(v->entrances, clear_entrance);
	for (unsigned i = 0; i < services->len; i++) {
		const struct pl_service *s = g_ptr_array_index(services, i);
		if (!pl_attach_is_smtpd(s))
			continue;
		struct pl_entrance e = { .service = s };
		e.overrides =
		    g_hash_table_contains(s->overrides, "smtpd_milters");
		e.off = strstr(pl_postfix_of(
				   v->postfix, s, "receive_override_options"),
			    "no_milters") != NULL;
		pl_place_find(&e.place, v->check, v->postfix,
		    pl_postfix_of(v->postfix, s, "smtpd_milters"), s->chroot);
		g_array_append_val(v->entrances, e);
	}
}

struct pl_entrance *
pl_attached_entrance_of(struct pl_attached *v, const struct pl_service *service)
{
	for (unsigned i = 0; i < v->entrances->len; i++) {
		struct pl_entrance *e =
		    &g_array_index(v->entrances, struct pl_entrance, i);
		if (e->service == service)
			return e;
	}
	return NULL;
}

/* The smtpd on this host that mail for ADDRESS is led to, or NULL. */
struct pl_entrance *
pl_attached_hop_of(struct pl_attached *v, const char *address)
{
	g_autofree char *example =
	    *address == '*' ? g_strconcat("anybody", address + 1, NULL)
			    : g_strdup(address);
	g_autofree char *transport =
	    pl_postfix_transport(v->postfix, example, &v->unknown);
	if (transport == NULL)
		return NULL;
	const struct pl_service *service =
	    pl_attach_target(v->postfix, transport);
	return service == NULL ? NULL : pl_attached_entrance_of(v, service);
}

static void
find_hops(struct pl_attached *v)
{
	pl_config *config = v->check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const GPtrArray *a = pl_config_journal(config, i)->addresses;
		for (unsigned j = 0; j < a->len; j++) {
			struct pl_entrance *e =
			    pl_attached_hop_of(v, g_ptr_array_index(a, j));
			v->addresses++;
			if (e == NULL)
				continue;
			v->by_hop++;
			e->hop = TRUE;
		}
	}
}

/* With a hop, batches often have an smtpd of their own, which takes no other
 * mail: it is no sign of being in line. */
static void
find_inline(struct pl_attached *v)
{
	const struct pl_service *submission =
	    pl_attach_submission(v->postfix, v->check->gateway->submission);
	for (unsigned i = 0; i < v->entrances->len; i++) {
		struct pl_entrance *e =
		    &g_array_index(v->entrances, struct pl_entrance, i);
		e->own = v->by_hop > 0 && e->service == submission &&
			 pl_attach_loopback(submission);
		if (!e->hop && !e->own && e->place.match != PL_MATCH_OTHER)
			v->inline_entrances++;
	}
}

static void
check_not_attached(const struct pl_attached *v)
{
	g_autofree char *wanted = pl_place_wanted(v->check, v->postfix);
	g_autofree char *todo = g_strdup_printf(
	    "In line: postconf -c %s -e 'smtpd_milters = %s' "
	    "'non_smtpd_milters = %s', behind those that are there. By a "
	    "hop: see the install guide.",
	    pl_postfix_dir(v->postfix), wanted, wanted);
	pl_check_fail(v->check, "PL-404", todo,
	    "postledgerd is attached neither in line (smtpd_milters) nor by "
	    "a hop (transport_maps): nothing is captured");
}

static void
say_how(const struct pl_attached *v)
{
	if (v->inline_entrances > 0 && v->by_hop > 0)
		pl_check_good(v->check,
		    "attached in line, and by a hop for "
		    "%u of %u intake addresses",
		    v->by_hop, v->addresses);
	else if (v->inline_entrances > 0)
		pl_check_good(v->check,
		    "attached in line to %u of %u smtpd "
		    "services",
		    v->inline_entrances, v->entrances->len);
	else if (v->by_hop == v->addresses)
		pl_check_good(v->check, "attached by a hop");
	else
		pl_check_warn(v->check, "PL-404",
		    "Add the domains that are missing to transport_maps.",
		    "attached by a hop for %u of %u intake addresses only",
		    v->by_hop, v->addresses);
}

static void
check_all(struct pl_attached *v)
{
	find_entrances(v);
	find_hops(v);
	find_inline(v);
	if (v->unknown)
		pl_check_note(v->check, "a table of transport_maps cannot be "
					"asked: a hop may be overlooked");
	if (v->inline_entrances == 0 && v->by_hop == 0) {
		check_not_attached(v);
		return;
	}
	say_how(v);
	pl_check_entrances(v);
	if (v->inline_entrances > 0)
		pl_check_local(v);
	if (v->by_hop > 0) {
		pl_check_loops(v);
		pl_check_hop_clients(v);
	}
	if (*pl_postfix_get(v->postfix, "smtpd_milter_maps") != '\0')
		pl_check_note(v->check, "smtpd_milter_maps can switch "
					"postledgerd off for some clients");
	pl_check_submission(v);
	pl_check_returns(v);
	pl_check_access(v->check, v->postfix);
}

void
pl_check_postfix(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_postfix) postfix =
	    pl_postfix_read(check->postfix_dir, &error);
	struct pl_attached v = { .check = check, .postfix = postfix };
	if (postfix == NULL) {
		pl_check_warn(check, "PL-415", NULL, "%s", error->message);
		return;
	}
	pl_check_good(check, "Postfix in %s", pl_postfix_dir(postfix));
	check_all(&v);
	pl_check_sizes(&v);
	g_array_unref(v.entrances);
}
