/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * takeup - journals whose rules changed take up what came before
 *
 * The rules that decide what a journal takes are kept as a digest. Where it is
 * another one, all messages for the journal's addresses are gone through, and
 * what has no entry and is accepted now gets one. The digest is written last,
 * so what a crash interrupts is done again, and entries that are there stay.
 *
 * A journal that comes to an address changes the rules of all others there,
 * which may be a thousand: so each message is read once for all of them.
 */
#include "index.h"

#include <string.h>

#define PAGE 100       /* messages in one transaction */
#define RULES_MOST 500 /* journals in one transaction */

/* A journal whose rules are not those that it had. */
struct renewed {
	const struct pl_journal *journal;
	char *rules; /* the new ones */
};

/* What is gone through, and for whom. */
struct pattern {
	char *pattern;
	const struct pl_journal *first;
	GHashTable *journals; /* const struct pl_journal */
};

struct take_up {
	pl_ledger *ledger;
	const pl_config *config;
	GArray *renewed;        /* struct renewed, in the order of the file */
	GPtrArray *patterns;    /* struct pattern */
	GHashTable *by_pattern; /* char * ▸ struct pattern */
	GHashTable *neighbours; /* journals of an address ▸ their digest */
	const struct pattern *now; /* that is gone through */
	pl_numbers *numbers;
	struct pl_indexed *done;
	const struct pl_index_watch *watch;
	gboolean ended; /* early */
};

static void
renewed_clear(void *data)
{
	g_free(((struct renewed *)data)->rules);
}

static void
pattern_free(gpointer data)
{
	struct pattern *p = data;

	g_free(p->pattern);
	g_hash_table_unref(p->journals);
	g_free(p);
}

/* ---- rules ------------------------------------------------------------- */

static void
add_list(GString *s, const char *name, const GPtrArray *list)
{
	g_string_append_printf(s, "%s:", name);
	for (guint i = 0; list != NULL && i < list->len; i++)
		g_string_append_printf(s, "%s,", (char *)list->pdata[i]);
	g_string_append_c(s, '\n');
}

static char *
digest_of(const GString *s)
{
	char hex[PL_SHA256_HEX + 1];

	pl_sha256_hex(s->str, s->len, hex);
	return g_strdup(hex);
}

/* What takes a document that says little of itself depends on the other
 * journals of an address. */
static const char *
neighbours_at(struct take_up *t, const char *address)
{
	const GPtrArray *all = pl_config_match(t->config, address);
	char *digest = g_hash_table_lookup(t->neighbours, all);
	g_autoptr(GString) s = g_string_new(NULL);

	if (digest != NULL)
		return digest;
	for (guint i = 0; all != NULL && i < all->len; i++) {
		const struct pl_journal *j = all->pdata[i];
		g_string_append_printf(
		    s, "%s=%u/%u\n", j->name, j->accept, j->formats);
		add_list(s, "company_ids", j->company_ids);
	}
	digest = digest_of(s);
	g_hash_table_insert(t->neighbours, (gpointer)(guintptr)all, digest);
	return digest;
}

static char *
rules_of(struct take_up *t, const struct pl_journal *j)
{
	g_autoptr(GString) s = g_string_new(NULL);

	g_string_append_printf(
	    s, "accept:%u formats:%u\n", j->accept, j->formats);
	add_list(s, "addresses", j->addresses);
	add_list(s, "accounts", j->accounts);
	add_list(s, "company_ids", j->company_ids);
	for (guint i = 0; i < j->addresses->len; i++)
		g_string_append_printf(
		    s, "%s\n", neighbours_at(t, j->addresses->pdata[i]));
	return digest_of(s);
}

/* ---- messages ---------------------------------------------------------- */

/* Those of ALL, the journals of ADDRESS, for which messages are gone through
 * now and that take the document. */
static gboolean
enter_at(struct take_up *t, const pl_message *m, const pl_document *d,
    const GPtrArray *all, const char *address, GError **error)
{
	const struct pl_entering entering = { t->ledger, t->config, m,
		t->numbers, t->done };
	g_autoptr(GPtrArray) takers = pl_accepts_list(t->config, all, d);
	gint64 same = -1;

	for (guint i = 0; i < takers->len; i++) {
		const struct pl_journal *j = takers->pdata[i];
		if (!g_hash_table_contains(t->now->journals, j) ||
		    pl_entry_exists(t->ledger, d->id, j->name))
			continue;
		if (same < 0)
			same = pl_message_same(t->ledger, m, address);
		if (!pl_enter(&entering, d, j, same, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
enter_document(struct take_up *t, const pl_message *m, const pl_document *d,
    GError **error)
{
	for (guint i = 0; i < m->recipients->len; i++) {
		const char *recipient = m->recipients->pdata[i];
		const GPtrArray *all = pl_config_match(t->config, recipient);
		g_autofree char *address = pl_address_normalise(recipient);

		if (all != NULL && !enter_at(t, m, d, all, address, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_for_any(const struct take_up *t, const pl_message *m)
{
	for (guint i = 0; i < m->recipients->len; i++) {
		const GPtrArray *all =
		    pl_config_match(t->config, m->recipients->pdata[i]);

		for (guint k = 0; all != NULL && k < all->len; k++)
			if (g_hash_table_contains(
				t->now->journals, all->pdata[k]))
				return TRUE;
	}
	return FALSE;
}

/* Many are other journals', where the journal takes a whole domain: their
 * documents are not read. */
static gboolean
enter_message(struct take_up *t, gint64 id, GError **error)
{
	g_autoptr(pl_message) m = pl_message_get(t->ledger, id, error);
	if (m == NULL)
		return FALSE;
	if (!m->indexed || !is_for_any(t, m))
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
enter_page(struct take_up *t, const GArray *ids, GError **error)
{
	gboolean done = TRUE;

	if (!pl_ledger_begin(t->ledger, error))
		return FALSE;
	for (guint i = 0; i < ids->len && done; i++)
		done = enter_message(t, g_array_index(ids, gint64, i), error);
	return pl_ledger_end(t->ledger, done, error);
}

/* The only journal; for several all messages are wanted, which are those that
 * a journal without a name did not take. */
static const char *
name_for(const struct pattern *p)
{
	return g_hash_table_size(p->journals) > 1 ? "" : p->first->name;
}

/* All messages that came to the pattern. */
static gboolean
enter_pattern(struct take_up *t, const struct pattern *p, GError **error)
{
	gint64 after = 0;

	t->now = p;
	while (!t->ended) {
		g_autoptr(GArray) ids = pl_message_untaken(
		    t->ledger, p->pattern, name_for(p), after, PAGE, error);
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

/* ---- patterns ---------------------------------------------------------- */

/* Takes TEXT. */
static void
add_pattern(struct take_up *t, char *text, const struct pl_journal *journal)
{
	struct pattern *p = g_hash_table_lookup(t->by_pattern, text);

	if (p == NULL) {
		p = g_new0(struct pattern, 1);
		p->pattern = g_strdup(text);
		p->first = journal;
		p->journals = g_hash_table_new(NULL, NULL);
		g_ptr_array_add(t->patterns, p);
		g_hash_table_insert(t->by_pattern, p->pattern, p);
	}
	g_hash_table_add(p->journals, (gpointer)(guintptr)journal);
	g_free(text);
}

/* Addresses that are NORMAL with an +extension. What stands behind the
 * delimiter may need quotes that the address itself does without. */
static void
add_extended(
    struct take_up *t, const char *normal, const struct pl_journal *journal)
{
	const char delimiter = pl_config_gateway(t->config)->delimiter;
	const char *at = strrchr(normal, '@');
	const gboolean quoted = *normal == '"';

	if (delimiter == '\0' || at == NULL || g_str_has_prefix(normal, "*@"))
		return;
	for (int quotes = quoted; quotes < 2; quotes++)
		add_pattern(t,
		    g_strdup_printf("%s%.*s%c*%s", quotes ? "\"" : "",
			(int)(at - normal) - 2 * quoted, normal + quoted,
			delimiter, at),
		    journal);
}

static void
add_patterns(struct take_up *t, const struct pl_journal *journal)
{
	for (guint i = 0; i < journal->addresses->len; i++) {
		g_autofree char *normal =
		    pl_address_normalise(journal->addresses->pdata[i]);

		add_pattern(t, g_strdup(normal), journal);
		add_extended(t, normal, journal);
	}
}

/* ---- journals ---------------------------------------------------------- */

/* Only the digest is ours in a journal's standing. */
static gboolean
write_rules(pl_ledger *l, const struct renewed *r, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(pl_standing) s = pl_standing_get(l, r->journal->name, &local);

	if (local != NULL) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	const gboolean first = s == NULL || s->rules == NULL;
	if (s == NULL) {
		s = g_new0(pl_standing, 1);
		s->journal = g_strdup(r->journal->name);
	}
	g_free(s->rules);
	s->rules = g_strdup(r->rules);
	return pl_standing_put(l, s, first ? NULL : "rules", error);
}

/* Those of AT and behind it. */
static gboolean
write_some(struct take_up *t, guint at, GError **error)
{
	const guint end = MIN(t->renewed->len, at + RULES_MOST);
	gboolean done = TRUE;

	if (!pl_ledger_begin(t->ledger, error))
		return FALSE;
	for (; done && at < end; at++)
		done = write_rules(t->ledger,
		    &g_array_index(t->renewed, struct renewed, at), error);
	return pl_ledger_end(t->ledger, done, error);
}

static gboolean
find_renewed(struct take_up *t, GError **error)
{
	for (unsigned i = 0; i < pl_config_journals(t->config); i++) {
		const struct pl_journal *j = pl_config_journal(t->config, i);
		g_autofree char *rules = rules_of(t, j);
		GError *failed = NULL;
		g_autoptr(pl_standing) s =
		    pl_standing_get(t->ledger, j->name, &failed);

		if (failed != NULL) {
			g_propagate_error(error, failed);
			return FALSE;
		}
		if (s != NULL && g_strcmp0(s->rules, rules) == 0)
			continue;
		const struct renewed r = { j, g_steal_pointer(&rules) };
		g_array_append_val(t->renewed, r);
		add_patterns(t, j);
	}
	return TRUE;
}

static gboolean
take_up(struct take_up *t, GError **error)
{
	if (!find_renewed(t, error))
		return FALSE;
	for (guint i = 0; i < t->patterns->len; i++)
		if (!enter_pattern(t, t->patterns->pdata[i], error))
			return FALSE;
	for (guint i = 0; !t->ended && i < t->renewed->len; i += RULES_MOST)
		if (!write_some(t, i, error))
			return FALSE;
	return TRUE;
}

gboolean
pl_take_up(pl_ledger *l, const pl_config *config, struct pl_indexed *done,
    const struct pl_index_watch *watch, GError **error)
{
	g_autoptr(GArray) renewed =
	    g_array_new(FALSE, FALSE, sizeof(struct renewed));
	g_autoptr(GPtrArray) patterns =
	    g_ptr_array_new_with_free_func(pattern_free);
	g_autoptr(GHashTable) by_pattern =
	    g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) neighbours =
	    g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_autoptr(pl_numbers) numbers = pl_numbers_new();
	struct take_up t = { .ledger = l,
		.config = config,
		.renewed = renewed,
		.patterns = patterns,
		.by_pattern = by_pattern,
		.neighbours = neighbours,
		.numbers = numbers,
		.done = done,
		.watch = watch };

	g_array_set_clear_func(renewed, renewed_clear);
	return take_up(&t, error);
}
