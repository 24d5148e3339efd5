/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dsn - delivery status notifications (RFC 3464, RFC 6533)
 *
 * Groups of header fields with an empty line between them: the first is about
 * the message, each other about one recipient. Read as mail servers write it,
 * not as it should be: fields in any order, unknown ones skipped, types
 * ("rfc822;") missing, folding, more than one empty line. What a field says is
 * foreign text, cut and made one line.
 */
#include "dsn.h"

#include <string.h>

#define VALUE_MAX 1000 /* bytes of a field */

static void
recipient_free(void *data)
{
	struct pl_dsn_recipient *r = data;

	g_free(r->recipient);
	g_free(r->action);
	g_free(r->status);
	g_free(r->remote);
	g_free(r->diagnostic);
	g_free(r->date);
	g_free(r);
}

pl_dsn *
pl_dsn_new(void)
{
	pl_dsn *dsn = g_new0(pl_dsn, 1);

	dsn->recipients = g_ptr_array_new_with_free_func(recipient_free);
	return dsn;
}

void
pl_dsn_free(pl_dsn *dsn)
{
	if (dsn == NULL)
		return;
	g_free(dsn->reporting);
	g_ptr_array_unref(dsn->recipients);
	g_free(dsn);
}

/* ---- fields -------------------------------------------------------------- */

/* Blanks, line ends and control characters become one blank each row. */
char *
pl_dsn_line(const char *text, gsize length)
{
	GString *line = g_string_sized_new(MIN(length, VALUE_MAX) + 1);

	for (gsize i = 0; i < length && line->len < VALUE_MAX; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c > ' ' && c != 0x7f)
			g_string_append_c(line, (char)c);
		else if (line->len > 0 && line->str[line->len - 1] != ' ')
			g_string_append_c(line, ' ');
	}
	g_autofree char *raw = g_strchomp(g_string_free(line, FALSE));
	return g_utf8_make_valid(raw, -1);
}

/* "rfc822; <a@b>" ▸ "a@b", "dns; mx" ▸ "mx", "smtp; 550 no" ▸ "550 no". The
 * value itself where no type stands before it. NULL: nothing. */
static char *
without_type(const char *value)
{
	const char *semicolon = strchr(value, ';');
	gsize n = semicolon == NULL ? 0 : (gsize)(semicolon - value);

	if (n > 0 && n < 20 && memchr(value, ' ', n) == NULL)
		value = semicolon + 1;
	value += strspn(value, " ");
	return *value != '\0' ? g_strdup(value) : NULL;
}

static char *
address(const char *value)
{
	char *plain = without_type(value);

	if (plain == NULL || plain[0] != '<')
		return plain;
	memmove(plain, plain + 1, strlen(plain));
	plain[strcspn(plain, ">")] = '\0';
	return plain;
}

/* The name alone: "mx.example (192.0.2.1, the server ...)" ▸ "mx.example". */
static char *
server(const char *value)
{
	char *plain = without_type(value);

	if (plain != NULL)
		plain[strcspn(plain, " (")] = '\0';
	return plain;
}

static char *
word(const char *value)
{
	return *value == '\0'
		   ? NULL
		   : g_ascii_strdown(value, (gssize)strcspn(value, " (;"));
}

static void
put(char **member, char *value)
{
	if (*member == NULL)
		*member = value;
	else
		g_free(value);
}

static void
take_field(struct pl_dsn_recipient *r, char **original, const char *name,
    const char *value)
{
	if (g_ascii_strcasecmp(name, "Final-Recipient") == 0)
		put(&r->recipient, address(value));
	else if (g_ascii_strcasecmp(name, "Original-Recipient") == 0)
		put(original, address(value));
	else if (g_ascii_strcasecmp(name, "Action") == 0)
		put(&r->action, word(value));
	else if (g_ascii_strcasecmp(name, "Status") == 0)
		put(&r->status, word(value));
	else if (g_ascii_strcasecmp(name, "Remote-MTA") == 0)
		put(&r->remote, server(value));
	else if (g_ascii_strcasecmp(name, "Diagnostic-Code") == 0)
		put(&r->diagnostic, without_type(value));
	else if (g_ascii_strcasecmp(name, "Last-Attempt-Date") == 0)
		put(&r->date, *value != '\0' ? g_strdup(value) : NULL);
}

/* ---- groups ------------------------------------------------------------ */

struct group {
	pl_dsn *dsn;
	struct pl_dsn_recipient *r; /* NULL: no field of it yet */
	char *original;
};

/* A group is about a recipient if it names one, or what became of it. */
static void
end_group(struct group *g)
{
	struct pl_dsn_recipient *r = g_steal_pointer(&g->r);
	g_autofree char *original = g_steal_pointer(&g->original);

	if (r == NULL)
		return;
	if (r->recipient == NULL)
		r->recipient = g_steal_pointer(&original);
	if ((r->recipient == NULL && r->action == NULL && r->status == NULL) ||
	    g->dsn->recipients->len >= PL_DSN_RECIPIENTS)
		recipient_free(r);
	else
		g_ptr_array_add(g->dsn->recipients, r);
}

static void
take_line(struct group *g, const char *line, gsize length)
{
	const char *colon = memchr(line, ':', length);
	g_autofree char *name = NULL, *value = NULL;

	if (colon == NULL || colon == line || colon - line > 40)
		return;
	name = g_strchomp(g_strndup(line, (gsize)(colon - line)));
	value = pl_dsn_line(colon + 1, length - (gsize)(colon - line) - 1);
	if (g_ascii_strcasecmp(name, "Reporting-MTA") == 0)
		put(&g->dsn->reporting, server(value));
	if (g->r == NULL)
		g->r = g_new0(struct pl_dsn_recipient, 1);
	take_field(g->r, &g->original, name, value);
}

/* The end of the field at AT: before a line that is no continuation. */
static const char *
field_end(const char *at, const char *end)
{
	for (;;) {
		const char *lf = memchr(at, '\n', (gsize)(end - at));

		if (lf == NULL)
			return end;
		at = lf + 1;
		if (at == end || (*at != ' ' && *at != '\t'))
			return at;
	}
}

static gboolean
is_blank(const char *line, const char *end)
{
	while (line < end && g_ascii_isspace(*line))
		line++;
	return line == end;
}

pl_dsn *
pl_dsn_read(const guint8 *bytes, gsize length)
{
	const char *at = (const char *)bytes, *end = at + length;
	pl_dsn *dsn = pl_dsn_new();
	struct group g = { .dsn = dsn };

	while (at < end) {
		const char *lf = memchr(at, '\n', (gsize)(end - at));
		const char *line_end = lf != NULL ? lf + 1 : end;

		if (is_blank(at, line_end)) {
			end_group(&g);
			at = line_end;
			continue;
		}
		line_end = field_end(at, end);
		take_line(&g, at, (gsize)(line_end - at));
		at = line_end;
	}
	end_group(&g);
	return dsn;
}
