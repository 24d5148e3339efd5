/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_around - what else decides whether mail passes us, and comes back
 */
#include "attach.h"

#include <string.h>

void
pl_check_local(const struct pl_attached *v)
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
		pl_check_chroot(v, &place, where, chroot);
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
void
pl_check_loops(struct pl_attached *v)
{
	pl_config *config = v->check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		const struct pl_entrance *e =
		    pl_attached_hop_of(v, j->deliver_to);
		if (e != NULL && e->place.match != PL_MATCH_OTHER)
			pl_check_fail(v->check, "PL-405", NULL,
			    "journal %s: transport_maps lead deliver_to <%s> "
			    "back to the hop %s/%s, for ever",
			    j->name, j->deliver_to, e->service->name,
			    e->service->type);
	}
}

void
pl_check_hop_clients(const struct pl_attached *v)
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
