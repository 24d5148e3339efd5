/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xmlplain - XML as programs write it, read without libxml2
 *
 * UTF-8 or ASCII, elements with ASCII names, texts, attributes, namespaces,
 * comments, CDATA and processing instructions: nearly every invoice and
 * statement is made of these alone. A file is taken only if all of it is
 * well-formed by the rules of XML 1.0 and Namespaces; anything else, a
 * document type, another character set, a line that somebody asks for, or
 * doubt, ends the reading with FALSE, and libxml2 decides. So this reader may
 * be stricter than libxml2, but never laxer: the fuzzer compares the two.
 *
 * It allocates nothing but the names of namespaces.
 */
#include "xmlevents.h"

#include <string.h>

#define ATTRIBUTES_MAX 32 /* of a tag */
#define SPACES_MAX 64     /* namespaces in force */
#define URIS_MAX 64       /* different ones in a file */

/* What makes a text one that is not told as it stands. */
static const char specials[] = { '&', ']', '\r' };
#define SPECIALS G_N_ELEMENTS(specials)

struct slice {
	const char *at;
	gsize length;
};

struct name {
	struct slice whole, prefix, local;
};

struct attribute {
	struct name name;
	struct slice value;
};

/* A namespace that is in force. */
struct binding {
	struct slice prefix;
	const char *uri;
};

/* An element that is open. */
struct frame {
	struct slice name;
	guint bindings; /* in force around it */
};

struct plain {
	struct pl_xml *xml;
	const char *at, *end;
	struct frame open[PL_XML_DEPTH];
	guint depth;
	struct binding bindings[SPACES_MAX];
	guint n_bindings;
	struct attribute attributes[ATTRIBUTES_MAX];
	guint n_attributes;
	GPtrArray *uris;               /* char *, stay where they are */
	const char *special[SPECIALS]; /* the next of each, or the end */
};

/* ---- characters and words */

static gboolean
is_same(const struct slice *a, const struct slice *b)
{
	return a->length == b->length && memcmp(a->at, b->at, a->length) == 0;
}

static gboolean
is_text(const struct slice *a, const char *text)
{
	return a->length == strlen(text) && memcmp(a->at, text, a->length) == 0;
}

static gboolean
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static gboolean
skip_blanks(struct plain *p)
{
	const char *start = p->at;

	while (p->at < p->end && is_blank(*p->at))
		p->at++;
	return p->at > start;
}

static gboolean
skip(struct plain *p, const char *expected)
{
	const gsize n = strlen(expected);

	if ((gsize)(p->end - p->at) < n || memcmp(p->at, expected, n) != 0)
		return FALSE;
	p->at += n;
	return TRUE;
}

/* Moves behind the next WORD. */
static gboolean
skip_to(struct plain *p, const char *word, struct slice *before)
{
	const gsize n = strlen(word);
	const char *found = memmem(p->at, (gsize)(p->end - p->at), word, n);

	if (found == NULL)
		return FALSE;
	*before = (struct slice){ p->at, (gsize)(found - p->at) };
	p->at = found + n;
	return TRUE;
}

/* What may stand in a name, by character. */
static guint8 in_name[256];

static void
fill_table(void)
{
	static gsize once;

	if (!g_once_init_enter(&once))
		return;
	for (guint c = 0; c < 128; c++)
		in_name[c] = g_ascii_isalnum((char)c) || c == '_' || c == '-' ||
			     c == '.';
	g_once_init_leave(&once, 1);
}

static gboolean
take_word(struct plain *p, struct slice *word)
{
	const char *c = p->at;

	if (c < p->end && (g_ascii_isalpha(*c) || *c == '_'))
		while (c < p->end && in_name[(guint8)*c])
			c++;
	*word = (struct slice){ p->at, (gsize)(c - p->at) };
	p->at = c;
	return word->length > 0;
}

static gboolean
take_name(struct plain *p, struct name *name)
{
	name->prefix = (struct slice){ p->at, 0 };
	if (!take_word(p, &name->local))
		return FALSE;
	name->whole = name->local;
	if (p->at == p->end || *p->at != ':')
		return TRUE;
	p->at++;
	name->prefix = name->local;
	if (!take_word(p, &name->local))
		return FALSE;
	name->whole.length = (gsize)(p->at - name->whole.at);
	return TRUE;
}

/* = "VALUE" */
static gboolean
take_value(struct plain *p, struct slice *value)
{
	char quote[2] = "";

	skip_blanks(p);
	if (!skip(p, "="))
		return FALSE;
	skip_blanks(p);
	if (p->at == p->end || (*p->at != '"' && *p->at != '\''))
		return FALSE;
	quote[0] = *p->at++;
	return skip_to(p, quote, value);
}

/* ---- the characters of the file */

static gboolean
has_control(const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if ((guint8)text[i] < ' ' && !is_blank(text[i]))
			return TRUE;
	return FALSE;
}

/* Only the control characters that XML has; *ASCII: nothing of eight bits.
 * Eight characters at a time. */
static gboolean
has_xml_characters(const char *text, gsize length, gboolean *ascii)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101);
	guint64 word, wide = 0;
	gsize i = 0;

	for (; length - i >= sizeof word; i += sizeof word) {
		memcpy(&word, text + i, sizeof word);
		wide |= word;
		if (((word - ones * ' ') & ~word & (ones * 0x80)) != 0 &&
		    has_control(text + i, sizeof word))
			return FALSE;
	}
	word = 0;
	memcpy(&word, text + i, length - i);
	wide |= word;
	*ascii = (wide & (ones * 0x80)) == 0;
	return !has_control(text + i, length - i);
}

/* UTF-8 without U+FFFE and U+FFFF, which are no characters. */
static gboolean
is_utf8(const char *text, gsize length)
{
	const char *at = text, *end = text + length;

	if (!g_utf8_validate_len(text, length, NULL))
		return FALSE;
	for (; (at = memchr(at, 0xef, (gsize)(end - at))) != NULL; at++)
		if ((guint8)at[1] == 0xbf && (guint8)at[2] >= 0xbe)
			return FALSE;
	return TRUE;
}

/* Those in which ASCII stands for itself. */
static gboolean
is_known_encoding(const struct slice *encoding, gboolean ascii)
{
	static const char *const plain[] = { "US-ASCII", "ISO-8859-1",
		"ISO-8859-15", "windows-1252" };

	if (encoding->length == 5 &&
	    g_ascii_strncasecmp(encoding->at, "UTF-8", 5) == 0)
		return TRUE;
	for (guint i = 0; ascii && i < G_N_ELEMENTS(plain); i++)
		if (encoding->length == strlen(plain[i]) &&
		    g_ascii_strncasecmp(
			encoding->at, plain[i], encoding->length) == 0)
			return TRUE;
	return FALSE;
}

/* <?xml version="1.0" encoding="UTF-8" standalone="yes"?>, if it is there. */
static gboolean
read_declaration(struct plain *p, gboolean ascii)
{
	struct slice value;
	gboolean blank;

	if (p->end - p->at < 6 || memcmp(p->at, "<?xml", 5) != 0 ||
	    !is_blank(p->at[5]))
		return TRUE;
	p->at += 5;
	skip_blanks(p);
	if (!skip(p, "version") || !take_value(p, &value) ||
	    !is_text(&value, "1.0"))
		return FALSE;
	blank = skip_blanks(p);
	if (blank && skip(p, "encoding")) {
		if (!take_value(p, &value) || !is_known_encoding(&value, ascii))
			return FALSE;
		blank = skip_blanks(p);
	}
	if (blank && skip(p, "standalone")) {
		if (!take_value(p, &value) ||
		    (!is_text(&value, "yes") && !is_text(&value, "no")))
			return FALSE;
		skip_blanks(p);
	}
	return skip(p, "?>");
}

/* ---- namespaces */

static const char *
intern(struct plain *p, const struct slice *uri)
{
	for (guint i = 0; i < p->uris->len; i++) {
		const char *known = p->uris->pdata[i];

		if (is_text(uri, known))
			return known;
	}
	if (p->uris->len == URIS_MAX)
		return NULL;
	g_ptr_array_add(p->uris, g_strndup(uri->at, uri->length));
	return p->uris->pdata[p->uris->len - 1];
}

/* Those of XML itself have rules of their own. */
static gboolean
bind(struct plain *p, const struct attribute *a)
{
	static const char own[] = "http://www.w3.org/XML/1998/namespace";
	static const char xmlns[] = "http://www.w3.org/2000/xmlns/";
	const gboolean prefixed = a->name.prefix.length > 0;
	const char *uri;

	if (p->n_bindings == SPACES_MAX || a->value.length == 0 ||
	    (prefixed && g_ascii_strncasecmp(a->name.local.at, "xml", 3) == 0))
		return FALSE;
	for (gsize i = 0; i < a->value.length; i++)
		if (is_blank(a->value.at[i]))
			return FALSE;
	uri = intern(p, &a->value);
	if (uri == NULL || strcmp(uri, own) == 0 || strcmp(uri, xmlns) == 0)
		return FALSE;
	p->bindings[p->n_bindings++] = (struct binding){
		prefixed ? a->name.local : (struct slice){ "", 0 }, uri
	};
	return TRUE;
}

/* *URI of the prefix; FALSE: it is not declared. */
static gboolean
look_up(const struct plain *p, const struct slice *prefix, const char **uri)
{
	for (guint i = p->n_bindings; i > 0; i--) {
		const struct binding *b = &p->bindings[i - 1];

		if (is_same(&b->prefix, prefix)) {
			*uri = b->uri;
			return TRUE;
		}
	}
	*uri = NULL;
	return prefix->length == 0;
}

/* ---- tags */

static gboolean
is_declaration(const struct attribute *a)
{
	return is_text(
	    a->name.prefix.length > 0 ? &a->name.prefix : &a->name.local,
	    "xmlns");
}

/* What has to be replaced in a value makes it one that is not plain; blanks
 * that would become spaces do only where somebody looks. */
static gboolean
is_plain_value(const struct attribute *a)
{
	const gboolean wanted =
	    pl_xml_wants(a->name.local.at, a->name.local.length);

	for (gsize i = 0; i < a->value.length; i++) {
		const char c = a->value.at[i];

		if (c == '<' || c == '&' || (wanted && c != ' ' && is_blank(c)))
			return FALSE;
	}
	return TRUE;
}

/* The same twice; or two of one local name, which may be the same. */
static gboolean
is_alone(const struct plain *p, const struct attribute *a)
{
	for (guint i = 0; i < p->n_attributes; i++) {
		const struct name *other = &p->attributes[i].name;

		if (is_same(&other->whole, &a->name.whole) ||
		    (other->prefix.length > 0 && a->name.prefix.length > 0 &&
			is_same(&other->local, &a->name.local)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
read_attributes(struct plain *p)
{
	p->n_attributes = 0;
	for (;;) {
		struct attribute *a = &p->attributes[p->n_attributes];
		const gboolean blank = skip_blanks(p);

		if (p->at == p->end)
			return FALSE;
		if (*p->at == '>' || *p->at == '/')
			return TRUE;
		if (!blank || p->n_attributes == ATTRIBUTES_MAX ||
		    !take_name(p, &a->name) || !take_value(p, &a->value) ||
		    !is_plain_value(a) || !is_alone(p, a))
			return FALSE;
		if (is_declaration(a) && !bind(p, a))
			return FALSE;
		p->n_attributes++;
	}
}

/* Tells of the element NAME with the attributes that were read; FALSE: one of
 * the prefixes is not declared. */
static gboolean
tell(struct plain *p, const struct name *name, guint declared)
{
	struct pl_xml_attribute attributes[ATTRIBUTES_MAX];
	struct pl_xml_element element = {
		.name = name->local.at,
		.length = name->local.length,
		.namespaces = declared,
		.attributes = attributes,
	};
	const char *uri;

	if (!look_up(p, &name->prefix, &element.space))
		return FALSE;
	for (guint i = 0; i < p->n_attributes; i++) {
		const struct attribute *a = &p->attributes[i];

		if (is_declaration(a))
			continue;
		if (a->name.prefix.length > 0 &&
		    !is_text(&a->name.prefix, "xml") &&
		    !look_up(p, &a->name.prefix, &uri))
			return FALSE;
		attributes[element.n_attributes++] =
		    (struct pl_xml_attribute){ a->name.local.at, a->value.at,
			    a->name.local.length, a->value.length };
	}
	pl_xml_begin(p->xml, &element);
	return !pl_xml_stopped(p->xml);
}

static gboolean
leave(struct plain *p)
{
	p->n_bindings = p->open[--p->depth].bindings;
	pl_xml_end(p->xml, 0);
	return !pl_xml_stopped(p->xml);
}

/* Behind the '<'. */
static gboolean
read_start(struct plain *p)
{
	const guint around = p->n_bindings;
	struct name name;

	if (p->depth == PL_XML_DEPTH || !take_name(p, &name) ||
	    !read_attributes(p) || !tell(p, &name, p->n_bindings - around))
		return FALSE;
	p->open[p->depth++] = (struct frame){ name.whole, around };
	if (skip(p, "/>"))
		return leave(p);
	return skip(p, ">");
}

/* Behind the "</". */
static gboolean
read_end(struct plain *p)
{
	const struct slice *name = &p->open[p->depth - 1].name;

	if ((gsize)(p->end - p->at) <= name->length ||
	    memcmp(p->at, name->at, name->length) != 0)
		return FALSE;
	p->at += name->length;
	skip_blanks(p);
	return skip(p, ">") && leave(p);
}

/* ---- texts */

/* "#233" or "#xe9", of at most eight letters; 0: no character. */
static gunichar
character(const struct slice *name)
{
	const gboolean hex = name->length > 1 && name->at[1] == 'x';
	gunichar c = 0;

	if (name->at[0] != '#' || name->length < (hex ? 3 : 2))
		return 0;
	for (gsize i = hex ? 2 : 1; i < name->length; i++) {
		const int digit = hex ? g_ascii_xdigit_value(name->at[i])
				      : g_ascii_digit_value(name->at[i]);

		if (digit < 0)
			return 0;
		c = c * (hex ? 16 : 10) + (gunichar)digit;
	}
	if ((c < ' ' && !is_blank((char)c)) || c > 0x10fffd ||
	    (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff)
		return 0;
	return c;
}

/* "&amp;", "&#233;" and the like, at '&'. */
static gboolean
read_reference(struct plain *p)
{
	static const struct {
		const char *name, *text;
	} known[] = { { "amp", "&" }, { "lt", "<" }, { "gt", ">" },
		{ "quot", "\"" }, { "apos", "'" } };
	struct slice name;
	char utf8[6];
	gunichar c;

	p->at++;
	if (!skip_to(p, ";", &name) || name.length < 2 || name.length > 8)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (is_text(&name, known[i].name)) {
			pl_xml_text(p->xml, known[i].text, 1);
			return TRUE;
		}
	c = character(&name);
	if (c == 0)
		return FALSE;
	pl_xml_text(p->xml, utf8, (gsize)g_unichar_to_utf8(c, utf8));
	return TRUE;
}

/* Up to END, all of it text; line ends become LF. */
static void
tell_text(struct plain *p, const char *text, const char *end)
{
	const char *cr;

	while ((cr = memchr(text, '\r', (gsize)(end - text))) != NULL) {
		pl_xml_text(p->xml, text, (gsize)(cr - text));
		if (cr + 1 == end || cr[1] != '\n')
			pl_xml_text(p->xml, "\n", 1);
		text = cr + 1;
	}
	pl_xml_text(p->xml, text, (gsize)(end - text));
}

/* Text with something in it. */
static gboolean
read_mixed_text(struct plain *p, const char *end)
{
	const char *and;

	if (memmem(p->at, (gsize)(end - p->at), "]]>", 3) != NULL)
		return FALSE;
	while ((and = memchr(p->at, '&', (gsize)(end - p->at))) != NULL) {
		tell_text(p, p->at, and);
		p->at = and;
		if (!read_reference(p) || p->at > end)
			return FALSE;
	}
	tell_text(p, p->at, end);
	p->at = end;
	return TRUE;
}

/* Is one of the special characters before END? Each is looked for once, as far
 * as the next one. */
static gboolean
is_mixed(struct plain *p, const char *end)
{
	gboolean mixed = FALSE;

	for (guint i = 0; i < SPECIALS; i++) {
		if (p->special[i] == NULL || p->special[i] < p->at)
			p->special[i] =
			    memchr(p->at, specials[i], (gsize)(p->end - p->at));
		if (p->special[i] == NULL)
			p->special[i] = p->end;
		mixed = mixed || p->special[i] < end;
	}
	return mixed;
}

static gboolean
read_text(struct plain *p)
{
	const char *end;

	if (p->at < p->end && *p->at == '<')
		return TRUE;
	end = memchr(p->at, '<', (gsize)(p->end - p->at));
	if (end == NULL)
		return FALSE;
	if (is_mixed(p, end))
		return read_mixed_text(p, end);
	pl_xml_text(p->xml, p->at, (gsize)(end - p->at));
	p->at = end;
	return TRUE;
}

/* ---- the rest */

/* Behind the "<?". */
static gboolean
read_instruction(struct plain *p)
{
	struct slice target, rest;

	if (!take_word(p, &target) ||
	    (target.length == 3 &&
		g_ascii_strncasecmp(target.at, "xml", 3) == 0))
		return FALSE;
	return skip(p, "?>") || (skip_blanks(p) && skip_to(p, "?>", &rest));
}

/* Behind the "<!--". */
static gboolean
read_comment(struct plain *p)
{
	struct slice comment;

	return skip_to(p, "--", &comment) && skip(p, ">");
}

/* Behind the "<![CDATA[". */
static gboolean
read_cdata(struct plain *p)
{
	struct slice data;

	if (!skip_to(p, "]]>", &data))
		return FALSE;
	tell_text(p, data.at, data.at + data.length);
	return TRUE;
}

/* At the '<'. */
static gboolean
read_markup(struct plain *p)
{
	switch (p->end - p->at > 1 ? p->at[1] : '\0') {
	case '/':
		p->at += 2;
		return read_end(p);
	case '?':
		p->at += 2;
		return read_instruction(p);
	case '!':
		if (skip(p, "<!--"))
			return read_comment(p);
		return skip(p, "<![CDATA[") && read_cdata(p);
	}
	p->at++;
	return read_start(p);
}

static gboolean
read_content(struct plain *p)
{
	while (p->depth > 0)
		if (!read_text(p) || !read_markup(p))
			return FALSE;
	return TRUE;
}

/* What may stand before and behind the root. */
static gboolean
skip_around(struct plain *p)
{
	gboolean good = TRUE;

	for (;;) {
		skip_blanks(p);
		if (skip(p, "<!--"))
			good = read_comment(p);
		else if (skip(p, "<?"))
			good = read_instruction(p);
		else
			return good;
		if (!good)
			return FALSE;
	}
}

gboolean
pl_xml_plain(struct pl_xml *xml, const char *text, gsize length)
{
	struct plain p = { .xml = xml, .at = text, .end = text + length };
	gboolean ascii, good;

	fill_table();
	if (!has_xml_characters(text, length, &ascii) ||
	    (!ascii && !is_utf8(text, length)) || !read_declaration(&p, ascii))
		return FALSE;
	p.uris = g_ptr_array_new_with_free_func(g_free);
	good = skip_around(&p) && skip(&p, "<") && read_start(&p) &&
	       read_content(&p) && skip_around(&p) && p.at == p.end;
	g_ptr_array_unref(p.uris);
	return good;
}
