/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * contents - what a batch carries, in a header field that only we can make
 *
 * "117; journal=sales; documents=2; mac=MAC; entries=5:KEY 6:KEY", in the order
 * of the batch. On its way a field may be folded anew, so blanks are all one.
 */
#include <string.h>
#include <openssl/crypto.h>

#include "private.h"

#define FOLD "\r\n "
#define LIST_MAX 15000 /* bytes: some servers count the whole header */

void
pl_contents_free(struct pl_contents *c)
{
	if (c == NULL)
		return;
	g_free(c->journal);
	g_clear_pointer(&c->carried, g_array_unref);
	g_free(c);
}

/* A line each. */
static char *
list_of(const struct pl_contents *c)
{
	GString *list = g_string_new(NULL);

	for (guint i = 0; i < c->carried->len; i++) {
		const struct pl_carried *one =
		    &g_array_index(c->carried, struct pl_carried, i);

		if (list->len > LIST_MAX)
			break;
		g_string_append_printf(list, "%s%" G_GINT64_FORMAT ":%s",
		    i > 0 ? FOLD : "", one->entry, one->key);
	}
	return g_string_free(list, FALSE);
}

static void
contents_mac(const pl_secret *secret, const char *head, const char *list,
    const char *message_id, char *mac)
{
	const char *const parts[] = { "postledger contents", head, list,
		message_id, NULL };

	pl_secret_mac(secret, parts, mac);
}

char *
pl_contents_format(const pl_secret *secret, const struct pl_contents *c,
    const char *message_id)
{
	g_autofree char *head =
	    g_strdup_printf("%" G_GINT64_FORMAT "; journal=%s; documents=%u",
		c->batch, c->journal, c->documents);
	g_autofree char *folded = list_of(c);
	g_auto(GStrv) lines = g_strsplit(folded, FOLD, -1);
	g_autofree char *list = g_strjoinv(" ", lines);
	char mac[PL_MAC_LENGTH + 1];

	contents_mac(secret, head, list, message_id, mac);
	return g_strdup_printf("%s; mac=%s;\r\n entries=%s", head, mac, folded);
}

/* ---- reading ----------------------------------------------------------- */

/* Blanks and line ends: one blank. g_free(). */
static char *
unfolded(const char *value)
{
	GString *text = g_string_new(NULL);

	for (const char *p = value; *p != '\0'; p++) {
		if (!g_ascii_isspace(*p))
			g_string_append_c(text, *p);
		else if (text->len > 0 && text->str[text->len - 1] != ' ')
			g_string_append_c(text, ' ');
	}
	return g_strchomp(g_string_free(text, FALSE));
}

/* Where the value of "; NAME=" begins; the text ends before it. */
static char *
cut_at(char *text, const char *name)
{
	char *at = strstr(text, name);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + strlen(name);
}

/* HEAD is proven to be ours. */
static gboolean
read_head(struct pl_contents *c, const char *head)
{
	g_auto(GStrv) words = g_strsplit(head, "; ", 3);

	if (g_strv_length(words) != 3 ||
	    !g_str_has_prefix(words[1], "journal=") ||
	    !g_str_has_prefix(words[2], "documents="))
		return FALSE;
	c->batch = g_ascii_strtoll(words[0], NULL, 10);
	c->journal = g_strdup(words[1] + strlen("journal="));
	c->documents = (unsigned)g_ascii_strtoull(
	    words[2] + strlen("documents="), NULL, 10);
	return c->batch > 0;
}

static void
read_list(struct pl_contents *c, const char *list)
{
	g_auto(GStrv) words = g_strsplit(list, " ", -1);

	for (guint i = 0; words[i] != NULL; i++) {
		struct pl_carried one = { 0 };
		char *end;

		one.entry = g_ascii_strtoll(words[i], &end, 10);
		if (one.entry <= 0 || *end != ':' || end[1] == '\0')
			continue;
		g_strlcpy(one.key, end + 1, sizeof(one.key));
		g_array_append_val(c->carried, one);
	}
}

struct pl_contents *
pl_contents_parse(
    const pl_secret *secret, const char *value, const char *message_id)
{
	g_autofree char *head = unfolded(value);
	char *list = cut_at(head, "; entries=");
	const char *mac = cut_at(head, "; mac=");
	g_autoptr(pl_contents) c = g_new0(pl_contents, 1);
	char good[PL_MAC_LENGTH + 1];

	c->carried = g_array_new(FALSE, FALSE, sizeof(struct pl_carried));
	if (list == NULL || mac == NULL || strlen(mac) != PL_MAC_LENGTH)
		return NULL;
	contents_mac(secret, head, list, message_id, good);
	if (CRYPTO_memcmp(mac, good, PL_MAC_LENGTH) != 0 || !read_head(c, head))
		return NULL;
	read_list(c, list);
	return g_steal_pointer(&c);
}
