/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lines - a configuration file as sections and entries with line numbers
 *
 * Comments are whole lines beginning with # or ;. A line that begins with
 * white space and is neither blank nor a comment continues the value above, so
 * that long lists can stand on many lines. The reader keeps one newline for
 * each line it passed: whoever reads the value can count where a word stands.
 *
 * Why not libinih (release 55, Debian 12), which the project uses nowhere:
 * tried, it cuts lines at ini_max_line and section names at 49 characters
 * without a word, does not tell of sections without entries or begun twice,
 * and gives no line numbers to its handler. Half of this file would have been
 * needed around it, with its global switches on top.
 */
#include <string.h>

#include "private.h"

struct reader {
	GPtrArray *sections;
	struct pl_section_lines *section;
	GString *value; /* of the entry that may still go on, or NULL */
	unsigned line, skipped;
	pl_complain *complain;
	void *user;
};

static void
entry_free(void *p)
{
	struct pl_entry_line *e = p;

	g_free(e->key);
	g_free(e->value);
	g_free(e);
}

static void
section_free(void *p)
{
	struct pl_section_lines *s = p;

	g_free(s->name);
	g_ptr_array_unref(s->entries);
	g_free(s);
}

static void
begin_section(struct reader *r, char *name)
{
	struct pl_section_lines *s = g_new0(struct pl_section_lines, 1);

	s->name = name;
	s->line = r->line;
	s->entries = g_ptr_array_new_with_free_func(entry_free);
	g_ptr_array_add(r->sections, s);
	r->section = s;
}

/* The entry being read is complete. */
static void
end_entry(struct reader *r)
{
	struct pl_entry_line *e;

	if (r->value == NULL)
		return;
	e = g_ptr_array_index(
	    r->section->entries, r->section->entries->len - 1);
	e->value = g_string_free(g_steal_pointer(&r->value), FALSE);
	g_strchomp(e->value);
}

static void
read_header(struct reader *r, char *line)
{
	char *end = strchr(line, ']');

	if (end == NULL || end[1] != '\0') {
		r->complain(r->user, r->line,
		    "the line must be [gateway] or [journal NAME]");
		begin_section(r, NULL);
		return;
	}
	*end = '\0';
	begin_section(r, g_strdup(g_strstrip(line + 1)));
}

static void
read_entry(struct reader *r, char *line)
{
	struct pl_entry_line *e;
	char *equals = strchr(line, '=');

	if (equals == NULL || equals == line) {
		r->complain(r->user, r->line,
		    "the line must be key = value, [section] or a # comment");
		return;
	}
	*equals = '\0';
	e = g_new0(struct pl_entry_line, 1);
	e->key = g_strdup(g_strchomp(line));
	e->line = r->line;
	g_ptr_array_add(r->section->entries, e);
	r->value = g_string_new(g_strchug(equals + 1));
	r->skipped = 0;
}

static void
read_continuation(struct reader *r, const char *text)
{
	for (unsigned i = 0; i <= r->skipped; i++)
		g_string_append_c(r->value, '\n');
	r->skipped = 0;
	g_string_append(r->value, text);
}

/* LINE has no line end. */
static void
read_line(struct reader *r, char *line)
{
	gboolean indented = *line == ' ' || *line == '\t';
	char *text = g_strstrip(line);

	if (*text == '\0' || *text == '#' || *text == ';') {
		r->skipped++;
		return;
	}
	if (indented && r->value != NULL) {
		read_continuation(r, text);
		return;
	}
	end_entry(r);
	if (*text == '[')
		read_header(r, text);
	else
		read_entry(r, text);
}

/* What no line of text may hold. */
static const char *
bad_bytes(const char *line, gsize length)
{
	if (memchr(line, '\0', length) != NULL)
		return "the line holds a NUL byte";
	if (!g_utf8_validate(line, (gssize)length, NULL))
		return "the line is not valid UTF-8";
	for (gsize i = 0; i < length; i++)
		if ((guchar)line[i] < ' ' && line[i] != '\t')
			return "the line holds a control character";
	return NULL;
}

GPtrArray *
pl_config_lines(
    const char *text, gsize length, pl_complain *complain, void *user)
{
	struct reader r = { .complain = complain, .user = user };
	const char *at = text, *end = text + length;

	r.sections = g_ptr_array_new_with_free_func(section_free);
	begin_section(&r, NULL);
	if (length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		const char *stop = eol != NULL ? eol : end;
		gsize n = (gsize)(stop - at);
		const char *bad;

		r.line++;
		if (n > 0 && at[n - 1] == '\r')
			n--;
		if ((bad = bad_bytes(at, n)) != NULL) {
			complain(user, r.line, bad);
			r.skipped++;
		} else {
			g_autofree char *line = g_strndup(at, n);
			read_line(&r, line);
		}
		at = eol != NULL ? eol + 1 : end;
	}
	end_entry(&r);
	return r.sections;
}
