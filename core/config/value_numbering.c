/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value_numbering - reads how banks number statements: "auto
 * BE68539007547034:none" is a rule for all accounts and one of an account
 */
#include <string.h>

#include "private.h"

static const char *const rules[] = {
	[PL_NUMBERING_AUTO] = "auto",
	[PL_NUMBERING_STRICT] = "strict",
	[PL_NUMBERING_YEARLY] = "yearly",
	[PL_NUMBERING_NONE] = "none",
};

static gboolean
read_rule(const char *word, enum pl_numbering *rule)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (strcmp(word, rules[i]) == 0) {
			*rule = (enum pl_numbering)i;
			return TRUE;
		}
	return FALSE;
}

static gboolean
is_listed(const GPtrArray *array, const char *account)
{
	for (guint i = 0; i < array->len; i++) {
		const struct pl_account_numbering *n = array->pdata[i];

		if (g_strcmp0(n->account, account) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
add(struct pl_value *v, GPtrArray *array, const char *word)
{
	const char *colon = strrchr(word, ':');
	struct pl_account_numbering *n;
	enum pl_numbering rule;
	const char *account = NULL;

	if (!read_rule(colon != NULL ? colon + 1 : word, &rule))
		return FALSE;
	if (colon != NULL) {
		g_autofree char *number =
		    g_strndup(word, (gsize)(colon - word));
		g_autofree char *plain = pl_id_normalise(number);

		if (*plain == '\0')
			return FALSE;
		account = pl_config_keep(v->config, plain);
	}
	if (is_listed(array, account)) {
		v->why = "each account once";
		return FALSE;
	}
	n = g_new0(struct pl_account_numbering, 1);
	n->account = account;
	n->numbering = rule;
	g_ptr_array_add(array, n);
	return TRUE;
}

gboolean
pl_value_numbering(struct pl_value *v, void *at)
{
	GPtrArray *array = pl_config_array(v->config, g_free);
	const char *word;

	while ((word = pl_value_next(v)) != NULL)
		if (!add(v, array, word))
			return FALSE;
	*(const GPtrArray **)at = array;
	return TRUE;
}
