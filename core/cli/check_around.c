/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_around - what else decides whether mail passes us, and comes back
 */
#include "attach.h"

#include <string.h>

/* The cleanup that mail of the sendmail command goes through. */
static const struct pl_service *
local_cleanup(const pl_postfix *postfix, gboolean *off)
{
	const struct pl_service *pickup =
	    pl_postfix_service(postfix, "pickup", "unix");
	const char *name = "cleanup";
	if (pickup != NULL) {
		name = pl_postfix_of(postfix, pickup, "cleanup_service_name");
		*off = strstr(pl_postfix_of(
				  postfix, pickup, "receive_override_options"),
			   "no_milters") != NULL;
	}
	return pl_postfix_service(postfix, name, "unix");
}

static void
check_list(const struct pl_attached *v, const struct pl_service *cleanup,
    const char *list, const char *where)
{
	gboolean chroot = cleanup != NULL && cleanup->chroot;
	struct pl_place place;
	pl_place_find(&place, v->check, v->postfix, list, chroot);
	g_autofree char *corrected =
	    pl_place_corrected(v->check, v->postfix, list);
	g_autofree char *todo =
	    g_strdup_printf("postconf -c %s -e 'non_smtpd_milters = %s'",
		pl_postfix_dir(v->postfix), corrected);
	if (place.match == PL_MATCH_CHROOT)
		pl_check_chroot(v, &place, where, chroot);
	else if (place.match == PL_MATCH_OTHER)
		pl_check_fail(v->check, "PL-404", todo,
		    "%s does not have postledgerd: intake mail of the "
		    "sendmail command is not captured",
		    where);
	else
		pl_check_place(v->check, v->postfix, &place, where, list,
		    pl_postfix_get(v->postfix, "milter_default_action"),
		    pl_postfix_get(v->postfix, "milter_protocol"));
	pl_place_clear(&place);
}

void
pl_check_local(const struct pl_attached *v)
{
	gboolean off = FALSE;
	const struct pl_service *cleanup = local_cleanup(v->postfix, &off);
	const char *list =
	    cleanup != NULL
		? pl_postfix_of(v->postfix, cleanup, "non_smtpd_milters")
		: pl_postfix_get(v->postfix, "non_smtpd_milters");
	gboolean own =
	    cleanup != NULL &&
	    g_hash_table_contains(cleanup->overrides, "non_smtpd_milters");
	g_autofree char *where =
	    own ? g_strdup_printf("non_smtpd_milters of %s/unix in master.cf",
		      cleanup->name)
		: g_strdup("non_smtpd_milters");
	if (off)
		pl_check_fail(v->check, "PL-412",
		    "Remove no_milters from receive_override_options.",
		    "pickup: receive_override_options = no_milters switches "
		    "postledgerd off for the sendmail command");
	else
		check_list(v, cleanup, list, where);
}

/* Bounces that this Postfix makes itself. */
static gboolean
sees_own_bounces(const struct pl_attached *v)
{
	struct pl_place place;
	const struct pl_service *cleanup =
	    pl_postfix_service(v->postfix, "cleanup", "unix");
	pl_place_find(&place, v->check, v->postfix,
	    pl_postfix_get(v->postfix, "non_smtpd_milters"),
	    cleanup != NULL && cleanup->chroot);
	gboolean ours = place.match == PL_MATCH_OURS;
	pl_place_clear(&place);
	return ours && strstr(pl_postfix_get(
				  v->postfix, "internal_mail_filter_classes"),
			   "bounce") != NULL;
}

static gboolean
is_known(const GPtrArray *senders, const char *sender)
{
	return g_ptr_array_find_with_equal_func(
	    (GPtrArray *)(guintptr)senders, sender, g_str_equal, NULL);
}

static void
check_return(struct pl_attached *v, const char *sender, gboolean fixed)
{
	const struct pl_entrance *e = pl_attached_hop_of(v, sender);
	if (fixed)
		pl_check_note(v->check,
		    "return_path = fixed: bounces go to the mailbox of <%s>; "
		    "somebody must read it",
		    sender);
	else if (e != NULL && e->place.match == PL_MATCH_OURS)
		pl_check_good(v->check,
		    "bounces to <%s> come back by the hop %s/%s", sender,
		    e->service->name, e->service->type);
	else if (sees_own_bounces(v))
		pl_check_good(v->check,
		    "bounces to <%s> that this Postfix makes come back by "
		    "non_smtpd_milters",
		    sender);
	else
		pl_check_note(v->check,
		    "bounces to <%s> that this Postfix makes do not pass "
		    "postledgerd, they go to a mailbox that somebody must "
		    "read: see postledger explain PL-423",
		    sender);
}

/* Can what comes back to our return paths reach us? */
void
pl_check_returns(struct pl_attached *v)
{
	pl_config *config = v->check->cli->config;
	const struct pl_gateway *g = v->check->gateway;
	g_autoptr(GPtrArray) seen = g_ptr_array_new();
	g_ptr_array_add(seen, (gpointer)(guintptr)g->sender);
	check_return(
	    v, g->sender, g->return_path_fixed || g->delimiter == '\0');
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		if (is_known(seen, j->sender))
			continue;
		g_ptr_array_add(seen, (gpointer)(guintptr)j->sender);
		check_return(
		    v, j->sender, j->return_path_fixed || g->delimiter == '\0');
	}
}

/* Whatever leaves for an address that leads to the hop comes back for ever. */
void
pl_check_loops(struct pl_attached *v)
{
	pl_config *config = v->check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		const struct pl_entrance *e =
		    pl_folder_is(j->deliver_to)
			? NULL
			: pl_attached_hop_of(v, j->deliver_to);
		if (e != NULL && e->place.match != PL_MATCH_OTHER)
			pl_check_fail(v->check, "PL-405", NULL,
			    "journal %s: transport_maps lead deliver_to <%s> "
			    "back to the hop %s/%s, for ever",
			    j->name, j->deliver_to, e->service->name,
			    e->service->type);
	}
}

/* The list by which the front takes mail for DOMAIN from anybody, or NULL. */
static const char *
open_front(const struct pl_attached *v, const char *domain)
{
	static const char *const lists[] = { "relay_domains", "mydestination",
		"virtual_alias_domains", "virtual_mailbox_domains" };
	gboolean unknown = FALSE;

	for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++)
		if (pl_postfix_lists(v->postfix, lists[i], domain, &unknown))
			return lists[i];
	return NULL;
}

/* Loopback is in allow_networks there, or nothing would be taken. */
static gboolean
warn_of_front(const struct pl_attached *v, const struct pl_journal *j)
{
	for (unsigned i = 0; i < j->addresses->len; i++) {
		const char *at = strrchr(j->addresses->pdata[i], '@');
		const char *list = at != NULL ? open_front(v, at + 1) : NULL;

		if (list == NULL)
			continue;
		pl_check_warn(v->check, "PL-413", NULL,
		    "journal %s: %s lets everyone mail to %s, and behind the "
		    "hop allow_networks cannot tell who sends",
		    j->name, list, at + 1);
		return TRUE;
	}
	return FALSE;
}

void
pl_check_hop_clients(const struct pl_attached *v)
{
	pl_config *config = v->check->cli->config;
	gboolean told = FALSE;

	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		if (j->access.senders != NULL && j->access.senders->len > 0)
			continue;
		if (warn_of_front(v, j) || told)
			continue;
		pl_check_note(v->check,
		    "behind the hop every client is "
		    "loopback: allow_networks cannot tell who sends, only the "
		    "restrictions of the front can (see the install guide)");
		told = TRUE;
	}
}

/* Exactly once needs the daemon to see the batches go by. */
void
pl_check_submission(struct pl_attached *v)
{
	const char *url = v->check->gateway->submission;
	const struct pl_service *s = pl_attach_submission(v->postfix, url);
	const struct pl_entrance *e =
	    s == NULL ? NULL : pl_attached_entrance_of(v, s);
	if (e != NULL && e->place.match != PL_MATCH_OTHER && !e->off)
		return;
	pl_check_warn(v->check, "PL-417", NULL, "submission %s %s", url,
	    s == NULL ? "is no smtpd of this Postfix"
		      : "leads to an smtpd that does not have postledgerd as a "
			"milter");
}

void
pl_check_sizes(const struct pl_attached *v)
{
	pl_config *config = v->check->cli->config;
	guint64 limit = g_ascii_strtoull(
	    pl_postfix_get(v->postfix, "message_size_limit"), NULL, 10);
	if (limit == 0 ||
	    (v->check->mta_size != 0 && v->check->mta_size <= limit))
		return; /* or the MTA has said it already */
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
