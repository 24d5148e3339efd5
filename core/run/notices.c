/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notices - what the other side said, in sentences for the report
 *
 * Successes of one journal at one server are one sentence, since there may be
 * one for each e-mail; all else is a sentence each. A bounce that holds
 * documents is a problem and no sentence.
 */
#include <string.h>

#include "returns.h"

struct telling {
	const struct pl_pass *pass;
	const char *journal;
	GHashTable
	    *servers; /* name ▸ GPtrArray of struct pl_notice: accepted */
	GPtrArray *sentences;
};

static const char *
words_of(const struct pl_notice *n)
{
	return n->words != NULL && *n->words != '\0' ? n->words : "no words";
}

/* "E-mail 12 of journal sales", "The report in e-mail 13" */
static char *
name_of(const struct pl_notice *n)
{
	return n->journal == NULL || *n->journal == '\0'
		   ? g_strdup_printf(
			 "The report in e-mail %" G_GINT64_FORMAT, n->batch)
		   : g_strdup_printf("E-mail %" G_GINT64_FORMAT
				     " of journal %s",
			 n->batch, n->journal);
}

/* ---- each -------------------------------------------------------------- */

static char *
sentence(const struct telling *t, const struct pl_notice *n)
{
	g_autofree char *name = name_of(n);
	g_autofree char *when = pl_pass_time(t->pass, n->at);
	const char *who = n->recipient != NULL ? n->recipient : "somebody";

	switch (n->kind) {
	case PL_NOTICE_DELAYED:
		return g_strdup_printf(
		    "%s is delayed (%s), and the mail server goes on trying: "
		    "%s%s%s",
		    name, when, n->remote != NULL ? n->remote : "",
		    n->remote != NULL ? " said: " : "", words_of(n));
	case PL_NOTICE_FAILED:
		return g_strdup_printf(
		    "%s came back (%s). Nothing was changed, since what was in "
		    "it has been settled in another way: %s",
		    name, when, words_of(n));
	case PL_NOTICE_ANSWER:
		return g_strdup_printf("%s was answered by %s (%s, message "
				       "%" G_GINT64_FORMAT "): %s",
		    name, who, when, n->message, words_of(n));
	case PL_NOTICE_AUTOMATIC:
		return g_strdup_printf(
		    "%s was answered by a machine, %s (%s, message "
		    "%" G_GINT64_FORMAT "): %s",
		    name, who, when, n->message, words_of(n));
	default:
		return g_strdup_printf(
		    "%s: something came back that does not say what happened "
		    "(%s, message %" G_GINT64_FORMAT "): %s",
		    name, when, n->message, words_of(n));
	}
}

/* ---- successes --------------------------------------------------------- */

static void
collect(struct telling *t, const struct pl_notice *n)
{
	const char *server = n->remote != NULL ? n->remote : "the other side";
	GPtrArray *list = g_hash_table_lookup(t->servers, server);

	if (list == NULL) {
		list = g_ptr_array_new();
		g_hash_table_insert(t->servers, g_strdup(server), list);
	}
	g_ptr_array_add(list, (gpointer)n);
}

static void
tell_accepted(
    const struct telling *t, const char *server, const GPtrArray *list)
{
	const struct pl_notice *last = list->pdata[list->len - 1];
	g_autofree char *when = pl_pass_time(t->pass, last->at);
	g_autoptr(GString) s = g_string_new(NULL);

	if (list->len == 1) {
		g_string_printf(s,
		    "E-mail %" G_GINT64_FORMAT " of journal %s was accepted "
		    "by %s at %s: %s",
		    last->batch, t->journal, server, when, words_of(last));
	} else {
		g_string_printf(s,
		    "%u e-mails of journal %s were accepted by %s (", list->len,
		    t->journal, server);
		for (guint i = 0; i < list->len; i++)
			g_string_append_printf(s, "%s%" G_GINT64_FORMAT,
			    i > 0 ? ", " : "",
			    ((const struct pl_notice *)list->pdata[i])->batch);
		g_string_append_printf(
		    s, "), the last at %s: %s", when, words_of(last));
	}
	g_ptr_array_add(t->sentences, g_strdup(s->str));
}

/* ---- all --------------------------------------------------------------- */

/* 1: told by a problem, 0: not, -1: error. */
static int
is_problem(const struct telling *t, const struct pl_notice *n, GError **error)
{
	g_autoptr(pl_batch) b = NULL;

	if (n->kind != PL_NOTICE_FAILED)
		return 0;
	b = pl_batch_get(t->pass->ledger, n->batch, error);
	return b == NULL ? -1 : b->state == PL_BATCH_BOUNCED;
}

static gboolean
take(struct telling *t, const struct pl_notice *n, GError **error)
{
	int problem = is_problem(t, n, error);

	if (problem != 0)
		return problem > 0;
	if (n->kind == PL_NOTICE_DELIVERED && *t->journal != '\0')
		collect(t, n);
	else if (n->kind != PL_NOTICE_DELIVERED)
		g_ptr_array_add(t->sentences, sentence(t, n));
	return TRUE;
}

static void
free_list(gpointer list)
{
	g_ptr_array_unref(list);
}

gboolean
pl_returns_tell(const struct pl_pass *pass, const GPtrArray *notices,
    const char *journal, GPtrArray *sentences, GError **error)
{
	g_autoptr(GHashTable) servers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
	struct telling t = { pass, journal, servers, sentences };
	g_autoptr(GList) names = NULL;

	for (guint i = 0; i < notices->len; i++) {
		const struct pl_notice *n = notices->pdata[i];

		if (g_strcmp0(n->journal, journal) == 0 && !take(&t, n, error))
			return FALSE;
	}
	names =
	    g_list_sort(g_hash_table_get_keys(servers), (GCompareFunc)strcmp);
	for (GList *at = names; at != NULL; at = at->next)
		tell_accepted(
		    &t, at->data, g_hash_table_lookup(servers, at->data));
	return TRUE;
}
