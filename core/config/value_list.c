/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value_list - reads settings that are lists: words between blanks, commas and
 * line ends
 *
 * The same contract as value.c; a bad list is blamed on its bad word and the
 * line where that stands.
 */
#include <string.h>

#include "private.h"

const char *
pl_value_next(struct pl_value *v)
{
	size_t n;

	for (; *v->rest != '\0' && strchr(" \t,\n", *v->rest) != NULL;
	     v->rest++)
		if (*v->rest == '\n')
			v->line++;
	n = strcspn(v->rest, " \t,\n");
	if (n == 0)
		return NULL;
	g_string_truncate(v->word, 0);
	g_string_append_len(v->word, v->rest, (gssize)n);
	v->rest += n;
	return v->word->str;
}

/* ---- words that are bits ---------------------------------------------- */

static gboolean
read_bits(struct pl_value *v, const char *const *words, void *at)
{
	unsigned bits = 0, i;
	const char *word;

	while ((word = pl_value_next(v)) != NULL) {
		for (i = 0; words[i] != NULL; i++)
			if (g_ascii_strcasecmp(word, words[i]) == 0)
				break;
		if (words[i] == NULL)
			return FALSE;
		bits |= 1u << i;
	}
	*(unsigned *)at = bits;
	return bits != 0;
}

/* The kinds, and behind them what else `accept` knows. */
static const char *const kinds[] = {
	[PL_KIND_INVOICE] = "invoice",
	[PL_KIND_CREDIT_NOTE] = "credit-note",
	[PL_KIND_STATEMENT] = "statement",
	[PL_KIND_OTHER] = "other",
	"sale",
	"purchase",
	NULL,
};

const char *
pl_kind_name(enum pl_kind kind)
{
	g_assert((unsigned)kind < PL_KINDS);
	return kinds[kind];
}

gboolean
pl_kind_parse(const char *name, enum pl_kind *kind)
{
	for (unsigned i = 0; name != NULL && i < PL_KINDS; i++) {
		if (g_str_equal(name, kinds[i])) {
			*kind = (enum pl_kind)i;
			return TRUE;
		}
	}
	return FALSE;
}

/* Directions narrow kinds: all of them where none is listed. */
gboolean
pl_value_accept(struct pl_value *v, void *at)
{
	const unsigned both =
	    1u << PL_KIND_INVOICE | 1u << PL_KIND_CREDIT_NOTE;
	unsigned *bits = at;

	if (!read_bits(v, kinds, at))
		return FALSE;
	if ((*bits & PL_ACCEPT_DIRECTIONS) == 0)
		return TRUE;
	if ((*bits & ~(unsigned)PL_ACCEPT_DIRECTIONS) == 0)
		*bits |= (1u << PL_KINDS) - 1;
	v->why = "; sale and purchase stand alone or with invoice or "
		 "credit-note, which they narrow";
	return (*bits & both) != 0;
}

gboolean
pl_value_formats(struct pl_value *v, void *at)
{
	/* in the order of the bits PL_FILES_* */
	static const char *const words[] = { "pdf", "xml", "image", "statement",
		NULL };

	return read_bits(v, words, at);
}

/* ---- addresses -------------------------------------------------------- */

/* As written; each folded address once. */
static gboolean
read_addresses(struct pl_value *v, gboolean wild, gboolean fold, void *at)
{
	GPtrArray *array = pl_config_array(v->config, NULL);
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const char *word;

	while ((word = pl_value_next(v)) != NULL) {
		char *folded = pl_address_normalise(word);

		if (!pl_address_valid(word, wild)) {
			g_free(folded);
			return FALSE;
		}
		if (g_hash_table_contains(seen, folded)) {
			g_free(folded);
			continue;
		}
		g_ptr_array_add(array,
		    (char *)pl_config_keep(v->config, fold ? folded : word));
		g_hash_table_add(seen, folded);
	}
	*(const GPtrArray **)at = array;
	return TRUE;
}

gboolean
pl_value_intake(struct pl_value *v, void *at)
{
	return read_addresses(v, TRUE, FALSE, at);
}

gboolean
pl_value_senders(struct pl_value *v, void *at)
{
	return read_addresses(v, TRUE, TRUE, at);
}

/* Kept as one text, with commas between. */
gboolean
pl_value_addresses(struct pl_value *v, void *at)
{
	const GPtrArray *array;
	g_autoptr(GString) text = g_string_new(NULL);

	if (!read_addresses(v, FALSE, FALSE, &array))
		return FALSE;
	for (unsigned i = 0; i < array->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "," : "",
		    (const char *)g_ptr_array_index(array, i));
	*(const char **)at = pl_config_keep(v->config, text->str);
	return TRUE;
}

/* ---- networks --------------------------------------------------------- */

/* The bits behind the slash; GLib would warn of too many on stderr. */
static gboolean
read_bits_of_mask(const char *slash, GInetAddress *address, guint64 *bits)
{
	*bits = g_inet_address_get_native_size(address) * 8;
	return slash == NULL ||
	       g_ascii_string_to_unsigned(slash + 1, 10, 0, *bits, bits, NULL);
}

/* Also with the address in brackets, as Postfix writes IPv6 networks. */
static GInetAddressMask *
network_new(const char *word)
{
	const char *slash = strchr(word, '/');
	size_t n = slash != NULL ? (size_t)(slash - word) : strlen(word);
	gboolean brackets = n > 2 && word[0] == '[' && word[n - 1] == ']';
	g_autofree char *plain =
	    g_strndup(word + brackets, n - 2 * (size_t)brackets);
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(plain);
	guint64 bits;

	if (address == NULL || !read_bits_of_mask(slash, address, &bits))
		return NULL;
	return g_inet_address_mask_new(address, (guint)bits, NULL);
}

gboolean
pl_value_networks(struct pl_value *v, void *at)
{
	GPtrArray *array = pl_config_array(v->config, g_object_unref);
	gboolean none = FALSE;
	unsigned words = 0;
	const char *word;

	for (; (word = pl_value_next(v)) != NULL; words++) {
		GInetAddressMask *mask;

		if (g_ascii_strcasecmp(word, "none") == 0) {
			none = TRUE;
			continue;
		}
		if ((mask = network_new(word)) == NULL)
			return FALSE;
		g_ptr_array_add(array, mask);
	}
	*(const GPtrArray **)at = array;
	return !none || words == 1;
}

/* ---- identifiers ------------------------------------------------------ */

static gboolean
is_id(const char *word)
{
	size_t n = strlen(word);

	return n >= 5 && n <= 40 &&
	       strspn(word, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-/") == n;
}

gboolean
pl_value_ids(struct pl_value *v, void *at)
{
	GPtrArray *array = pl_config_array(v->config, NULL);
	const char *word;

	while ((word = pl_value_next(v)) != NULL) {
		/* "0208:0123456789": the scheme says nothing of the company */
		const char *colon = strrchr(word, ':');
		const char *number = colon != NULL ? colon + 1 : word;
		g_autofree char *id = pl_id_normalise(number);

		if (!is_id(number) || *id == '\0')
			return FALSE;
		g_ptr_array_add(array, (char *)pl_config_keep(v->config, id));
	}
	*(const GPtrArray **)at = array;
	return TRUE;
}

gboolean
pl_value_accounts(struct pl_value *v, void *at)
{
	GPtrArray *array = pl_config_array(v->config, NULL);
	const char *word;

	while ((word = pl_value_next(v)) != NULL) {
		g_autofree char *account = g_ascii_strup(word, -1);

		if (!is_id(word))
			return FALSE;
		g_ptr_array_add(
		    array, (char *)pl_config_keep(v->config, account));
	}
	*(const GPtrArray **)at = array;
	return TRUE;
}
