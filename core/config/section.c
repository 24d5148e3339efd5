/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * section - the entries of one section ▸ a filled struct
 *
 * Every setting of the section gets a value: its own, the gateway's, or the
 * default. What is wrong is collected as complaints, with the line.
 */
#include <string.h>

#include "private.h"

void
pl_complaint_free(void *p)
{
	struct pl_complaint *c = p;

	g_free(c->text);
	g_free(c);
}

void
pl_reading_complain(void *user, unsigned line, const char *what)
{
	struct pl_reading *r = user;
	struct pl_complaint *c = g_new(struct pl_complaint, 1);

	c->line = line;
	c->text = g_strdup(what);
	g_ptr_array_add(r->complaints, c);
}

void
pl_reading_complainf(
    struct pl_reading *r, unsigned line, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list ap;

	va_start(ap, format);
	what = g_strdup_vprintf(format, ap);
	va_end(ap);
	pl_reading_complain(r, line, what);
}

/* TEXT of the file for a message: on one line and not too long. */
char *
pl_reading_quote(const char *text)
{
	g_autofree char *line = g_strdelimit(g_strdup(text), "\n", ' ');

	if (g_utf8_strlen(line, -1) > 60) {
		g_autofree char *cut = g_utf8_substring(line, 0, 57);
		return g_strdup_printf("\"%s...\"", cut);
	}
	return g_strdup_printf("\"%s\"", line);
}

const struct pl_entry_line *
pl_reading_entry(const struct pl_section_lines *lines, const char *key)
{
	for (unsigned i = 0; lines != NULL && i < lines->entries->len; i++) {
		const struct pl_entry_line *e =
		    g_ptr_array_index(lines->entries, i);

		if (g_str_equal(e->key, key))
			return e;
	}
	return NULL;
}

static void
read_value(const struct pl_part *p, const struct pl_setting *setting,
    const char *text, unsigned line)
{
	g_autoptr(GString) word = g_string_new(NULL);
	struct pl_value v = { .config = p->reading->config,
		.rest = text,
		.word = word,
		.line = line };
	g_autofree char *bad = NULL;

	if (setting->read(&v, (char *)p->at + setting->offset))
		return;
	bad = pl_reading_quote(word->str);
	pl_reading_complainf(p->reading, v.line, "[%s] %s = %s: must be %s%s%s",
	    p->lines->name, setting->info.key, bad, setting->info.allowed,
	    v.why != NULL && *v.why != ';' ? " " : "",
	    v.why != NULL ? v.why : "");
}

static void
inherit(const struct pl_part *p, const struct pl_setting *setting)
{
	const struct pl_setting *from =
	    pl_setting_find("gateway", setting->info.key);

	g_assert(from != NULL && from->size == setting->size);
	memcpy((char *)p->at + setting->offset,
	    (char *)&p->reading->config->gateway + from->offset, from->size);
}

static void
read_setting(const struct pl_part *p, const struct pl_setting *setting)
{
	const struct pl_entry_line *e =
	    pl_reading_entry(p->lines, setting->info.key);

	if (e != NULL && *e->value != '\0') {
		read_value(p, setting, e->value, e->line);
		return;
	}
	switch (setting->how) {
	case PL_DEFAULT_TEXT:
		read_value(p, setting, setting->info.fallback, 0);
		break;
	case PL_DEFAULT_COMPUTED:
		read_value(p, setting, "", 0);
		break;
	case PL_DEFAULT_INHERITED:
		inherit(p, setting);
		break;
	case PL_DEFAULT_REQUIRED:
		pl_reading_complainf(p->reading,
		    e != NULL ? e->line : p->lines->line,
		    "[%s] %s: is required; must be %s", p->lines->name,
		    setting->info.key, setting->info.allowed);
		break;
	}
}

static char *
known_keys(const char *section)
{
	GString *keys = g_string_new(NULL);

	for (unsigned i = 0; i < pl_settings_n; i++)
		if (g_str_equal(pl_settings[i].info.section, section))
			g_string_append_printf(keys, "%s%s",
			    keys->len > 0 ? " " : "", pl_settings[i].info.key);
	return g_string_free(keys, FALSE);
}

/* Keys that are unknown or come twice. */
static void
check_keys(const struct pl_part *p)
{
	g_autofree char *known = known_keys(p->section);

	for (unsigned i = 0; i < p->lines->entries->len; i++) {
		const struct pl_entry_line *e =
		    g_ptr_array_index(p->lines->entries, i);
		const struct pl_entry_line *first =
		    pl_reading_entry(p->lines, e->key);
		g_autofree char *bad = pl_reading_quote(e->key);

		if (pl_setting_find(p->section, e->key) == NULL)
			pl_reading_complainf(p->reading, e->line,
			    "[%s] %s: no such key; must be one of %s",
			    p->lines->name, bad, known);
		else if (first != e)
			pl_reading_complainf(p->reading, e->line,
			    "[%s] %s: must be set once, but is set in line %u",
			    p->lines->name, e->key, first->line);
	}
}

void
pl_reading_part(const struct pl_part *p)
{
	check_keys(p);
	for (unsigned i = 0; i < pl_settings_n; i++)
		if (g_str_equal(pl_settings[i].info.section, p->section))
			read_setting(p, &pl_settings[i]);
}
