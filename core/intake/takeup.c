/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * takeup - journals whose rules changed take up what came before
 *
 * The rules that decide what a journal takes are kept as a digest. Where it is
 * another one, all messages for the journal's addresses are gone through, and
 * what has no entry and is accepted now gets one. The digest is written last,
 * so what a crash interrupts is done again, and entries that are there stay.
 */
#include "index.h"

#include <openssl/sha.h>
#include <string.h>

#define PAGE 100 /* messages in one transaction */

/* ---- rules ------------------------------------------------------------------------ */

static void
add_list(GString *s, const char *name, const GPtrArray *list)
{
	g_string_append_printf(s, "%s:", name);
	for (guint i = 0; list != NULL && i < list->len; i++)
		g_string_append_printf(s, "%s,", (char *)list->pdata[i]);
	g_string_append_c(s, '\n');
}

/* What takes a document that says little of itself depends on the other
 * journals of an address. */
static void
add_neighbours(GString *s, const pl_config *config, const char *address)
{
	const GPtrArray *all = pl_config_match(config, address);

	for (guint i = 0; all != NULL && i < all->len; i++) {
		const struct pl_journal *j = all->pdata[i];
		g_string_append_printf(
		    s, "%s=%u/%u\n", j->name, j->accept, j->formats);
		add_list(s, "company_ids", j->company_ids);
	}
}

static char *
digest(const pl_config *config, const struct pl_journal *j)
{
	g_autoptr(GString) s = g_string_new(NULL);
	char hex[PL_SHA256_HEX + 1];

	g_string_append_printf(
	    s, "accept:%u formats:%u\n", j->accept, j->formats);
	add_list(s, "addresses", j->addresses);
	add_list(s, "accounts", j->accounts);
	add_list(s, "company_ids", j->company_ids);
	for (guint i = 0; i < j->addresses->len; i++)
		add_neighbours(s, config, j->addresses->pdata[i]);
	pl_sha256_hex(s->str, s->len, hex);
	return g_strdup(hex);
}

/* ---- messages ----------------------------------------------------------------------- */

struct take_up {
	pl_ledger *ledger;
	const pl_config *config;
	const struct pl_journal *journal;
	pl_numbers *numbers;
	struct pl_indexed *done;
	const struct pl_index_watch *watch;
	gboolean ended; /* early */
};

static gboolean
enter_document(const struct take_up *t, const pl_message *m,
    const pl_document *d, GError **error)
{
	const struct pl_entering entering = { t->ledger, t->config, m,
		t->numbers, t->done };

	for (guint i = 0; i < m->recipients->len; i++) {
		const char *recipient = m->recipients->pdata[i];
		const GPtrArray *all = pl_config_match(t->config, recipient);
		guint at;
		if (all == NULL ||
		    !g_ptr_array_find(
			(GPtrArray *)(guintptr)all, t->journal, &at) ||
		    !pl_accepts_of(t->config, all, t->journal, d))
			continue;
		g_autofree char *address = pl_address_normalise(recipient);
		const gint64 same = pl_message_same(t->ledger, m, address);
		return pl_enter(&entering, d, t->journal, same, error);
	}
	return TRUE;
}

static gboolean
is_for_journal(const struct take_up *t, const pl_message *m)
{
	for (guint i = 0; i < m->recipients->len; i++) {
		const GPtrArray *all =
		    pl_config_match(t->config, m->recipients->pdata[i]);

		if (all != NULL && g_ptr_array_find((GPtrArray *)(guintptr)all,
				       t->journal, NULL))
			return TRUE;
	}
	return FALSE;
}

/* Many are other journals', where the journal takes a whole domain: their
 * documents are not read. */
static gboolean
enter_message(const struct take_up *t, gint64 id, GError **error)
{
	g_autoptr(pl_message) m = pl_message_get(t->ledger, id, error);
	if (m == NULL)
		return FALSE;
	if (!m->indexed || !is_for_journal(t, m))
		return TRUE;
	g_autoptr(GPtrArray) documents = pl_document_of(t->ledger, id, error);
	if (documents == NULL)
		return FALSE;
	for (guint i = 0; i < documents->len; i++)
		if (!enter_document(t, m, documents->pdata[i], error))
			return FALSE;
	return TRUE;
}

static gboolean
enter_page(const struct take_up *t, const GArray *ids, GError **error)
{
	gboolean done = TRUE;

	if (!pl_ledger_begin(t->ledger, error))
		return FALSE;
	for (guint i = 0; i < ids->len && done; i++)
		done = enter_message(t, g_array_index(ids, gint64, i), error);
	return pl_ledger_end(t->ledger, done, error);
}

/* All messages that came to PATTERN. */
static gboolean
enter_pattern(struct take_up *t, const char *pattern, GError **error)
{
	gint64 after = 0;

	while (!t->ended) {
		g_autoptr(GArray) ids = pl_message_untaken(
		    t->ledger, pattern, t->journal->name, after, PAGE, error);
		if (ids == NULL)
			return FALSE;
		if (ids->len == 0)
			return TRUE;
		if (!enter_page(t, ids, error))
			return FALSE;
		after = g_array_index(ids, gint64, ids->len - 1);
		t->ended = !pl_index_goes_on(t->watch, t->done);
	}
	return TRUE;
}

/* Addresses that are NORMAL with an +extension. What stands behind the
 * delimiter may need quotes that the address itself does without. */
static gboolean
enter_extended(struct take_up *t, const char *normal, GError **error)
{
	const char delimiter = pl_config_gateway(t->config)->delimiter;
	const char *at = strrchr(normal, '@');
	const gboolean quoted = *normal == '"';

	if (delimiter == '\0' || at == NULL || g_str_has_prefix(normal, "*@"))
		return TRUE;
	for (int quotes = quoted; quotes < 2; quotes++) {
		g_autofree char *pattern = g_strdup_printf("%s%.*s%c*%s",
		    quotes ? "\"" : "", (int)(at - normal) - 2 * quoted,
		    normal + quoted, delimiter, at);

		if (!enter_pattern(t, pattern, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
take_up_journal(struct take_up *t, GError **error)
{
	for (guint i = 0; i < t->journal->addresses->len; i++) {
		g_autofree char *normal =
		    pl_address_normalise(t->journal->addresses->pdata[i]);

		if (!enter_pattern(t, normal, error) ||
		    !enter_extended(t, normal, error))
			return FALSE;
	}
	return TRUE;
}

/* Only the digest is ours in a journal's standing. */
static gboolean
write_rules(pl_ledger *l, const struct pl_journal *journal, const char *rules,
    GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(pl_standing) s = pl_standing_get(l, journal->name, &local);

	if (local != NULL) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	const gboolean first = s == NULL || s->rules == NULL;
	if (s == NULL) {
		s = g_new0(pl_standing, 1);
		s->journal = g_strdup(journal->name);
	}
	g_free(s->rules);
	s->rules = g_strdup(rules);
	return pl_standing_put(l, s, first ? NULL : "rules", error);
}

gboolean
pl_take_up(pl_ledger *l, const pl_config *config, struct pl_indexed *done,
    const struct pl_index_watch *watch, GError **error)
{
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		g_autoptr(pl_numbers) numbers = pl_numbers_new();
		struct take_up t = { l, config, j, numbers, done, watch,
			FALSE };
		g_autofree char *rules = digest(config, j);
		g_autoptr(GError) local = NULL;
		g_autoptr(pl_standing) s = pl_standing_get(l, j->name, &local);
		if (local != NULL) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		if (s != NULL && g_strcmp0(s->rules, rules) == 0)
			continue;
		if (!take_up_journal(&t, error))
			return FALSE;
		if (t.ended)
			break;
		if (!write_rules(l, j, rules, error))
			return FALSE;
	}
	return TRUE;
}
