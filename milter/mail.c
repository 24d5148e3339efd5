/* SPDX-License-Identifier: BSD-2-Clause */
/* mail - see mail.h */
#include "mail.h"

#include <string.h>

pl_mail *
pl_mail_new(pl_setup *setup, const char *sender)
{
	pl_mail *m = g_new0(pl_mail, 1);

	m->setup = setup;
	m->sender = g_strdup(sender);
	m->candidate = pl_own_sender(setup, sender, &m->keyed);
	return m;
}

void
pl_mail_free(pl_mail *m)
{
	if (m == NULL)
		return;
	pl_capture_free(m->capture);
	g_clear_pointer(&m->intake, g_ptr_array_unref);
	g_clear_pointer(&m->barred, g_ptr_array_unref);
	g_clear_pointer(&m->all, g_ptr_array_unref);
	g_clear_pointer(&m->journals, g_ptr_array_unref);
	pl_setup_unref(m->setup);
	g_free(m->return_to);
	g_free(m->sender);
	g_free(m);
}

static void
add(GPtrArray **array, const char *recipient)
{
	if (*array == NULL)
		*array = g_ptr_array_new_with_free_func(g_free);
	if (!g_ptr_array_find_with_equal_func(
		*array, recipient, g_str_equal, NULL))
		g_ptr_array_add(*array, g_strdup(recipient));
}

static gboolean
may_feed(const pl_mail *m, const struct pl_journal *j,
    const struct pl_client *client)
{
	return pl_access_allows(
	    &j->access, client->address, client->auth, m->sender);
}

/* One journal that takes it is enough. REJECT: those that do not take it want
 * that said. */
static gboolean
any_takes(const pl_mail *m, const GPtrArray *journals,
    const struct pl_client *client, gboolean *reject)
{
	gboolean any = FALSE;

	*reject = FALSE;
	for (guint i = 0; i < journals->len; i++) {
		const struct pl_journal *j = journals->pdata[i];

		if (may_feed(m, j, client))
			any = TRUE;
		else
			*reject |= j->access.reject;
	}
	return any;
}

static void
add_journals(
    pl_mail *m, const GPtrArray *journals, const struct pl_client *client)
{
	if (m->journals == NULL)
		m->journals = g_ptr_array_new();
	for (guint i = 0; i < journals->len; i++) {
		const struct pl_journal *j = journals->pdata[i];

		if (may_feed(m, j, client) &&
		    !g_ptr_array_find(m->journals, j->name, NULL))
			g_ptr_array_add(m->journals, (gpointer)j->name);
	}
}

/* Can this recipient be refused without harm to the others? Local mail has
 * addresses without <>. */
static gboolean
is_refusable(const pl_mail *m, const char *recipient)
{
	return *recipient == '<' && m->candidate == PL_OWN_NO;
}

enum pl_returning
pl_mail_return(pl_mail *m, const char *recipient, gboolean able)
{
	struct pl_keyed keyed = { 0 };

	switch (pl_own_path(m->setup, recipient, &keyed)) {
	case PL_PATH_NO:
		return PL_RETURNING_NO;
	case PL_PATH_FORGED:
		return PL_RETURNING_FORGED;
	case PL_PATH_OURS:
		break;
	}
	if (m->return_to != NULL && strcmp(m->return_to, recipient) == 0)
		return PL_RETURNING;
	if (m->return_to != NULL || m->intake != NULL || m->barred != NULL)
		return is_refusable(m, recipient) ? PL_RETURNING_APART
						  : PL_RETURNING_NO;
	if (!able && is_refusable(m, recipient))
		return PL_RETURNING_UNABLE;
	m->return_to = g_strdup(recipient);
	m->returns = keyed;
	return PL_RETURNING;
}

const GPtrArray *
pl_mail_match(pl_mail *m, const char *recipient)
{
	const GPtrArray *journals =
	    pl_config_match(m->setup->config, recipient);

	if (m->candidate != PL_OWN_NO)
		add(&m->all, recipient);
	if (journals == NULL)
		m->others++;
	return journals;
}

enum pl_taken
pl_mail_take(pl_mail *m, const char *recipient, const GPtrArray *journals,
    const struct pl_client *client, gboolean able)
{
	gboolean refusable = is_refusable(m, recipient);
	gboolean reject;

	if (m->return_to != NULL && refusable)
		return PL_TAKEN_APART;
	if (m->return_to != NULL) { /* the document is worth more */
		g_clear_pointer(&m->return_to, g_free);
		m->others++;
	}
	if (any_takes(m, journals, client, &reject)) {
		if (refusable && !able)
			return PL_TAKEN_UNABLE;
		add(&m->intake, recipient);
		add_journals(m, journals, client);
	} else if (!reject) {
		m->others++;
	} else if (refusable) {
		return PL_TAKEN_BARRED;
	} else {
		add(&m->barred, recipient);
	}
	return PL_TAKEN;
}

gboolean
pl_mail_concerns_us(const pl_mail *m)
{
	return m->intake != NULL || m->barred != NULL || m->return_to != NULL ||
	       m->candidate != PL_OWN_NO;
}

char *
pl_mail_journals(const pl_mail *m)
{
	GString *names = g_string_new(NULL);

	for (guint i = 0; m->journals != NULL && i < m->journals->len; i++)
		g_string_append_printf(names, "%s%s", i > 0 ? "," : "",
		    (const char *)m->journals->pdata[i]);
	return g_string_free(names, FALSE);
}
