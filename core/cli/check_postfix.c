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

/* What is known of one smtpd of master.cf. */
struct entrance {
	const struct pl_service *service;
	struct pl_place place;
	gboolean overrides; /* smtpd_milters of its own */
	gboolean off;       /* receive_override_options = no_milters */
	gboolean hop;       /* transport_maps lead intake mail to it */
};

struct view {
	pl_check *check;
	pl_postfix *postfix;
	GArray *entrances;
	unsigned addresses, by_hop; /* intake addresses */
	unsigned inline_entrances;
	gboolean unknown; /* a lookup table could not be asked */
};

static void
clear_entrance(gpointer data)
{
	struct entrance *e = data;
	pl_place_clear(&e->place);
}

static void
find_entrances(struct view *v)
{
	const GPtrArray *services = pl_postfix_services(v->postfix);
	v->entrances = g_array_new(FALSE, TRUE, sizeof(struct entrance));
	g_array_set_clear_func(v->entrances, clear_entrance);
	for (unsigned i = 0; i < services->len; i++) {
		const struct pl_service *s = g_ptr_array_index(services, i);
		if (!pl_attach_is_smtpd(s))
			continue;
		struct entrance e = { .service = s };
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

static struct entrance *
entrance_of(struct view *v, const struct pl_service *service)
{
	for (unsigned i = 0; i < v->entrances->len; i++) {
		struct entrance *e =
		    &g_array_index(v->entrances, struct entrance, i);
		if (e->service == service)
			return e;
	}
	return NULL;
}

/* The smtpd on this host that mail for ADDRESS is led to, or NULL. */
static struct entrance *
hop_of(struct view *v, const char *address)
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
	return service == NULL ? NULL : entrance_of(v, service);
}

static void
find_hops(struct view *v)
{
	pl_config *config = v->check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const GPtrArray *a = pl_config_journal(config, i)->addresses;
		for (unsigned j = 0; j < a->len; j++) {
			struct entrance *e = hop_of(v, g_ptr_array_index(a, j));
			v->addresses++;
			if (e == NULL)
				continue;
			v->by_hop++;
			e->hop = TRUE;
		}
	}
	for (unsigned i = 0; i < v->entrances->len; i++) {
		const struct entrance *e =
		    &g_array_index(v->entrances, struct entrance, i);
		if (!e->hop && e->place.match != PL_MATCH_OTHER)
			v->inline_entrances++;
	}
}

/* ---- one entrance ------------------------------------------------------ */

static char *
name_of(const struct entrance *e)
{
	return e->overrides
		   ? g_strdup_printf("smtpd_milters of %s/%s in master.cf",
			 e->service->name, e->service->type)
		   : g_strdup("smtpd_milters in main.cf");
}

/* What to write, and where, so that this smtpd has us. */
static char *
correction(const struct view *v, const struct entrance *e)
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

static void
check_chroot(const struct view *v, const struct pl_place *place,
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
check_missing(const struct view *v, const struct entrance *e)
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
check_entrance(const struct view *v, const struct entrance *e)
{
	const struct pl_service *s = e->service;
	g_autofree char *where = name_of(e);
	if (e->place.match == PL_MATCH_CHROOT) {
		check_chroot(v, &e->place, where, s->chroot);
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
static void
check_entrances(const struct view *v)
{
	gboolean told[2][2] = { { FALSE } };
	for (unsigned i = 0; i < v->entrances->len; i++) {
		const struct entrance *e =
		    &g_array_index(v->entrances, struct entrance, i);
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

/* ---- local mail, hop, the rest ----------------------------------------- */

static void
check_local(const struct view *v)
{
	const char *list = pl_postfix_get(v->postfix, "non_smtpd_milters");
	const struct pl_service *cleanup =
	    pl_postfix_service(v->postfix, "cleanup", "unix");
	gboolean chroot = cleanup != NULL && cleanup->chroot;
	struct pl_place place;
	pl_place_find(&place, v->check, v->postfix, list, chroot);
	g_autofree char *corrected =
	    pl_place_corrected(v->check, v->postfix, list);
	g_autofree char *todo =
	    g_strdup_printf("postconf -c %s -e 'non_smtpd_milters = %s'",
		pl_postfix_dir(v->postfix), corrected);
	const char *where = "non_smtpd_milters in main.cf";
	if (place.match == PL_MATCH_CHROOT)
		check_chroot(v, &place, where, chroot);
	else if (place.match == PL_MATCH_OTHER)
		pl_check_fail(v->check, "PL-404", todo,
		    "non_smtpd_milters does not have postledgerd: intake mail "
		    "of the sendmail command is not captured");
	else
		pl_check_place(v->check, v->postfix, &place, where, list,
		    pl_postfix_get(v->postfix, "milter_default_action"),
		    pl_postfix_get(v->postfix, "milter_protocol"));
	pl_place_clear(&place);
	if (strstr(pl_postfix_get(v->postfix, "internal_mail_filter_classes"),
		"bounce") == NULL)
		pl_check_note(v->check,
		    "internal_mail_filter_classes has no "
		    "bounce: Postfix's own bounces of batches are not seen "
		    "(the install guide tells what that means)");
}

/* Whatever leaves for an address that leads to the hop comes back for ever. */
static void
check_loops(struct view *v)
{
	pl_config *config = v->check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		const struct entrance *e = hop_of(v, j->deliver_to);
		if (e != NULL && e->place.match != PL_MATCH_OTHER)
			pl_check_fail(v->check, "PL-405", NULL,
			    "journal %s: transport_maps lead deliver_to <%s> "
			    "back to the hop %s/%s, for ever",
			    j->name, j->deliver_to, e->service->name,
			    e->service->type);
	}
}

static void
check_hop_clients(const struct view *v)
{
	pl_config *config = v->check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		if (j->access.senders != NULL && j->access.senders->len > 0)
			continue;
		pl_check_note(v->check,
		    "behind the hop every client is "
		    "loopback: allow_networks cannot tell who sends, only the "
		    "restrictions of the front can (see the install guide)");
		return;
	}
}

/* Exactly once needs the daemon to see the batches go by. */
static void
check_submission(struct view *v)
{
	const char *url = v->check->gateway->submission;
	const struct pl_service *s = pl_attach_submission(v->postfix, url);
	const struct entrance *e = s == NULL ? NULL : entrance_of(v, s);
	if (e != NULL && e->place.match == PL_MATCH_OURS && !e->off)
		return;
	pl_check_warn(v->check, "PL-417", NULL, "submission %s %s", url,
	    s == NULL ? "is no smtpd of this Postfix"
		      : "leads to an smtpd that does not have postledgerd as a "
			"milter");
}

static void
check_sizes(const struct view *v)
{
	pl_config *config = v->check->cli->config;
	guint64 limit = g_ascii_strtoull(
	    pl_postfix_get(v->postfix, "message_size_limit"), NULL, 10);
	if (limit == 0)
		return;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		if (j->max_mail_size > limit)
			pl_check_warn(v->check, "PL-403", NULL,
			    "journal %s: max_mail_size is %" G_GUINT64_FORMAT
			    " bytes, message_size_limit of Postfix is "
			    "%" G_GUINT64_FORMAT,
			    j->name, j->max_mail_size, limit);
	}
	if (v->check->gateway->max_message_size > limit)
		pl_check_note(v->check,
		    "max_message_size is above "
		    "message_size_limit of Postfix (%" G_GUINT64_FORMAT
		    "), which decides",
		    limit);
}

static void
check_not_attached(const struct view *v)
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
say_how(const struct view *v)
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
check_all(struct view *v)
{
	find_entrances(v);
	find_hops(v);
	if (v->unknown)
		pl_check_note(v->check, "a table of transport_maps cannot be "
					"asked: a hop may be overlooked");
	if (v->inline_entrances == 0 && v->by_hop == 0) {
		check_not_attached(v);
		return;
	}
	say_how(v);
	check_entrances(v);
	if (v->inline_entrances > 0)
		check_local(v);
	if (v->by_hop > 0) {
		check_loops(v);
		check_hop_clients(v);
	}
	if (*pl_postfix_get(v->postfix, "smtpd_milter_maps") != '\0')
		pl_check_note(v->check, "smtpd_milter_maps can switch "
					"postledgerd off for some clients");
	check_submission(v);
	pl_check_access(v->check, v->postfix);
}

void
pl_check_postfix(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_postfix) postfix =
	    pl_postfix_read(check->postfix_dir, &error);
	struct view v = { .check = check, .postfix = postfix };
	if (postfix == NULL) {
		pl_check_warn(check, "PL-415", NULL, "%s", error->message);
		return;
	}
	pl_check_good(check, "Postfix in %s", pl_postfix_dir(postfix));
	check_all(&v);
	check_sizes(&v);
	g_array_unref(v.entrances);
}
