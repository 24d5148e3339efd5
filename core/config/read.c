/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * read - file ▸ checked configuration
 *
 * Reads everything before it gives up, so that all that is wrong with a file
 * is said at once, by line. The gateway is read first, wherever it stands:
 * journals take over what they do not set themselves.
 */
#include <string.h>

#include "private.h"

#define MAX_COMPLAINTS 100
/* A local part may have 64 bytes; "+b.BATCH.ATTEMPT.MAC" takes up to 35. */
#define MAX_KEYED_LOCAL 29

/* ---- what settings mean together -------------------------------------- */

static unsigned
line_of(const struct pl_section_lines *lines, const char *key,
    const char *otherwise)
{
	const struct pl_entry_line *e = pl_reading_entry(lines, key);

	if (e == NULL)
		e = pl_reading_entry(lines, otherwise);
	return e != NULL ? e->line : lines->line;
}

/* A keyed return path must be possible with the sender of a section. */
static void
check_sender(struct pl_reading *r, const struct pl_section_lines *lines,
    const char *sender, gboolean fixed)
{
	if (fixed || sender == NULL)
		return;
	if (r->config->gateway.delimiter == '\0')
		pl_reading_complainf(r,
		    line_of(lines, "return_path", "recipient_delimiter"),
		    "[%s] return_path = \"per-batch\": must be fixed when"
		    " recipient_delimiter is none",
		    lines->name);
	else if (*sender == '"' ||
		 (size_t)(strchr(sender, '@') - sender) > MAX_KEYED_LOCAL)
		pl_reading_complainf(r, line_of(lines, "sender", "return_path"),
		    "[%s] sender = \"%s\": must have at most %d characters"
		    " before the @, without quotes, when return_path is"
		    " per-batch",
		    lines->name, sender, MAX_KEYED_LOCAL);
}

/* Sales and purchases are told apart by own numbers. */
static void
check_directions(struct pl_reading *r, const struct pl_section_lines *lines,
    const struct pl_journal *j)
{
	if ((j->accept & PL_ACCEPT_DIRECTIONS) != 0 &&
	    j->company_ids != NULL && j->company_ids->len == 0)
		pl_reading_complainf(r, line_of(lines, "accept", "company_ids"),
		    "[%s] accept = \"%s\": needs company_ids, here or in"
		    " [gateway]: own numbers tell sales from purchases",
		    lines->name,
		    (j->accept & PL_ACCEPT_SALE) != 0 ? "sale" : "purchase");
}

/* Journals say it again only if they have a part in it. */
static void
check_journal(struct pl_reading *r, const struct pl_section_lines *lines,
    const struct pl_journal *j)
{
	if (pl_reading_entry(lines, "sender") != NULL ||
	    pl_reading_entry(lines, "return_path") != NULL)
		check_sender(r, lines, j->sender, j->return_path_fixed);
	check_directions(r, lines, j);
}

/* No mail server stands between, so nothing is too large for a folder. */
static void
lift_mail_size(struct pl_journal *j)
{
	if (j->deliver_to != NULL && pl_folder_is(j->deliver_to))
		j->max_mail_size = 0;
}

/* ---- sections --------------------------------------------------------- */

static void
compute_messages(pl_config *c)
{
	g_autofree char *folder = NULL, *messages = NULL;

	if (c->gateway.ledger == NULL || c->gateway.messages == NULL ||
	    *c->gateway.messages != '\0')
		return;
	folder = g_path_get_dirname(c->gateway.ledger + strlen("sqlite:"));
	messages = g_build_filename(folder, "messages", NULL);
	c->gateway.messages = pl_config_keep(c, messages);
}

static void
read_gateway(struct pl_reading *r, const struct pl_section_lines *lines)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	struct pl_section_lines empty = {
		.name = (char *)"gateway", .line = 1, .entries = none
	};
	struct pl_part p = { r, lines != NULL ? lines : &empty, "gateway",
		&r->config->gateway };

	const struct pl_entry_line *user = pl_reading_entry(p.lines, "user");

	pl_reading_part(&p);
	if (user != NULL && *user->value != '\0')
		r->config->user_line = user->line;
	compute_messages(r->config);
	check_sender(r, p.lines, r->config->gateway.sender,
	    r->config->gateway.return_path_fixed);
}

/* What follows "journal" in the header, NULL if it is no such header. */
static const char *
journal_name(const char *header)
{
	if (!g_str_has_prefix(header, "journal"))
		return NULL;
	header += strlen("journal");
	if (*header != '\0' && !g_ascii_isspace(*header))
		return NULL;
	while (g_ascii_isspace(*header))
		header++;
	return header;
}

static gboolean
is_journal_name(const char *name)
{
	size_t n = strlen(name);

	return n <= 64 && g_ascii_isalnum(*name) &&
	       strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.") == n;
}

static void
read_journal(struct pl_reading *r, const struct pl_section_lines *lines,
    const char *name)
{
	struct pl_journal *j;
	struct pl_part p = { r, lines, "journal", NULL };

	if (!is_journal_name(name)) {
		g_autofree char *bad = pl_reading_quote(lines->name);

		pl_reading_complainf(r, lines->line,
		    "[%.*s]: must be [journal NAME], NAME of at most 64"
		    " letters, digits, - _ and .",
		    (int)strlen(bad) - 2, bad + 1);
		return;
	}
	if (g_hash_table_contains(r->config->names, name))
		return; /* check_sections() said so */
	j = g_new0(struct pl_journal, 1);
	j->name = pl_config_keep(r->config, name);
	g_ptr_array_add(r->config->journals, j);
	g_hash_table_insert(r->config->names, (char *)j->name, j);
	p.at = j;
	pl_reading_part(&p);
	lift_mail_size(j);
	check_journal(r, lines, j);
}

/* Headers that are unknown or come twice. Names are brought to one form. */
static void
check_sections(struct pl_reading *r, GPtrArray *sections)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (unsigned i = 0; i < sections->len; i++) {
		struct pl_section_lines *s = g_ptr_array_index(sections, i);
		const struct pl_section_lines *first;
		const char *journal;
		g_autofree char *bad = NULL;

		if (s->name == NULL) {
			if (s->line == 0 && s->entries->len > 0) {
				const struct pl_entry_line *e =
				    g_ptr_array_index(s->entries, 0);
				pl_reading_complain(r, e->line,
				    "the line must stand below [gateway] or"
				    " [journal NAME]");
			}
			continue;
		}
		journal = journal_name(s->name);
		if (journal != NULL) {
			char *name = g_strdup_printf("journal %s", journal);

			g_free(s->name);
			s->name = g_strchomp(name);
		} else if (!g_str_equal(s->name, "gateway")) {
			bad = pl_reading_quote(s->name);
			pl_reading_complainf(r, s->line,
			    "[%.*s]: no such section; must be [gateway] or"
			    " [journal NAME]",
			    (int)strlen(bad) - 2, bad + 1);
			continue;
		}
		first = g_hash_table_lookup(seen, s->name);
		if (first != NULL)
			pl_reading_complainf(r, s->line,
			    "[%s]: must come once, but is in line %u", s->name,
			    first->line);
		else
			g_hash_table_insert(seen, s->name, s);
	}
}

/* ---- the file --------------------------------------------------------- */

static void
read_sections(struct pl_reading *r, GPtrArray *sections)
{
	const struct pl_section_lines *gateway = NULL;

	check_sections(r, sections);
	for (unsigned i = sections->len; i-- > 0;) {
		const struct pl_section_lines *s =
		    g_ptr_array_index(sections, i);

		if (s->name != NULL && g_str_equal(s->name, "gateway"))
			gateway = s;
	}
	read_gateway(r, gateway);
	for (unsigned i = 0; i < sections->len; i++) {
		const struct pl_section_lines *s =
		    g_ptr_array_index(sections, i);
		const char *name =
		    s->name != NULL ? journal_name(s->name) : NULL;

		if (name != NULL)
			read_journal(r, s, name);
	}
}

static int
complaint_compare(gconstpointer a, gconstpointer b)
{
	const struct pl_complaint *x = *(struct pl_complaint *const *)a;
	const struct pl_complaint *y = *(struct pl_complaint *const *)b;

	return (x->line > y->line) - (x->line < y->line);
}

static void
set_error(const struct pl_reading *r, const char *file, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned n = r->complaints->len;

	for (unsigned i = 0; i < MIN(n, MAX_COMPLAINTS); i++) {
		const struct pl_complaint *c =
		    g_ptr_array_index(r->complaints, i);

		g_string_append_printf(text, "%s%s:%u: %s", i > 0 ? "\n" : "",
		    file, c->line, c->text);
	}
	if (n > MAX_COMPLAINTS)
		g_string_append_printf(
		    text, "\n%s: and %u more", file, n - MAX_COMPLAINTS);
	g_set_error_literal(
	    error, PL_CONFIG_ERROR, PL_CONFIG_INVALID, text->str);
}

static gboolean
read_text(pl_config *config, gsize length, GError **error)
{
	g_autoptr(GPtrArray) complaints =
	    g_ptr_array_new_with_free_func(pl_complaint_free);
	struct pl_reading r = { config, complaints };
	g_autoptr(GPtrArray) sections = NULL;

	sections =
	    pl_config_lines(config->text, length, pl_reading_complain, &r);
	read_sections(&r, sections);
	if (config->journals->len == 0 && r.complaints->len == 0)
		pl_reading_complain(
		    &r, 1, "must have at least one [journal NAME]");
	g_ptr_array_sort(r.complaints, complaint_compare);
	if (r.complaints->len > 0)
		set_error(&r, config->file, error);
	else
		pl_config_index(config);
	return r.complaints->len == 0;
}

pl_config *
pl_config_read(const char *file, GError **error)
{
	g_autoptr(pl_config) config = pl_config_new(file);
	g_autoptr(GError) cause = NULL;
	char hex[PL_SHA256_HEX + 1];
	gsize length;

	if (!g_file_get_contents(file, &config->text, &length, &cause)) {
		g_set_error(error, PL_CONFIG_ERROR, PL_CONFIG_UNREADABLE,
		    "cannot read the configuration: %s", cause->message);
		return NULL;
	}
	pl_sha256_hex(config->text, length, hex);
	config->digest = g_strdup(hex);
	if (!read_text(config, length, error))
		return NULL;
	return g_steal_pointer(&config);
}
