/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml - one pass over a hostile XML file
 *
 * No tree is built: what libxml2 (xmlparse.c) tells of elements and texts goes
 * to the dialect of the file's root.
 *
 * The facts of a damaged file are those read before the damage.
 */
#include "xml.h"

#include <string.h>

#include "values.h"
#include "xmlevents.h"
#include "xmltext.h"

#define NAMESPACES_MAX 256
#define ELEMENTS_MAX 2500000
#define ENVELOPE_DEPTH_MAX 6
#define NAME_LENGTH_MAX 64 /* of an element that may matter */
#define SPACES_KNOWN 8
#define TEXT_MAX 65536  /* of one element, for facts */
#define EMBEDDED_MAX 64 /* files */
#define EMBEDDED_BYTES_MAX (64u << 20)

/* Attributes that some dialect looks at. */
static const char *const wanted[] = { "schemeID", "currencyID", "format",
	"mimeCode", "filename", "Ccy" };

static const struct pl_xml_dialect *const dialects[] = { &pl_ubl_invoice,
	&pl_ubl_credit_note, &pl_cii_invoice, &pl_cii_zugferd1,
	&pl_camt_statement, &pl_camt_austrian, &pl_camt_swift, &pl_camt_bare };

static const char envelope_root[] = "StandardBusinessDocument";
static const char envelope_space[] =
    "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

struct pl_xml {
	struct pl_facts *facts;

	const struct pl_xml_dialect *dialect; /* NULL: not found yet */
	guint root_depth;                     /* of the dialect's root */
	gpointer state;
	char *root;        /* the file's outermost */
	gboolean envelope; /* it is the one of invoices */
	guint unread;      /* documents in it behind the first */

	guint line; /* of the element that began or ended last; 0: unknown */
	guint depth, elements, namespaces;
	guint spaces_at[PL_XML_DEPTH + 1]; /* namespaces declared at a depth */
	gsize path_at[PL_XML_DEPTH + 1];   /* path's length outside a depth */
	char path[(PL_XML_DEPTH + 1) * (NAME_LENGTH_MAX + 1) + 1];
	gsize path_length;
	GString *text;
	gboolean leaf;
	gboolean kept; /* any of the attributes */
	char *attributes[G_N_ELEMENTS(wanted)];
	/* the first namespaces that were asked for, whose names stay where
	 * they are, and whether they are of the dialect */
	const char *spaces[SPACES_KNOWN];
	gboolean inside[SPACES_KNOWN];
	guint n_spaces;

	struct pl_embedded *embedding; /* being decoded, owned */
	GByteArray *decoded;
	gint base64_state;
	guint base64_save;
	gsize embedded_bytes;

	char *problem;
	gboolean limited; /* the problem is a limit */
};

struct pl_facts *
pl_xml_facts(struct pl_xml *xml)
{
	return xml->facts;
}

gpointer
pl_xml_state(struct pl_xml *xml)
{
	return xml->state;
}

const char *
pl_xml_root(struct pl_xml *xml)
{
	return xml->dialect->root;
}

guint
pl_xml_line(struct pl_xml *xml)
{
	return xml->line;
}

const char *
pl_xml_name(struct pl_xml *xml)
{
	return xml->path + xml->path_at[xml->depth] + 1;
}

const char *
pl_xml_attribute(struct pl_xml *xml, const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (strcmp(name, wanted[i]) == 0)
			return xml->attributes[i];
	return NULL;
}

/* The first problem stands. */
void
pl_xml_stop(struct pl_xml *xml, const char *format, ...)
{
	va_list arguments;

	if (xml->problem != NULL)
		return;
	va_start(arguments, format);
	xml->problem = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

gboolean
pl_xml_stopped(const struct pl_xml *xml)
{
	return xml->problem != NULL;
}

void
pl_xml_limit(struct pl_xml *xml, const char *reason, int most, const char *what)
{
	if (xml->problem == NULL)
		xml->limited = TRUE;
	pl_xml_stop(xml, "%s %d %s", reason, most, what);
}

void
pl_xml_fail(struct pl_xml *xml, const char *reason)
{
	if (xml->problem == NULL)
		xml->limited = TRUE;
	pl_xml_stop(xml, "%s", reason);
}

/* ---- embedded files */

void
pl_xml_embed(struct pl_xml *xml, const char *filename, const char *media_type)
{
	if (xml->embedding != NULL || xml->facts->embedded->len >= EMBEDDED_MAX)
		return;
	xml->embedding = pl_embedded_new();
	xml->embedding->filename = g_strdup(filename);
	xml->embedding->media_type = g_strdup(media_type);
	xml->decoded = g_byte_array_new();
	xml->base64_state = 0;
	xml->base64_save = 0;
}

static void
embed_decode(struct pl_xml *xml, const char *text, gsize length)
{
	GByteArray *decoded = xml->decoded;
	guint before = decoded->len;
	gsize room = length / 4 * 3 + 6;

	if (xml->embedded_bytes + room > EMBEDDED_BYTES_MAX) {
		g_clear_pointer(&xml->embedding, pl_embedded_free);
		g_clear_pointer(&xml->decoded, g_byte_array_unref);
		return;
	}
	g_byte_array_set_size(decoded, before + (guint)room);

	gsize written = g_base64_decode_step(text, length,
	    decoded->data + before, &xml->base64_state, &xml->base64_save);

	g_byte_array_set_size(decoded, before + (guint)written);
	xml->embedded_bytes += written;
}

static void
embed_end(struct pl_xml *xml)
{
	struct pl_embedded *embedding = g_steal_pointer(&xml->embedding);

	embedding->bytes =
	    g_byte_array_free_to_bytes(g_steal_pointer(&xml->decoded));
	if (g_bytes_get_size(embedding->bytes) > 0)
		g_ptr_array_add(xml->facts->embedded, embedding);
	else
		pl_embedded_free(embedding);
}

/* ---- elements */

/* The part of the path under the dialect's root. */
static const char *
path_below(const struct pl_xml *xml)
{
	return xml->path + 1;
}

static gboolean
is_named(const struct pl_xml_element *element, const char *name)
{
	return strncmp(name, element->name, element->length) == 0 &&
	       name[element->length] == '\0';
}

/* Is the element the root of the dialect? */
static gboolean
is_root_of(
    const struct pl_xml_dialect *dialect, const struct pl_xml_element *element)
{
	if (!is_named(element, dialect->root))
		return FALSE;
	if (dialect->space == NULL || element->space == NULL)
		return dialect->space == element->space;
	return g_str_has_prefix(element->space, dialect->space);
}

static void
find_dialect(
    struct pl_xml *xml, const struct pl_xml_element *element, gboolean foreign)
{
	for (guint i = 0; i < G_N_ELEMENTS(dialects); i++) {
		const struct pl_xml_dialect *dialect = dialects[i];

		if (!is_root_of(dialect, element) ||
		    (foreign && !dialect->enveloped))
			continue;
		xml->dialect = dialect;
		xml->root_depth = xml->depth;
		xml->state = g_malloc0(MAX(dialect->state_size, 1));
		xml->facts->format = dialect->format;
		return;
	}
}

/* A dialect's root is the file's, or stands in an envelope: banks put theirs
 * beside a business header, with what their own system adds around it. */
static void
root_seen(struct pl_xml *xml, const struct pl_xml_element *element)
{
	if (xml->depth == 1) {
		xml->root = g_strndup(element->name, element->length);
		xml->envelope = is_named(element, envelope_root) &&
				g_strcmp0(element->space, envelope_space) == 0;
		find_dialect(xml, element, FALSE);
	} else if (xml->depth <= ENVELOPE_DEPTH_MAX && xml->root_depth == 0) {
		find_dialect(xml, element, !xml->envelope || xml->depth > 2);
	}
}

static gboolean
is_root(const struct pl_xml_element *element)
{
	for (guint i = 0; i < G_N_ELEMENTS(dialects); i++)
		if (is_root_of(dialects[i], element))
			return TRUE;
	return FALSE;
}

/* An envelope may have several messages of a bank. */
static void
root_again(struct pl_xml *xml, const struct pl_xml_element *element)
{
	if (xml->envelope && xml->depth == 2 && is_root(element))
		xml->unread++;
	if (xml->root_depth == G_MAXUINT && xml->dialect->enveloped &&
	    is_root_of(xml->dialect, element))
		xml->root_depth = xml->depth;
}

static int
wanted_index(const char *name, gsize length)
{
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (*name == *wanted[i] &&
		    strncmp(wanted[i], name, length) == 0 &&
		    wanted[i][length] == '\0')
			return (int)i;
	return -1;
}

gboolean
pl_xml_wants(const char *name, gsize length)
{
	return wanted_index(name, length) >= 0;
}

/* libxml2 leaves an ampersand in a value as "&#38;", and only that. */
static char *
attribute_text(const struct pl_xml_attribute *from)
{
	GString *text;

	if (memchr(from->value, '&', from->value_length) == NULL)
		return g_strndup(from->value, from->value_length);
	text = g_string_new_len(from->value, (gssize)from->value_length);
	g_string_replace(text, "&#38;", "&", 0);
	return g_string_free(text, FALSE);
}

static void
attributes_keep(struct pl_xml *xml, const struct pl_xml_element *element)
{
	for (guint i = 0; xml->kept && i < G_N_ELEMENTS(wanted); i++)
		g_clear_pointer(&xml->attributes[i], g_free);
	xml->kept = FALSE;
	for (guint a = 0; a < element->n_attributes; a++) {
		const struct pl_xml_attribute *from = &element->attributes[a];
		const int i = wanted_index(from->name, from->length);

		if (i < 0)
			continue;
		if (xml->attributes[i] == NULL)
			xml->attributes[i] = attribute_text(from);
		xml->kept = TRUE;
	}
}

static gboolean
is_inside(struct pl_xml *xml, const char *space)
{
	gboolean inside;

	if (space == NULL || xml->dialect->inside == NULL)
		return space == xml->dialect->inside;
	for (guint i = 0; i < xml->n_spaces; i++)
		if (xml->spaces[i] == space)
			return xml->inside[i];
	inside = g_str_has_prefix(space, xml->dialect->inside);
	if (xml->n_spaces < SPACES_KNOWN) {
		xml->spaces[xml->n_spaces] = space;
		xml->inside[xml->n_spaces++] = inside;
	}
	return inside;
}

static gboolean
inside_limits(struct pl_xml *xml, const struct pl_xml_element *element)
{
	if (xml->depth > PL_XML_DEPTH)
		pl_xml_limit(
		    xml, "elements nested deeper than", PL_XML_DEPTH, "levels");
	else if (++xml->elements > ELEMENTS_MAX)
		pl_xml_limit(xml, "more than", ELEMENTS_MAX, "elements");
	else if (element->n_attributes > PL_XML_ATTRIBUTES)
		pl_xml_limit(xml, "more than", PL_XML_ATTRIBUTES, "attributes");
	else if (xml->namespaces + element->namespaces > NAMESPACES_MAX)
		pl_xml_limit(xml, "more than", NAMESPACES_MAX, "namespaces");
	return xml->problem == NULL;
}

static void
path_enter(struct pl_xml *xml, const struct pl_xml_element *element)
{
	const gboolean known = element->length <= NAME_LENGTH_MAX &&
			       is_inside(xml, element->space);
	char *end = xml->path + xml->path_length;

	xml->path_at[xml->depth] = xml->path_length;
	*end++ = '/';
	memcpy(end, known ? element->name : "?", known ? element->length : 1);
	end += known ? element->length : 1;
	*end = '\0';
	xml->path_length = (gsize)(end - xml->path);
}

static void
path_leave(struct pl_xml *xml)
{
	xml->path_length = xml->path_at[xml->depth];
	xml->path[xml->path_length] = '\0';
}

void
pl_xml_begin(struct pl_xml *xml, const struct pl_xml_element *element)
{
	xml->depth++;
	xml->line = element->line;
	if (!inside_limits(xml, element))
		return;
	xml->namespaces += element->namespaces;
	xml->spaces_at[xml->depth] = element->namespaces;
	xml->leaf = TRUE;
	if (xml->dialect == NULL) {
		root_seen(xml, element);
		return;
	}
	if (xml->depth <= xml->root_depth) {
		root_again(xml, element);
		return;
	}
	path_enter(xml, element);
	g_string_truncate(xml->text, 0);
	attributes_keep(xml, element);
	xml->dialect->open(xml, path_below(xml));
}

void
pl_xml_end(struct pl_xml *xml, guint line)
{
	xml->line = line;
	if (xml->problem != NULL || xml->depth == 0)
		return;
	if (xml->dialect != NULL && xml->depth > xml->root_depth &&
	    xml->path_length > 0) {
		if (xml->embedding != NULL)
			embed_end(xml);
		xml->dialect->close(
		    xml, path_below(xml), xml->leaf ? xml->text->str : "");
		path_leave(xml);
	}
	if (xml->depth == xml->root_depth)
		xml->root_depth = G_MAXUINT; /* the document is over */
	xml->leaf = FALSE;
	xml->namespaces -= xml->spaces_at[xml->depth];
	xml->depth--;
}

void
pl_xml_text(struct pl_xml *xml, const char *text, gsize length)
{
	if (xml->problem != NULL || !xml->leaf || xml->path_length == 0)
		return;
	if (xml->embedding != NULL)
		embed_decode(xml, text, length);
	else if (xml->text->len + length <= TEXT_MAX)
		g_string_append_len(xml->text, text, (gssize)length);
}

/* ---- around it */

/* Without a dialect: HTML is nobody's document, well-formed or not, and what
 * is broken must at least say that it is XML. */
static gboolean
is_other_xml(const struct pl_xml *xml, const char *text, gsize length)
{
	g_autofree char *head = g_strndup(text, MIN(length, 400));
	g_autofree char *lower = g_ascii_strdown(head, -1);

	if (g_ascii_strcasecmp(xml->root != NULL ? xml->root : "", "html") ==
		0 ||
	    strstr(lower, "<!doctype html") != NULL)
		return FALSE;
	return xml->problem == NULL || g_str_has_prefix(lower, "<?xml") ||
	       g_str_has_prefix(lower, "<!doctype");
}

static gboolean
conclude(struct pl_xml *xml, const char *text, gsize length)
{
	struct pl_facts *facts = xml->facts;

	if (xml->dialect == NULL && !is_other_xml(xml, text, length))
		return FALSE;
	if (xml->dialect == NULL)
		facts->format = PL_FORMAT_XML;
	else
		xml->dialect->finish(xml);
	if (xml->problem != NULL && xml->limited)
		pl_value_limited(facts, "XML: %s", xml->problem);
	else if (xml->problem != NULL)
		pl_value_damage(facts, "XML: %s", xml->problem);
	else if (xml->unread > 0)
		facts->problem = g_strdup_printf(
		    "the envelope has %u documents; only the first was read "
		    "(number %s): have each sent in a file of its own",
		    xml->unread + 1,
		    facts->number != NULL ? facts->number : "unknown");
	return TRUE;
}

static void
clear(struct pl_xml *xml)
{
	g_free(xml->state);
	g_free(xml->root);
	g_free(xml->problem);
	g_string_free(xml->text, TRUE);
	pl_embedded_free(xml->embedding);
	if (xml->decoded != NULL)
		g_byte_array_unref(xml->decoded);
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		g_free(xml->attributes[i]);
}

gboolean
pl_xml_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct pl_xmltext text;
	struct pl_xml xml;
	gboolean read = FALSE;

	if (pl_xmltext_find(&text, bytes, length)) {
		xml = (struct pl_xml){ .facts = facts,
			.text = g_string_new(NULL) };
		xml.problem = pl_xmltext_refuse(&text, &xml.limited);
		if (xml.problem == NULL)
			pl_xml_parse(
			    &xml, text.text, text.length, text.ignore_declared);
		read = conclude(&xml, text.text, text.length);
		clear(&xml);
	}
	g_free(text.owned);
	return read;
}
