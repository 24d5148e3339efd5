/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml - one pass over a hostile XML file with libxml2's SAX interface
 *
 * No tree is built, nothing is fetched, and no entity is ever expanded: the
 * callbacks know none, so a reference to one that is not predefined is an
 * error and the file damaged. What libxml2 2.9 does in more than linear time
 * is fenced in: attributes of one tag are compared pairwise (xmltext.c), its
 * dictionary of names slows down with its size (read_bytes), namespaces are
 * searched linearly (inside_limits).
 *
 * The facts of a damaged file are those read before the damage.
 */
#include "xml.h"

#include <string.h>

#include <libxml/parser.h>

#include "values.h"
#include "xmltext.h"

#define DEPTH_MAX 64
#define ATTRIBUTES_MAX 256
#define NAMESPACES_MAX 256
#define NAMES_MAX 10000
#define ELEMENTS_MAX 2500000
#define ENVELOPE_DEPTH_MAX 6
#define NAME_LENGTH_MAX 64 /* of an element that may matter */
#define TEXT_MAX 65536     /* of one element, for facts */
#define EMBEDDED_MAX 64    /* files */
#define EMBEDDED_BYTES_MAX (64u << 20)

/* Attributes that some dialect looks at. */
static const char *const wanted[] = { "schemeID", "currencyID", "format",
	"mimeCode", "filename", "Ccy" };

static const struct pl_xml_dialect *const dialects[] = { &pl_ubl_invoice,
	&pl_ubl_credit_note, &pl_cii_invoice, &pl_cii_zugferd1,
	&pl_camt_statement, &pl_camt_austrian, &pl_camt_swift };

static const char envelope_root[] = "StandardBusinessDocument";
static const char envelope_space[] =
    "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

struct pl_xml {
	xmlParserCtxtPtr parser;
	const char *next, *end; /* bytes not handed over yet */
	struct pl_facts *facts;

	const struct pl_xml_dialect *dialect; /* NULL: not found yet */
	guint root_depth;                     /* of the dialect's root */
	gpointer state;
	char *root;        /* the file's outermost */
	gboolean envelope; /* it is the one of invoices */
	guint unread;      /* documents in it behind the first */

	guint line; /* of the element that began or ended last */
	guint depth, elements, namespaces;
	guint spaces_at[DEPTH_MAX + 1]; /* namespaces declared at a depth */
	gsize path_at[DEPTH_MAX + 1];   /* path's length outside a depth */
	GString *path, *text;
	gboolean leaf;
	gboolean kept; /* any of the attributes */
	char *attributes[G_N_ELEMENTS(wanted)];
	/* the namespace asked for last, whose name stays where it is, and
	 * whether it is one of the dialect */
	const char *space;
	gboolean inside;

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
pl_xml_attribute(struct pl_xml *xml, const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (strcmp(name, wanted[i]) == 0)
			return xml->attributes[i];
	return NULL;
}

/* The first problem stands; the parser stops at it. */
static void G_GNUC_PRINTF(2, 3)
    stop(struct pl_xml *xml, const char *format, ...)
{
	if (xml->problem == NULL) {
		va_list arguments;

		va_start(arguments, format);
		xml->problem = g_strdup_vprintf(format, arguments);
		va_end(arguments);
	}
	xmlStopParser(xml->parser);
}

static void
limit(struct pl_xml *xml, const char *reason, int most, const char *what)
{
	if (xml->problem == NULL)
		xml->limited = TRUE;
	stop(xml, "%s %d %s", reason, most, what);
}

void
pl_xml_fail(struct pl_xml *xml, const char *reason)
{
	if (xml->problem == NULL)
		xml->limited = TRUE;
	stop(xml, "%s", reason);
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
	return xml->path->str + 1;
}

static void
find_dialect(
    struct pl_xml *xml, const char *name, const char *space, gboolean foreign)
{
	if (space == NULL)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(dialects); i++) {
		const struct pl_xml_dialect *dialect = dialects[i];

		if (strcmp(name, dialect->root) != 0 ||
		    !g_str_has_prefix(space, dialect->space) ||
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
root_seen(struct pl_xml *xml, const char *name, const char *space)
{
	if (xml->depth == 1) {
		xml->root = g_strdup(name);
		xml->envelope = strcmp(name, envelope_root) == 0 &&
				g_strcmp0(space, envelope_space) == 0;
		find_dialect(xml, name, space, FALSE);
	} else if (xml->depth <= ENVELOPE_DEPTH_MAX && xml->root_depth == 0) {
		find_dialect(
		    xml, name, space, !xml->envelope || xml->depth > 2);
	}
}

static gboolean
is_root(const char *name, const char *space)
{
	for (guint i = 0; i < G_N_ELEMENTS(dialects); i++)
		if (strcmp(name, dialects[i]->root) == 0 && space != NULL &&
		    g_str_has_prefix(space, dialects[i]->space))
			return TRUE;
	return FALSE;
}

/* An envelope may have several messages of a bank. */
static void
root_again(struct pl_xml *xml, const char *name, const char *space)
{
	if (xml->envelope && xml->depth == 2 && is_root(name, space))
		xml->unread++;
	if (xml->root_depth == G_MAXUINT && xml->dialect->enveloped &&
	    strcmp(name, xml->dialect->root) == 0 && space != NULL &&
	    g_str_has_prefix(space, xml->dialect->space))
		xml->root_depth = xml->depth;
}

static void
attribute_keep(
    struct pl_xml *xml, const char *name, const char *value, const char *end)
{
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		if (*name != *wanted[i] || strcmp(name, wanted[i]) != 0)
			continue;
		if (xml->attributes[i] == NULL)
			xml->attributes[i] =
			    g_strndup(value, (gsize)(end - value));
		xml->kept = TRUE;
		return;
	}
}

static void
attributes_keep(struct pl_xml *xml, int count, const xmlChar **attributes)
{
	for (guint i = 0; xml->kept && i < G_N_ELEMENTS(wanted); i++)
		g_clear_pointer(&xml->attributes[i], g_free);
	xml->kept = FALSE;
	for (int a = 0; a < count; a++) {
		const char **attribute = (const char **)attributes + 5 * a;

		attribute_keep(xml, attribute[0], attribute[3], attribute[4]);
	}
}

/* Most elements are of the same namespace as the one before. */
static gboolean
is_inside(struct pl_xml *xml, const char *space)
{
	if (space != xml->space || space == NULL) {
		xml->space = space;
		xml->inside = space != NULL &&
			      g_str_has_prefix(space, xml->dialect->inside);
	}
	return xml->inside;
}

static guint
line_now(const struct pl_xml *xml)
{
	return xml->parser != NULL && xml->parser->input != NULL
		   ? (guint)MAX(xml->parser->input->line, 1)
		   : 1;
}

static gboolean
inside_limits(struct pl_xml *xml, int namespaces, int attributes)
{
	if (xml->depth > DEPTH_MAX)
		limit(xml, "elements nested deeper than", DEPTH_MAX, "levels");
	else if (++xml->elements > ELEMENTS_MAX)
		limit(xml, "more than", ELEMENTS_MAX, "elements");
	else if (attributes > ATTRIBUTES_MAX)
		limit(xml, "more than", ATTRIBUTES_MAX, "attributes");
	else if (xml->namespaces + (guint)namespaces > NAMESPACES_MAX)
		limit(xml, "more than", NAMESPACES_MAX, "namespaces");
	return xml->problem == NULL;
}

static void
start_element(void *data, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int n_namespaces, const xmlChar **namespaces,
    int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	struct pl_xml *xml = data;
	const char *name = (const char *)local;
	const char *space = (const char *)uri;

	(void)prefix, (void)namespaces, (void)n_defaulted;
	xml->depth++;
	xml->line = line_now(xml);
	if (!inside_limits(xml, n_namespaces, n_attributes))
		return;
	xml->namespaces += (guint)n_namespaces;
	xml->spaces_at[xml->depth] = (guint)n_namespaces;
	xml->leaf = TRUE;
	if (xml->dialect == NULL) {
		root_seen(xml, name, space);
		return;
	}
	if (xml->depth <= xml->root_depth) {
		root_again(xml, name, space);
		return;
	}
	xml->path_at[xml->depth] = xml->path->len;
	g_string_append_c(xml->path, '/');
	if (is_inside(xml, space) && strlen(name) <= NAME_LENGTH_MAX)
		g_string_append(xml->path, name);
	else
		g_string_append_c(xml->path, '?');
	g_string_truncate(xml->text, 0);
	attributes_keep(xml, n_attributes, attributes);
	xml->dialect->open(xml, path_below(xml));
}

static void
end_element(
    void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct pl_xml *xml = data;

	(void)local, (void)prefix, (void)uri;
	xml->line = line_now(xml);
	if (xml->problem != NULL || xml->depth == 0)
		return;
	if (xml->dialect != NULL && xml->depth > xml->root_depth &&
	    xml->path->len > 0) {
		if (xml->embedding != NULL)
			embed_end(xml);
		xml->dialect->close(
		    xml, path_below(xml), xml->leaf ? xml->text->str : "");
		g_string_truncate(xml->path, xml->path_at[xml->depth]);
	}
	if (xml->depth == xml->root_depth)
		xml->root_depth = G_MAXUINT; /* the document is over */
	xml->leaf = FALSE;
	xml->namespaces -= xml->spaces_at[xml->depth];
	xml->depth--;
}

static void
characters(void *data, const xmlChar *text, int length)
{
	struct pl_xml *xml = data;

	if (xml->problem != NULL || !xml->leaf || xml->path->len == 0)
		return;
	if (xml->embedding != NULL)
		embed_decode(xml, (const char *)text, (gsize)length);
	else if (xml->text->len + (gsize)length <= TEXT_MAX)
		g_string_append_len(xml->text, (const char *)text, length);
}

/* ---- document types: nothing of them is used */

static xmlEntityPtr
no_entity(void *data, const xmlChar *name)
{
	(void)data, (void)name;
	return NULL;
}

static void
entity_used(void *data, const xmlChar *name)
{
	stop(data, "uses the entity \"%.60s\", which is not expanded",
	    (const char *)name);
}

/* Defaults would be added to every element by libxml2 itself. */
static void
attribute_declared(void *data, const xmlChar *element, const xmlChar *name,
    int type, int def, const xmlChar *value, xmlEnumerationPtr values)
{
	(void)element, (void)name, (void)type, (void)def;
	xmlFreeEnumeration(values);
	if (value != NULL)
		stop(data, "declares default attributes in a document type");
}

static void
parse_error(void *data, xmlErrorPtr error)
{
	struct pl_xml *xml = data;

	if (error->level != XML_ERR_FATAL || xml->problem != NULL)
		return;

	g_autofree char *message = g_strdup(error->message);

	stop(xml, "line %d: %.200s", error->line, g_strchomp(message));
}

/* ---- the parser's view of the bytes */

static int
read_bytes(void *data, char *buffer, int length)
{
	struct pl_xml *xml = data;
	gsize count = MIN((gsize)length, (gsize)(xml->end - xml->next));

	if (xml->problem != NULL)
		return 0;
	if (xml->parser != NULL && xmlDictSize(xml->parser->dict) > NAMES_MAX) {
		xml->problem =
		    g_strdup_printf("more than %d different names", NAMES_MAX);
		xml->limited = TRUE;
		return 0;
	}
	memcpy(buffer, xml->next, count);
	xml->next += count;
	return (int)count;
}

static void
parse(struct pl_xml *xml, gboolean ignore_declared_encoding)
{
	xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.characters = characters,
		.cdataBlock = characters,
		.ignorableWhitespace = characters,
		.getEntity = no_entity,
		.getParameterEntity = no_entity,
		.reference = entity_used,
		.attributeDecl = attribute_declared,
		.serror = parse_error,
	};

	xml->parser = xmlCreateIOParserCtxt(
	    &handler, xml, read_bytes, NULL, xml, XML_CHAR_ENCODING_NONE);
	if (xml->parser == NULL) {
		xml->problem = g_strdup("no memory for the XML parser");
		return;
	}
	xmlCtxtUseOptions(xml->parser,
	    XML_PARSE_NONET |
		(ignore_declared_encoding ? XML_PARSE_IGNORE_ENC : 0));
	xmlParseDocument(xml->parser);
	if (xml->problem == NULL && !xml->parser->wellFormed)
		xml->problem = g_strdup("not well-formed");
	g_clear_pointer(&xml->parser, xmlFreeParserCtxt);
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
	g_string_free(xml->path, TRUE);
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
	struct pl_xml xml = { .facts = facts };
	struct pl_xmltext text;
	gboolean read = FALSE;

	if (pl_xmltext_find(&text, bytes, length)) {
		xml.next = text.text;
		xml.end = text.text + text.length;
		xml.path = g_string_new(NULL);
		xml.text = g_string_new(NULL);
		xml.problem = pl_xmltext_refuse(&text, &xml.limited);
		if (xml.problem == NULL)
			parse(&xml, text.ignore_declared);
		read = conclude(&xml, text.text, text.length);
		clear(&xml);
	}
	g_free(text.owned);
	return read;
}
