/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attach - the names under which files leave
 */
#include <string.h>

#include "attach.h"
#include "postledger/run.h"

#define NAME_MAX_BYTES 180 /* room for a number, below 255 of file systems */
#define EXTENSION_MAX 10
#define SUFFIX_MAX_BYTES 60

struct pl_names {
	GHashTable *taken; /* folded name ▸ how often it was asked for */
};

pl_names *
pl_names_new(void)
{
	pl_names *names = g_new0(pl_names, 1);

	names->taken =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return names;
}

void
pl_names_free(pl_names *names)
{
	if (names == NULL)
		return;
	g_hash_table_unref(names->taken);
	g_free(names);
}

/* What file systems, shells or mail programs trip over, and what can make a
 * name look like another one. */
static gboolean
is_safe(gunichar c)
{
	if (c < 0x80)
		return c >= 0x20 && c != 0x7f &&
		       strchr("<>:\"/\\|?*", (int)c) == NULL;
	return g_unichar_isprint(c) && g_unichar_type(c) != G_UNICODE_FORMAT;
}

static char *
safe(const char *name)
{
	GString *out = g_string_new(NULL);
	g_autofree char *valid = g_utf8_make_valid(name, -1);
	const char *p = valid;

	while (*p == ' ' || *p == '.')
		p++;
	for (; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (is_safe(c))
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, '_');
	}
	while (out->len > 0 && strchr(" .", out->str[out->len - 1]) != NULL)
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

/* Where the extension begins, or the end. */
static const char *
extension(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL || dot == name || strlen(dot) > EXTENSION_MAX + 1)
		return name + strlen(name);
	return dot;
}

static void
cut(GString *stem, gsize most)
{
	gsize length = MIN(stem->len, most);

	while (length < stem->len && (stem->str[length] & 0xc0) == 0x80)
		length--;
	g_string_truncate(stem, length);
}

static gboolean
is_reserved(const char *stem)
{
	static const char *const names[] = { "con", "prn", "aux", "nul", NULL };
	g_autofree char *low = g_ascii_strdown(stem, -1);

	if (g_strv_contains(names, low))
		return TRUE;
	return strlen(low) == 4 && g_ascii_isdigit(low[3]) &&
	       (g_str_has_prefix(low, "com") || g_str_has_prefix(low, "lpt"));
}

static const struct {
	const char *format, *extension, *type;
} kinds[] = {
	{ "pdf", ".pdf", "application/pdf" },
	{ "factur-x", ".pdf", "application/pdf" },
	{ "ubl", ".xml", "application/xml" },
	{ "cii", ".xml", "application/xml" },
	{ "xml", ".xml", "application/xml" },
	{ "camt.053", ".xml", "application/xml" },
	{ "coda", ".cod", "application/octet-stream" },
	{ "mt940", ".sta", "application/octet-stream" },
	{ "ofx", ".ofx", "application/x-ofx" },
	{ "qif", ".qif", "application/octet-stream" },
	{ "csv", ".csv", "text/csv" },
	{ "png", ".png", "image/png" },
	{ "jpeg", ".jpg", "image/jpeg" },
	{ "tiff", ".tif", "image/tiff" },
};

static const char *
default_extension(const char *format)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(kinds[i].format, format) == 0)
			return kinds[i].extension;
	return "";
}

const char *
pl_media_type(const char *format, const char *declared)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(kinds[i].format, format) == 0)
			return kinds[i].type;
	if (declared == NULL || strchr(declared, '/') == NULL ||
	    g_str_has_prefix(declared, "multipart/") ||
	    g_str_has_prefix(declared, "message/"))
		return "application/octet-stream";
	return declared;
}

static char *
numbered(const char *stem, const char *ext, unsigned n)
{
	return n == 1 ? g_strconcat(stem, ext, NULL)
		      : g_strdup_printf("%s-%u%s", stem, n, ext);
}

/* STEM EXT, or the first of "STEM-2 EXT", "STEM-3 EXT", ... not yet given.
 * How often a name was asked for is kept, so that a thousand files of one
 * name do not try each other's numbers. */
static char *
take(pl_names *names, const char *stem, const char *ext)
{
	g_autofree char *plain = numbered(stem, ext, 1);
	g_autofree char *asked = g_utf8_casefold(plain, -1);
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(names->taken, asked));

	for (;;) {
		g_autofree char *name = numbered(stem, ext, ++n);
		g_autofree char *low = g_utf8_casefold(name, -1);

		if (n > 1 && g_hash_table_contains(names->taken, low))
			continue;
		g_hash_table_insert(
		    names->taken, g_steal_pointer(&low), GUINT_TO_POINTER(1));
		g_hash_table_insert(
		    names->taken, g_steal_pointer(&asked), GUINT_TO_POINTER(n));
		return g_steal_pointer(&name);
	}
}

/* Not too long, not reserved, with SUFFIX. */
static void
finish(GString *stem, const char *suffix)
{
	cut(stem, NAME_MAX_BYTES);
	if (is_reserved(stem->str))
		g_string_append_c(stem, '_');
	if (suffix == NULL)
		return;
	g_autofree char *clean = safe(suffix);
	g_autoptr(GString) part = g_string_new(clean);
	cut(part, SUFFIX_MAX_BYTES);
	g_string_append_printf(stem, "-%s", part->str);
}

char *
pl_names_take(
    pl_names *names, const char *name, const char *format, const char *suffix)
{
	g_autofree char *clean = safe(name != NULL ? name : "");
	const char *dot = extension(clean);
	g_autofree char *ext = g_strdup(*dot != '\0' ? dot : "");
	g_autoptr(GString) stem = g_string_new_len(clean, dot - clean);

	if (clean[0] == '\0') {
		g_string_assign(stem, "document");
		g_free(ext);
		ext = g_strdup(default_extension(format));
	}
	finish(stem, suffix);
	return take(names, stem->str, ext);
}

/* ---- names in folders -------------------------------------------------- */

/* "BE68539007547034-17" for a statement that shares its file with others. */
char *
pl_names_part(const pl_document *d)
{
	if (d->length == 0)
		return NULL;
	return g_strdup_printf("%s-%s", d->account != NULL ? d->account : "",
	    d->sequence != NULL ? d->sequence : "");
}

char *
pl_run_file_name(const pl_document *d, const struct pl_file *file)
{
	g_autoptr(pl_names) names = pl_names_new();
	g_autofree char *part =
	    file == d->files->pdata[0] ? pl_names_part(d) : NULL;

	return pl_names_take(names, file->filename, file->format, part);
}

char *
pl_run_folder_name(const char *text)
{
	g_autofree char *clean = safe(text != NULL ? text : "");
	g_autoptr(GString) name = g_string_new(clean);

	finish(name, NULL);
	return g_string_free(g_steal_pointer(&name), FALSE);
}
